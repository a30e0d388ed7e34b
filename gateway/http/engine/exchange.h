// SPDX-License-Identifier: Apache-2.0
/*
 * One request from its head to its reply, as whoever answers it sees it. While
 * it waits for them its connection is suspended: nothing is read from it, and
 * it costs no thread.
 */
#pragma once

#include <stddef.h>

#include "gateway/http/engine/failure.h"
#include "gateway/http/engine/reply.h"
#include "gateway/http/engine/route.h"

struct exchange;

/* What a {name} of its path stands for; "" where there is none. */
const char *exchange_param(const struct exchange *exchange, const char *name);

/* NAME of the query ?NAME=value, decoded; "" where it is absent. */
const char *exchange_query(const struct exchange *exchange, const char *name);

/* A header of the request, NULL where it is absent. */
const char *exchange_header(const struct exchange *exchange,
    const char *name);

const struct route *exchange_route(const struct exchange *exchange);

/* The struct of route->input, checked; it lives as long as the exchange. */
const void *exchange_input(const struct exchange *exchange);

/* Zeroed memory that lives as long as the exchange, one at a time: what it was
 * given before is freed. NULL: out of memory. */
void *exchange_memory(struct exchange *exchange, size_t size);

/* Whom exchange_identified named; NULL on a public route. */
void *exchange_who(const struct exchange *exchange);

/* The connection, where it is a Unix socket; else -1. */
int exchange_peer_fd(const struct exchange *exchange);

/* What is kept as long as the client is connected: server_identify's own. */
void **exchange_kept(const struct exchange *exchange);

/*
 * The end of server_identify: `who` is handed to server_release when the
 * exchange is over.
 */
void exchange_identified(struct exchange *exchange, void *who);

/*
 * The end of route->answer, one of these. Takes over body (NULL: out of memory,
 * or nothing under status 204) and fd.
 */
void exchange_reply(struct exchange *exchange, unsigned int status,
    json_t *body);
void exchange_reply_file(struct exchange *exchange, const char *media_type,
    int fd, uint64_t n_bytes);
void exchange_fail(struct exchange *exchange, const struct failure *failure);

/*
 * The same for an errno with words; where these begin with the name of a field
 * of the route's and ": ", as those of other processes do, it is about that.
 */
void exchange_fail_err(struct exchange *exchange, const struct err *err);
