// SPDX-License-Identifier: Apache-2.0
/*
 * The system calls a sandbox has: an allow-list, compiled once and loaded by
 * every init before it drops its capabilities; all it starts inherit it.
 * Anything else is ENOSYS, and calls that programs probe for are EPERM.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

struct seccomp_filter {
	struct sock_filter *instructions; /* owned */
	unsigned short n;
	bool is_asking; /* of statfs(2), a listener is asked */
};

struct seccomp_wish {
	bool are_cores_piped; /* the limit of core dumps cannot be changed */
	bool is_nesting; /* with namespaces, and what is done in them: mounts;
			  * and nobody is asked of statfs(2), as another's
			  * file system could keep who answers waiting */
};

/* Compiles the list for this machine's architecture. About 20 ms. */
int seccomp_filter_build(struct seccomp_wish wish, struct seccomp_filter *ret,
    struct err *err);

/*
 * Compiles what a nesting sandbox has beside its list, as a filter of its own:
 * no packet filters of network namespaces, whose parsers take bytes of whoever
 * is root there. Loaded before the other.
 */
int seccomp_filter_build_nested(struct seccomp_filter *ret, struct err *err);
void seccomp_filter_free(struct seccomp_filter *filter);

/*
 * Loads it into the calling process, without no_new_privs (sudo is to work);
 * that takes CAP_SYS_ADMIN over its user namespace. *ret_listener_fd, unless
 * NULL: where one is_asking, the descriptor by which it asks
 * (seccomp_unotify(2)), close-on-exec; else it is left alone.
 */
int seccomp_filter_load(const struct seccomp_filter *filter,
    int *ret_listener_fd, struct err *err);
