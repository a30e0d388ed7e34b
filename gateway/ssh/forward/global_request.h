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

#include "gateway/ssh/turn.h"

#define GLOBAL_REQUESTS_MAX 256 /* unanswered; one more ends the connection */

struct global_request;

struct global_requests {
	struct turn *turn;
	struct global_request *first;
	uint32_t n;
};

/*
 * Puts a request behind those that wait. NULL where there are too many or no
 * memory: then the connection is ended.
 */
struct global_request *global_request_append(struct global_requests *queue,
    bool wants_reply);

/*
 * Grants with a payload of `size` bytes (copied), or refuses; sends what is
 * due. The request is gone afterwards. May be called at once.
 */
void global_request_grant(struct global_requests *queue,
    struct global_request *request, const void *payload, size_t size);
void global_request_refuse(struct global_requests *queue,
    struct global_request *request);
