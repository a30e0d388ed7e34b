// SPDX-License-Identifier: Apache-2.0
/* The lists of seccomp.c; each ends with NULL. */
#pragma once

/* Allowed whatever the arguments. */
extern const char *const seccomp_allowed[];

/* Allowed too where sandboxes nest, and else among those below: each needs a
 * capability over the namespace it changes. */
extern const char *const seccomp_nesting[];

/* Where sandboxes nest these are ENOSYS, without which container runtimes do
 * well, and not among those below: EPERM ends them. */
extern const char *const seccomp_keys[];

/* EPERM instead of ENOSYS: programs ask and go on without. */
extern const char *const seccomp_refused[];
