// SPDX-License-Identifier: Apache-2.0
/*
 * The jail of a process that reads bytes from the network: an empty root
 * directory, an unprivileged user, resource limits and an allow-list of system
 * calls. Everything that needs the file system happens before jail_enter.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "common/err.h"

/* What a row does with a call of its own; every other call kills. */
enum jail_action {
	JAIL_ALLOW,
	JAIL_ALLOW_MASKED, /* if (argument & mask) == value */
	JAIL_REFUSE,	   /* fails with the errno in value */
};

/*
 * One row of a table of system calls. `number` is SCMP_SYS(name) or __NR_name;
 * several JAIL_ALLOW_MASKED rows of one call are alternatives.
 */
struct jail_call {
	int number;
	enum jail_action action;
	unsigned int argument; /* which one is compared, from 0 */
	uint64_t mask, value;
};

/* setrlimit(2): soft and hard limit alike, which is never raised; `value` is in
 * the resource's unit. None has core files or locked memory anyway. */
struct jail_limit {
	int resource;
	rlim_t value;
};

/* A compiled allow-list: struct sock_filter[n], owned. */
struct jail_filter {
	void *code;
	size_t n;
};

struct jail {
	const char *run_dir; /* whose "empty" is the root directory */
	const char *root_dir; /* another in its place; NULL = none */
	const char *user;    /* not root */
	const struct jail_limit *limits;
	size_t n_limits;
	/* Of private memory; not in sanitizers' builds, which map terabytes. */
	rlim_t data_max_bytes;
	/* Of a file it writes; not where the log is a plain one, which has to
	 * grow. NULL = no limit. */
	const rlim_t *file_max_bytes;
	const struct jail_call *calls; /* compiled, as by jail_filter_build */
	size_t n_calls;
};

/*
 * Compiles the table; calls outside it kill the process and are logged by the
 * kernel. What the sanitizers need is added in such builds. Several hundred
 * microseconds: once, at the start. Free with jail_filter_free.
 */
int jail_filter_build(const struct jail_call *calls, size_t n_calls,
    struct jail_filter *ret, struct err *err);
void jail_filter_free(struct jail_filter *filter);

/*
 * Loads a compiled filter on top of those in force (a process can only lose
 * calls). Needs no_new_privs, which jail_enter sets, and prctl or seccomp.
 */
int jail_filter_load(const struct jail_filter *filter, struct err *err);

/*
 * Compiles the filter, and locks the calling process in, in this order: root
 * directory, groups, user, no_new_privs, not dumpable, limits, filter. Root's
 * to call, once, with one thread. After an error the process is half in: exit.
 */
int jail_enter(const struct jail *jail, struct err *err);
