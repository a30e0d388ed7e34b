// SPDX-License-Identifier: Apache-2.0
/*
 * HTTP on one listening socket: reads requests within limits, has somebody find
 * out who asks, has the route answer. All of it in one loop; the first code
 * that reads what an API client sent, so it runs in the jail.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"
#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/loop.h"
#include "gateway/settings/http_conf.h"

#define SERVER_CONNECTION_BYTES (32 * 1024) /* bounds a request's head */

struct server;

struct server_options {
	struct loop *loop;
	int listen_fd; /* taken over */
	bool is_unix;  /* exchange_peer_fd tells whose it is */
	int news_fd;   /* -1, or it speaks TLS (engine/doorway.h) */
	const struct http_conf *conf;
	const struct dialect *const *dialects;
	size_t n_dialects;

	/*
	 * Finds out who asks on a route that is not public: ends, now or later,
	 * in exchange_identified or exchange_fail.
	 */
	void (*identify)(void *arg, struct exchange *exchange);
	void (*release)(void *who); /* an exchange is done with them */
	void (*forget)(void *kept); /* the client has left; may be NULL */
	/*
	 * Whether somebody is asked in what better words a request is refused
	 * than that there is no such thing, before its reply: ends, later, in
	 * exchange_explained. May be NULL.
	 */
	bool (*explain)(void *arg, struct exchange *exchange);
	/* What the names in a path stood for, as it is spelt inside; may be
	 * NULL. */
	void (*read_params)(struct route_params *params);
	/* "org=x user=y", for the log. */
	const char *(*describe)(const void *who);
	void *arg;
};

/* *options is copied; what it points to must outlive the server. */
int server_new(const struct server_options *options, struct server **ret,
    struct err *err);

/* Ends every exchange of `who`, as exchange_identified has it, that streams. */
void server_end_for_good(struct server *server, const void *who);

/* Takes nothing new, and turns the loop until requests under way are over. */
void server_free(struct server *server);
