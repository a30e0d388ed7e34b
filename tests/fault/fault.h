// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a scenario in which each allocation and each system call fails once, in
 * turn. The linker puts fault.c in front of them (--wrap, for our own objects);
 * libraries are given fault_malloc and its like by the test, where they take
 * them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Runs the scenario without a failure, and then with the k-th call failing for
 * k = 1, 2, ... until none is left; once with each call's error, once with
 * every call from the k-th on failing (of many k, some), and once with EINTR
 * where that can be. A crash, a run of more than 10 s, or memory or descriptors
 * left behind end the test, with the name of the call. The scenario cleans up
 * after itself.
 */
void fault_run(const char *name, void (*scenario)(void));

/* Whether a call failed in this run so far: what the scenario may then not
 * expect to succeed. */
bool fault_happened(void);

/* No call fails from here on, in this run: to look at what is left. */
void fault_stop(void);

/* While it is spared, no call fails or is counted: what a scenario itself does
 * around what it is about. Nor do calls of other threads, ever. */
void fault_spare(bool is_spared);

/* For a call that a library is given a function for: whether it is to fail,
 * with errno set. `errno_number` is its error; 0 = ENOMEM. */
bool fault_due(const char *call, int errno_number, bool is_interruptible);

/* malloc(3) and its like, which fail in their turn. */
void *fault_malloc(size_t size);
void *fault_realloc(void *p, size_t size);
