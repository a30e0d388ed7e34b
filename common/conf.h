// SPDX-License-Identifier: Apache-2.0
/*
 * Configuration files in INI form, read into a struct through a table of keys:
 * each row knows its type, limits, unit and one line of help, so that the
 * reader, the error messages and the manual page cannot disagree.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define CONF_STRING_SIZE 256

enum conf_type {
	CONF_STRING, /* char[CONF_STRING_SIZE] */
	CONF_U64,    /* uint64_t; plain decimal */
	CONF_SIZE,   /* uint64_t bytes; decimal with an optional K, M, G or T */
	CONF_SECONDS, /* uint64_t seconds; decimal, or with s, m, h or d */
	CONF_BOOL,   /* bool; yes or no */
};

struct conf_key {
	const char *section;
	const char *name;
	enum conf_type type;
	size_t offset;       /* of the field in the caller's struct */
	const char *initial; /* the default, written as in the file */
	uint64_t min, max;   /* numbers only */
	const char *unit;    /* "" where there is none */
	const char *text;    /* one line of help */
};

/*
 * Sets every field of *ret to its default, then reads the file at path over
 * them; a missing file is an error unless path is NULL. Unknown keys of the
 * table's own sections, bad values and values out of range are errors that
 * name file, line, key and what is allowed. Sections the table does not know
 * belong to other programs and are skipped.
 */
int conf_read(const struct conf_key *keys, size_t n_keys, const char *path,
    void *ret, struct err *err);
