// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 4096

void
outbox_fini(struct outbox *outbox)
{
	free(outbox->data);
	*outbox = (struct outbox){0};
}

static int
grow(struct outbox *outbox, size_t size)
{
	size_t room = outbox->room > 0 ? outbox->room : FIRST_BYTES;
	char *grown;

	while (room < size)
		room *= 2;
	grown = realloc(outbox->data, room);
	if (grown == NULL)
		return -ENOMEM;
	outbox->data = grown;
	outbox->room = room;
	return 0;
}

int
outbox_add(struct outbox *outbox, const void *data, size_t size)
{
	size_t used = outbox_size(outbox);

	if (size == 0)
		return 0;
	if (outbox->end + size > outbox->room && outbox->start > 0) {
		memmove(outbox->data, outbox->data + outbox->start, used);
		outbox->start = 0;
		outbox->end = used;
	}
	if (outbox->end + size > outbox->room &&
	    grow(outbox, outbox->end + size) < 0)
		return -ENOMEM;
	memcpy(outbox->data + outbox->end, data, size);
	outbox->end += size;
	return 0;
}

size_t
outbox_take(struct outbox *outbox, void *data, size_t size)
{
	size_t used = outbox_size(outbox), n = size < used ? size : used;

	if (n == 0)
		return 0;
	memcpy(data, outbox->data + outbox->start, n);
	outbox->start += n;
	if (outbox->start == outbox->end)
		outbox->start = outbox->end = 0;
	return n;
}
