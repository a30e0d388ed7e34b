// SPDX-License-Identifier: Apache-2.0
/* Bytes on their way out, while whoever made them may have to be held. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* With this many, more should not be made: a bound on what is ever here
 * beside one piece of it. */
#define OUTBOX_ENOUGH 65536

/* Zeroed, it is empty. */
struct outbox {
	char *data;
	size_t start, end, room;
};

void outbox_fini(struct outbox *outbox);

/* 0 or -ENOMEM. */
int outbox_add(struct outbox *outbox, const void *data, size_t size);

/* Moves the first of them to data; how many, at most size. */
size_t outbox_take(struct outbox *outbox, void *data, size_t size);

static inline size_t
outbox_size(const struct outbox *outbox)
{
	return outbox->end - outbox->start;
}

static inline bool
outbox_is_full(const struct outbox *outbox)
{
	return outbox_size(outbox) >= OUTBOX_ENOUGH;
}
