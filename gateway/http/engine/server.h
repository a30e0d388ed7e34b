// SPDX-License-Identifier: Apache-2.0
/*
 * HTTP on one listening socket: reads requests within limits, finds out who
 * asks, has the route answer. A thread a connection; the first code that
 * reads what an API client sent, so it runs in the jail.
 */
#pragma once

#include <stdbool.h>

#include "common/err.h"
#include "gateway/settings/http_conf.h"

/* Of each connection, which has a thread of its own. */
#define SERVER_STACK_BYTES	(512 * 1024)
#define SERVER_CONNECTION_BYTES (32 * 1024) /* bounds a request's head */

struct mux;
struct endpoint;
struct server;

struct server_options {
	int listen_fd; /* taken over */
	bool is_unix;  /* peers without a token are known by credentials */
	const struct http_conf *conf;
	struct mux *broker;
	struct endpoint *endpoint;
};

/*
 * Serves until server_free, which waits for requests under way. *options is
 * copied, what it points to must outlive the server.
 */
int server_new(const struct server_options *options, struct server **ret,
    struct err *err);
void server_free(struct server *server);
