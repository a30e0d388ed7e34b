// SPDX-License-Identifier: Apache-2.0
/*
 * An answer's head, as a program in a sandbox wrote it, and the head that the
 * client is sent in its place. Pure.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "gateway/proxy/head.h"

#define ANSWER_HEAD_MAX (32 * 1024) /* of what is read */
#define ANSWER_MADE_MAX (ANSWER_HEAD_MAX + 4096)
#define ANSWER_TRAILERS_MAX 8192

enum answer_body {
	ANSWER_NONE,
	ANSWER_LENGTH, /* that long */
	ANSWER_CHUNKS,
	ANSWER_UNTIL_END, /* of the connection */
};

struct answer {
	unsigned int status;
	enum answer_body body; /* of a GET */
	uint64_t length;
	bool is_interim; /* 1xx but 101: another head follows */
	bool is_last;	 /* the program closes the connection after it */
};

/* What it is passed on with. */
struct answer_terms {
	struct text prefix; /* of paths that lead here; "" = none */
	struct text cookie; /* a preview's token that is to be kept; "" */
	bool is_secure;	    /* the client sees https */
	bool is_closing;    /* the connection is closed after it */
};

/* NULL, or what is wrong with it: static words. */
const char *answer_read(const struct head *head, struct answer *ret);

/*
 * How many bytes of trailers are before the empty line that ends a body in
 * chunks; whoever passes it on may leave them out (RFC 9110 section 6.5.1).
 * -EAGAIN: it has not all come; -EMSGSIZE: more than ANSWER_TRAILERS_MAX.
 */
ssize_t answer_trailers(const char *data, size_t size);

/* The new head, at most ANSWER_MADE_MAX bytes; its size, or 0 where it has no
 * room. */
size_t answer_make(const struct head *head, const struct answer *answer,
    const struct answer_terms *terms, char *ret);
