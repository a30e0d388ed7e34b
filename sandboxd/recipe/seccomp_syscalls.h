// SPDX-License-Identifier: Apache-2.0
/* The two lists of seccomp.c; each ends with NULL. */
#pragma once

/* Allowed whatever the arguments. */
extern const char *const seccomp_allowed[];

/* EPERM instead of ENOSYS: programs ask and go on without. */
extern const char *const seccomp_refused[];
