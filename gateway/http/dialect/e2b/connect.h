// SPDX-License-Identifier: Apache-2.0
/*
 * The Connect protocol (connectrpc.com/docs/protocol) as far as its JSON goes:
 * enveloped messages of streams, and its names for failures. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "gateway/http/engine/failure.h"

#define CONNECT_HEAD_SIZE   5 /* flags, and a length of four bytes */
#define CONNECT_MESSAGE_MAX ((size_t)1 << 20)
#define CONNECT_MEDIA	    "application/connect+json"

enum connect_flag {
	CONNECT_COMPRESSED = 1 << 0,
	CONNECT_END = 1 << 1 /* the last message of a reply */
};

/*
 * The one message that a request consists of; *ret points into data. -EINVAL
 * with words: it is compressed, cut, longer than CONNECT_MESSAGE_MAX, or not
 * the only one.
 */
int connect_unwrap(const void *data, size_t size, const char **ret,
    size_t *ret_size, struct err *err);

/* What stands before a message of so many bytes. */
void connect_put_head(uint8_t ret[CONNECT_HEAD_SIZE], unsigned int flags,
    uint32_t size);

/* What a failure is called, and the HTTP status that goes with that word where
 * one thing is asked and one answered. */
const char *connect_code(const struct failure *failure);
unsigned int connect_status(const char *code);
