// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/inflater.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#define BLOCK_BYTES 65536
#define GZIP_WINDOW (15 + 16) /* the largest; with gzip's head alone */

struct inflater {
	z_stream stream;
	bool is_whole; /* so far: at the end of a member */
	unsigned char block[BLOCK_BYTES];
};

int
inflater_new(struct inflater **ret, struct err *err)
{
	struct inflater *inflater = calloc(1, sizeof *inflater);

	if (inflater == NULL || inflateInit2(&inflater->stream, GZIP_WINDOW) !=
	    Z_OK) {
		free(inflater);
		return err_set(err, ENOMEM, "out of memory");
	}
	*ret = inflater;
	return 0;
}

void
inflater_free(struct inflater *inflater)
{
	if (inflater == NULL)
		return;
	(void)inflateEnd(&inflater->stream);
	free(inflater);
}

/* One block of what comes; whether there may be more of it. */
static int
inflate_block(struct inflater *inflater, size_t *ret_size, bool *ret_more,
    struct err *err)
{
	z_stream *stream = &inflater->stream;
	int r;

	if (inflater->is_whole && inflateReset(stream) != Z_OK)
		return err_set(err, EINVAL, "gzip: it cannot go on");
	inflater->is_whole = false;
	stream->next_out = inflater->block;
	stream->avail_out = sizeof inflater->block;
	r = inflate(stream, Z_NO_FLUSH);
	if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
		return err_set(err, r == Z_MEM_ERROR ? ENOMEM : EINVAL,
		    "gzip: %.100s", stream->msg != NULL ? stream->msg :
		    "the bytes are none of it");
	inflater->is_whole = r == Z_STREAM_END;
	*ret_size = sizeof inflater->block - stream->avail_out;
	*ret_more = stream->avail_in > 0 ||
	    (r == Z_OK && stream->avail_out == 0);
	return 0;
}

int
inflater_take(struct inflater *inflater, const void *data, size_t size,
    int (*put)(void *arg, const void *data, size_t size, struct err *err),
    void *arg, struct err *err)
{
	bool is_more = size > 0;
	size_t n = 0;
	int r = 0;

	inflater->stream.next_in = (unsigned char *)(uintptr_t)data;
	inflater->stream.avail_in = (uInt)size;
	while (r == 0 && is_more) {
		r = inflate_block(inflater, &n, &is_more, err);
		if (r == 0 && n > 0)
			r = put(arg, inflater->block, n, err);
	}
	return r;
}

int
inflater_end(const struct inflater *inflater, struct err *err)
{
	return inflater->is_whole ? 0 : err_set(err, EINVAL, "gzip: it ends "
	    "in the middle");
}
