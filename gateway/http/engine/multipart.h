// SPDX-License-Identifier: Apache-2.0
/*
 * A multipart/form-data body (RFC 7578), read strictly and as it comes. Whoever
 * reads may stop at any byte and between any two parts, so that nothing has to
 * be kept while a part's taker waits: MHD_PostProcessor takes all that it is
 * given, tells of no part's end, and leaves names as they were written. Pure:
 * it makes no call, and of a body keeps one part's headers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define MULTIPART_BOUNDARY_MAX 70    /* characters; RFC 2046 */
#define MULTIPART_HEAD_MAX     16384 /* bytes of a part's headers */

enum multipart_event {
	MULTIPART_MORE,	    /* none, until more bytes come */
	MULTIPART_PART,	    /* one begins: multipart->part */
	MULTIPART_BYTES,    /* of it: multipart->bytes; then multipart_take */
	MULTIPART_PART_END,
	MULTIPART_END, /* of all of them; what follows is dropped */
	MULTIPART_BAD, /* multipart->problem; for good */
	N_MULTIPART_EVENT
};

/* What a part's headers say, until its end. */
struct multipart_part {
	const char *name;     /* NULL = there is none */
	const char *filename; /* the same; decoded */
	const char *content_type; /* the same; as it came */
};

struct multipart {
	struct multipart_part part;
	struct {
		const char *data;
		size_t size;
	} bytes;
	const char *problem; /* static */

	/* What follows is multipart.c's. */
	int state;
	char delimiter[MULTIPART_BOUNDARY_MAX + 5];
	size_t delimiter_size, matched;
	size_t owed, n_owed; /* bytes that were almost a delimiter */
	char head[MULTIPART_HEAD_MAX + 1];
	size_t head_size;
};

/* For a body of this Content-Type. NULL, or what is wrong with that. */
const char *multipart_init(struct multipart *multipart,
    const char *content_type);

/* The next event in the bytes that come next, of which *ret_used are done with;
 * of MULTIPART_BYTES none yet. */
enum multipart_event multipart_next(struct multipart *multipart,
    const char *data, size_t size, size_t *ret_used);

/* The first n of multipart->bytes are done with: how many of the bytes given
 * to multipart_next are, thereby. */
size_t multipart_take(struct multipart *multipart, size_t n);

/* Whether the body may end here. */
bool multipart_is_whole(const struct multipart *multipart);
