// SPDX-License-Identifier: Apache-2.0
/*
 * Global requests (RFC 4254, section 4) that wait for the sandbox. Answers
 * carry no number: a client takes them in the order of its requests, so every
 * request that comes behind one that waits, waits too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/ssh/libssh/packet_fields.h"

#define GLOBAL_REQUESTS_MAX 256 /* unanswered; one more ends the connection */

struct session;
struct global_request;

struct global_requests {
	struct global_request *first;
	uint32_t n;
};

/*
 * The packet watch's hook: takes the request and returns true, or leaves it to
 * libssh. `rest` is what follows want_reply.
 */
bool global_request_take(void *session, const char *name, bool wants_reply,
    struct packet_reader *rest);

/*
 * Grants with a payload of `size` bytes (copied), or refuses; sends what is
 * due. The request is gone afterwards. May be called before its take function
 * returns.
 */
void global_request_grant(struct session *session,
    struct global_request *request, const void *payload, size_t size);
void global_request_refuse(struct session *session,
    struct global_request *request);
