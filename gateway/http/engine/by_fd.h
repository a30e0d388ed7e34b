// SPDX-License-Identifier: Apache-2.0
/* What there is of each descriptor, for the calls of a library that has nothing
 * else to go by. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Zeroed, it is empty. */
struct by_fd {
	void **rows;
	size_t n;
};

/* Has room for fd; false: no memory, or it is none. */
static inline bool
by_fd_make_room(struct by_fd *table, int fd)
{
	size_t n = 2 * ((size_t)fd + 1);
	void **grown;

	if (fd < 0)
		return false;
	if ((size_t)fd < table->n)
		return true;
	grown = reallocarray(table->rows, n, sizeof *grown);
	if (grown == NULL)
		return false;
	memset(grown + table->n, 0, (n - table->n) * sizeof *grown);
	table->rows = grown;
	table->n = n;
	return true;
}

/* Of a descriptor that there is room for; NULL = nothing. */
static inline void
by_fd_set(struct by_fd *table, int fd, void *row)
{
	table->rows[fd] = row;
}

/* Of any. */
static inline void *
by_fd_get(const struct by_fd *table, int fd)
{
	return fd >= 0 && (size_t)fd < table->n ? table->rows[fd] : NULL;
}
