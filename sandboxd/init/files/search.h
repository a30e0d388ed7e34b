// SPDX-License-Identifier: Apache-2.0
/* What is called so in a folder, and what says so in its files. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

/* As common/inside.def has them. */
struct search {
	const char *path, *name, *text;
	uint32_t flags, limit;
	/* The search itself begins: there is a folder, and what to look for. */
	void (*begin)(void *arg);
	/* Of each match: 0, or what ends the search. */
	int (*tell)(void *arg, const char *name, mode_t mode, uint64_t line,
	    const void *text, size_t size);
	void *arg;
};

/* 0 or -errno with words: E2BIG and ETIME where there may be more. The
 * process's memory and time are limited from then on. */
int search_folder(const struct search *search, struct err *err);
