// SPDX-License-Identifier: Apache-2.0
/*
 * Where a request begins and ends (RFC 9112 sections 2 to 7), read strictly
 * and before libmicrohttpd sees a byte: what a proxy in front of it may read
 * otherwise is refused, since who gets the two to disagree has smuggled a
 * request past the proxy. Pure: it keeps no bytes and makes no call.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMING_HEAD_MAX 16384 /* bytes of a request's line and headers */

enum framing_state {
	FRAMING_HEAD,
	FRAMING_BODY,	    /* of an announced length */
	FRAMING_CHUNK_SIZE, /* a line */
	FRAMING_CHUNK,
	FRAMING_CHUNK_END,  /* the line end after it */
	FRAMING_LAST,	    /* the one after the last */
	N_FRAMING_STATE
};

/* Zeroed, it is at the beginning of a connection. */
struct framing {
	enum framing_state state;
	size_t looked;	     /* bytes of a head that has no end yet */
	uint64_t left;	     /* bytes of the body or chunk to come */
	uint64_t n_requests; /* heads that were passed on */
	const char *problem; /* why nothing more is; static; NULL = none */
};

/*
 * How many of the bytes that come next may be passed on: whole heads, whole
 * lines between chunks, and what there is of bodies. Of a rest it has to be
 * called again, with what comes after; it is FRAMING_HEAD_MAX bytes at most.
 * Where framing->problem is set, that rest is never passed on.
 */
size_t framing_take(struct framing *framing, const char *data, size_t size);

/*
 * The same of one part of it alone: a head, a line, or what there is of a body;
 * 0 where it is not whole. What comes after a head is framing->state's. Who
 * sets that to FRAMING_BODY (and `left`) or FRAMING_CHUNK_SIZE reads a body so;
 * at its end it is FRAMING_HEAD.
 */
size_t framing_take_one(struct framing *framing, const char *data,
    size_t size);

/* How many bytes may be passed on without being looked at. */
uint64_t framing_free_bytes(const struct framing *framing);

/* That many of them were. */
void framing_skip(struct framing *framing, size_t size);

/*
 * Where there is a problem: what to pass on in place of the rest, so that the
 * reader is at the end of a request and can say what the problem is. It counts
 * as one where it is a head of its own.
 */
const char *framing_close(struct framing *framing);
