// SPDX-License-Identifier: Apache-2.0
/*
 * Both directions of an SFTP channel to the onlooker of recordings. The input
 * is pieces: a byte whose top bit says whose bytes follow and whose others say
 * how many, then those.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/ssh/record/sftp_watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every byte told is read, so that none lies beyond what there is. */
static void
take(void *arg, const struct sftp_event *event)
{
	size_t *sum = arg;

	for (size_t i = 0; i < event->path.size; i++)
		*sum += event->path.data[i];
	for (size_t i = 0; i < event->target.size; i++)
		*sum += event->target.data[i];
	assert(strlen(event->detail) < sizeof event->detail);
	*sum += strlen(event->name) + strlen(event->result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t sum = 0;
	struct sftp_watch *watch = sftp_watch_new(take, &sum);

	assert(watch != NULL);
	while (size > 0) {
		size_t n = data[0] & 0x7f;
		bool is_from_client = (data[0] & 0x80) == 0;
		uint8_t *piece;

		data++;
		size--;
		if (n > size)
			n = size;
		/* Its own allocation, so that a read past it is found. */
		piece = malloc(n + 1);
		assert(piece != NULL);
		if (n > 0)
			memcpy(piece, data, n);
		if (sftp_watch_feed(watch, is_from_client, piece, n) < 0)
			size = n;
		free(piece);
		data += n;
		size -= n;
	}
	sftp_watch_end(watch);
	sftp_watch_free(watch);
	return 0;
}
