// SPDX-License-Identifier: Apache-2.0
/*
 * One request from its head to its reply, as whoever answers it sees it. While
 * it waits for them its connection is suspended: nothing is read from it, and
 * it costs no thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/http/engine/failure.h"
#include "gateway/http/engine/multipart.h"
#include "gateway/http/engine/reply.h"
#include "gateway/http/engine/route.h"
#include "gateway/http/engine/websocket.h"

struct exchange;
struct http_conf;

/* What a {name} of its path stands for; "" where there is none. */
const char *exchange_param(const struct exchange *exchange, const char *name);

/* The object that came, whole, of a route of ROUTE_BODY_JSON; it lives as long
 * as the exchange. */
const json_t *exchange_object(const struct exchange *exchange);

/* What has whatever is answered said in another way. */
struct exchange_adapter {
	/* body may be NULL; the callee's, and what it leaves is the
	 * exchange's. */
	void (*adapt)(void *arg, unsigned int *status, json_t **body);
	void (*gone)(void *arg); /* as exchange_stream's */
	void *arg;
};

/* Once in an exchange; it is copied. */
void exchange_set_adapter(struct exchange *exchange,
    const struct exchange_adapter *adapter);

/* Its arg; NULL: there is none. */
void *exchange_adapter_arg(const struct exchange *exchange);

/*
 * The end of a route->answer: another, which what was asked for has chosen,
 * answers. Its input is read from the object, which lives as long as the
 * exchange, and {id} is what it is in its pattern; "" = it has none.
 */
void exchange_go_on_by(struct exchange *exchange, const struct route *route,
    const json_t *object, const char *id);

/* Whether {id} of its route is a sandbox's, ".../sandboxes/{id}...". */
bool exchange_is_of_sandbox(const struct exchange *exchange);

/* Has a {name} that the route has stand for something else. */
void exchange_set_param(struct exchange *exchange, const char *name,
    const char *value);

/* NAME of the query ?NAME=value, decoded; "" where it is absent. */
const char *exchange_query(const struct exchange *exchange, const char *name);

/* A header of the request, NULL where it is absent. */
const char *exchange_header(const struct exchange *exchange,
    const char *name);

/* Each header whose name begins so, without regard to case; each() returns
 * whether it wants the next. Its texts live as long as the request. */
void exchange_each_header(const struct exchange *exchange, const char *prefix,
    bool (*each)(void *arg, const char *name, const char *value), void *arg);

const struct route *exchange_route(const struct exchange *exchange);

/* Of the server that it came to. */
const struct http_conf *exchange_conf(const struct exchange *exchange);

/* Its own among all requests there were: of replies and of lines of the log. */
const char *exchange_id(const struct exchange *exchange);

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
 * What this request may be by whoever asks, of server_identify before its end;
 * 0 = no limit beside the host's. A body that is larger is 413; at the end of
 * the time, which began with the head, 408 is said to who has not sent the body
 * yet, 504 to who waits, and a reply that goes on, or a WebSocket, is cut.
 */
struct exchange_limits {
	uint64_t body_max_bytes, time_max_ms;
};
void exchange_set_limits(struct exchange *exchange,
    const struct exchange_limits *limits);

/*
 * The end of server_identify: `who` is handed to server_release when the
 * exchange is over.
 */
void exchange_identified(struct exchange *exchange, void *who);

/* The end of server_explain: the better words, or NULL: there are none. */
void exchange_explained(struct exchange *exchange, const struct err *err);

/* Whether a reply's body is not wanted. */
bool exchange_is_head(const struct exchange *exchange);

/*
 * What a route that streams gives the engine, which keeps nothing of it whole.
 * While either side waits for the other the connection is suspended.
 */
struct exchange_stream {
	/* Bytes of the request's body: how many it took. Fewer: no more come
	 * until exchange_proceed. */
	size_t (*take)(void *arg, const void *data, size_t size);
	/* The body is whole. */
	void (*end)(void *arg);
	/* The reply's next bytes: how many; 0: none until exchange_proceed;
	 * -EAGAIN: none before others had their turn; -ENODATA: that was all;
	 * another -errno: the reply is cut. */
	ssize_t (*give)(void *arg, void *data, size_t size);
	/* The exchange is over, whatever became of it; called once, and
	 * nothing after it. */
	void (*gone)(void *arg);
	void *arg;
};

/* Has the engine use it from now on; it is copied. Once in an exchange, but for
 * who is gone already and whose place it takes. */
void exchange_set_stream(struct exchange *exchange,
    const struct exchange_stream *stream);

/*
 * What a route of ROUTE_BODY_MULTIPART gives the engine. After a part's
 * beginning and its end nothing comes until exchange_proceed.
 */
struct exchange_parts {
	void (*part)(void *arg, const struct multipart_part *part);
	/* Bytes of it, as exchange_stream's. */
	size_t (*take)(void *arg, const void *data, size_t size);
	void (*part_end)(void *arg);
	/* There are no more, and the body is whole. */
	void (*end)(void *arg);
	void (*gone)(void *arg); /* as exchange_stream's */
	void *arg;
};

/* Of ROUTE_BODY_STREAM_OR_MULTIPART: whether it comes in parts. */
bool exchange_has_parts(const struct exchange *exchange);

/* In place of exchange_set_stream. */
void exchange_set_parts(struct exchange *exchange,
    const struct exchange_parts *parts);

/* A body that is taken as it comes is wanted. Until then, or until the exchange
 * is answered, a client that asked whether to send it waits. */
void exchange_accept(struct exchange *exchange);

/* What was waited for, room or bytes, is there. May call the stream. */
void exchange_proceed(struct exchange *exchange);

/*
 * What is answered may come as the last of several server-sent events, for a
 * client that takes those: `tick` is called every_ms until it is answered, and
 * may have events added. Where none is, the reply is what it would be. Once in
 * an exchange. -ENOMEM.
 */
int exchange_allow_events(struct exchange *exchange, uint64_t every_ms,
    void (*tick)(void *arg), void *arg);

/* One more before the answer; takes over event (NULL: out of memory). It is
 * left out where that is decided, or the client does not keep up. */
void exchange_add_event(struct exchange *exchange, json_t *event);

/* A header of the reply; the name is static, a value is cut at
 * REPLY_VALUE_SIZE. At most REPLY_HEADERS_MAX. */
void exchange_add_header(struct exchange *exchange, const char *name,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * The end of route->answer, one of those below. Takes over body (NULL: out of
 * memory, or nothing under status 202, 204 or 304) and fd.
 */
void exchange_reply(struct exchange *exchange, unsigned int status,
    json_t *body);
void exchange_reply_file(struct exchange *exchange, const char *media_type,
    int fd, uint64_t n_bytes);
/*
 * Of stream->give, of a reply whose n_bytes are known: gives what comes by a
 * stream socket that does not block, without a copy where that can be. What
 * give returns then, but 0 is the end of the socket, and -EAGAIN: none yet.
 */
ssize_t exchange_pour(struct exchange *exchange, int from_fd, void *data,
    size_t size);
/* What stream->give gives, of n_bytes or REPLY_UNKNOWN. */
void exchange_reply_stream(struct exchange *exchange, unsigned int status,
    const char *media_type, uint64_t n_bytes);
/*
 * ROUTE_BODY_UPGRADE: the connection becomes a WebSocket, which `opened` is
 * given: the exchange goes on until that is over, and the stream is gone then.
 * It lives as long as the exchange; client->ended is the engine's.
 */
void exchange_reply_websocket(struct exchange *exchange,
    void (*opened)(void *arg, struct websocket *websocket),
    const struct websocket_client *client);
void exchange_fail(struct exchange *exchange, const struct failure *failure);

/*
 * The same for an errno with words; where these begin with the name of a field
 * of the route's and ": ", as those of other processes do, it is about that.
 */
void exchange_fail_err(struct exchange *exchange, const struct err *err);

/* The end of what has nothing to tell: 204, or that failure; err may be NULL.
 * It is what services call as it is, arg being the exchange. */
void exchange_done(void *arg, const struct err *err);
