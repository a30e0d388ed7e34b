// SPDX-License-Identifier: Apache-2.0
/*
 * One file that comes as a whole body, or as a part of one beside a field that
 * says its path: how zwrm's and Sandbase's clients send theirs.
 */
#pragma once

#include <stdint.h>

#include "gateway/http/engine/exchange.h"

#define UPLOAD_MAX_BYTES ((uint64_t)100 << 20)

/* A route's about. */
struct upload_kind {
	unsigned int too_large; /* the status of more than UPLOAD_MAX_BYTES */
	/* Of names without a path, which may also end with a folder's "/";
	 * NULL: a path is a file's. */
	const char *folder;
	/* Answers what is written. */
	void (*reply)(struct exchange *exchange, const char *path,
	    uint64_t n_bytes, const char *sha256);
};

/* Of ROUTE_BODY_STREAM_OR_MULTIPART; about is an upload_kind. */
void upload_file(struct exchange *exchange);
