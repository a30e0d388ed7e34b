// SPDX-License-Identifier: Apache-2.0
/*
 * What a zygote does all its life: for each order of the broker (handover.h)
 * it forks, and the child becomes what was ordered.
 */
#pragma once

#include <stddef.h>

#include "common/err.h"

struct orders {
	void *order; /* room for one */
	size_t order_size;
	size_t n_fds; /* that come with one */
	/* The child's part, with the descriptors, which are its own, SIGCHLD as
	 * it was born with, and the zygote's jail. Does not return. */
	void (*become)(const struct orders *orders, const int *fds);
	/* Says that there will be no child; NULL = nobody waits for one. */
	void (*fail)(const int *fds);
	const void *arg; /* for `become` */
};

/*
 * Forks for each order on fd until it reaches end of file: 0 then, or -errno.
 * An order that is none is logged; children are reaped by the kernel, as nobody
 * asks here how they ended.
 */
int orders_serve(const struct orders *orders, int fd, struct err *err);
