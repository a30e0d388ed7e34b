// SPDX-License-Identifier: Apache-2.0
/* What those who answer a request see of it, and how they answer. */
#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "common/log.h"
#include "gateway/http/engine/clients.h"
#include "gateway/http/engine/exchange_of.h"
#include "gateway/http/engine/field.h"

const char *
exchange_param(const struct exchange *exchange, const char *name)
{
	return route_param(&exchange->params, name);
}

bool
exchange_is_of_sandbox(const struct exchange *exchange)
{
	return exchange->route != NULL &&
	    strstr(exchange->route->pattern, "/sandboxes/{id}") != NULL;
}

void
exchange_set_param(struct exchange *exchange, const char *name,
    const char *value)
{
	struct route_params *params = &exchange->params;

	for (size_t i = 0; i < params->n; i++)
		if (strcmp(params->rows[i].name, name) == 0)
			snprintf(params->rows[i].value,
			    sizeof params->rows[i].value, "%s", value);
}

const char *
exchange_query(const struct exchange *exchange, const char *name)
{
	const char *value = MHD_lookup_connection_value(exchange->connection,
	    MHD_GET_ARGUMENT_KIND, name);

	return value != NULL ? value : "";
}

const char *
exchange_header(const struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection,
	    MHD_HEADER_KIND, name);
}

struct headers {
	const char *prefix;
	bool (*each)(void *arg, const char *name, const char *value);
	void *arg;
};

static enum MHD_Result
on_header(void *arg, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	const struct headers *headers = arg;

	(void)kind;
	return strncasecmp(name, headers->prefix, strlen(headers->prefix)) !=
	    0 || headers->each(headers->arg, name, value != NULL ? value :
	    "") ? MHD_YES : MHD_NO;
}

void
exchange_each_header(const struct exchange *exchange, const char *prefix,
    bool (*each)(void *arg, const char *name, const char *value), void *arg)
{
	struct headers headers = {prefix, each, arg};

	MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND,
	    on_header, &headers);
}

const struct route *
exchange_route(const struct exchange *exchange)
{
	return exchange->route;
}

const struct http_conf *
exchange_conf(const struct exchange *exchange)
{
	return exchange->options->conf;
}

const char *
exchange_id(const struct exchange *exchange)
{
	return exchange->id;
}

const void *
exchange_input(const struct exchange *exchange)
{
	return exchange->input;
}

void *
exchange_memory(struct exchange *exchange, size_t size)
{
	free(exchange->memory);
	exchange->memory = calloc(1, size);
	return exchange->memory;
}

void *
exchange_who(const struct exchange *exchange)
{
	return exchange->who;
}

int
exchange_peer_fd(const struct exchange *exchange)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return exchange->options->is_unix && info != NULL ? info->connect_fd :
	    -1;
}

struct client *
exchange_client(const struct exchange *exchange)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    exchange->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

void **
exchange_kept(const struct exchange *exchange)
{
	return client_kept(exchange_client(exchange));
}

void
exchange_unwatch(struct exchange *exchange)
{
	if (exchange->is_watched)
		loop_remove(exchange->options->loop, &exchange->hangup);
	exchange->is_watched = false;
}

/* Nobody answers any more in this call: the loop goes on without it. */
void
exchange_suspend(struct exchange *exchange)
{
	exchange->is_suspended = true;
	exchange->turns->n_suspended++;
	MHD_suspend_connection(exchange->connection);
}

/* Who was waited for has answered. */
void
exchange_wake(struct exchange *exchange)
{
	if (exchange->state == EXCHANGE_IDENTIFYING)
		exchange->state = EXCHANGE_IDENTIFIED;
	if (exchange->state == EXCHANGE_OPENING)
		exchange->state = EXCHANGE_OPENED;
	exchange_unwatch(exchange);
	if (!exchange->is_suspended)
		return;
	exchange->is_suspended = false;
	exchange->turns->n_suspended--;
	MHD_resume_connection(exchange->connection);
	loop_set_timer(exchange->options->loop, &exchange->turns->due, 0);
}

void
exchange_identified(struct exchange *exchange, void *who)
{
	exchange->who = who;
	exchange_wake(exchange);
}

/* What is answered first counts: a stream may fail after it. */
static void
decide(struct exchange *exchange, unsigned int status, json_t *body)
{
	if ((exchange->reply.status != 0 && !exchange_has_events(exchange)) ||
	    exchange->is_explaining) {
		json_decref(body);
		return;
	}
	exchange_adapt(exchange, &status, &body);
	if (exchange_ends_events(exchange, body))
		return;
	exchange->reply.status = status;
	exchange->reply.body = body;
	exchange_wake(exchange);
}

void
exchange_reply(struct exchange *exchange, unsigned int status, json_t *body)
{
	const struct err err = {ENOMEM, "out of memory"};

	if (body == NULL && status != MHD_HTTP_ACCEPTED &&
	    status != MHD_HTTP_NO_CONTENT &&
	    status != MHD_HTTP_NOT_MODIFIED) {
		exchange_fail_err(exchange, &err);
		return;
	}
	decide(exchange, status, body);
}

void
exchange_reply_file(struct exchange *exchange, const char *media_type, int fd,
    uint64_t n_bytes)
{
	exchange->reply.media_type = media_type;
	exchange->reply.file_fd = fd;
	exchange->reply.n_bytes = n_bytes;
	decide(exchange, MHD_HTTP_OK, NULL);
}

bool
exchange_is_head(const struct exchange *exchange)
{
	return exchange->is_head;
}

void
exchange_set_stream(struct exchange *exchange,
    const struct exchange_stream *stream)
{
	exchange->stream = *stream;
}

void
exchange_accept(struct exchange *exchange)
{
	exchange_wake(exchange);
}

void
exchange_proceed(struct exchange *exchange)
{
	exchange->is_part_waiting = false;
	/* Not what waits for its answer, or to be opened. */
	if (exchange->reply.give != NULL || exchange->state == EXCHANGE_BODY)
		exchange_wake(exchange);
}

void
exchange_add_header(struct exchange *exchange, const char *name,
    const char *fmt, ...)
{
	struct reply *reply = &exchange->reply;
	struct reply_header *header = &reply->headers[reply->n_headers];
	va_list ap;

	if (reply->n_headers == REPLY_HEADERS_MAX)
		return;
	header->name = name;
	va_start(ap, fmt);
	vsnprintf(header->value, sizeof header->value, fmt, ap);
	va_end(ap);
	reply->n_headers++;
}

/*
 * The library does not look at a connection that is suspended: whether its
 * client hung up, nobody would know before there is something to send.
 */
static void
on_hangup(struct loop_watch *watch, uint32_t events)
{
	struct exchange *exchange = (struct exchange *)((char *)watch -
	    offsetof(struct exchange, hangup));

	(void)events;
	exchange->is_hung_up = true;
	exchange_wake(exchange);
}

static void
watch(struct exchange *exchange)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	exchange->hangup = (struct loop_watch){info->connect_fd, on_hangup};
	exchange->is_watched = loop_add(exchange->options->loop,
	    &exchange->hangup, EPOLLRDHUP) == 0;
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct exchange *exchange = arg;
	ssize_t n;

	if (exchange->is_hung_up)
		return -EPIPE;
	n = exchange_has_events(exchange) ?
	    exchange_take_events(exchange, data, size) :
	    exchange->stream.give(exchange->stream.arg, data, size);
	if (n == 0) {
		exchange_suspend(exchange);
		watch(exchange);
	}
	/* The library asks again when it has been round. */
	return n != -EAGAIN ? n : 0;
}

static void
set_stream(struct exchange *exchange, const char *media_type,
    uint64_t n_bytes)
{
	exchange->reply.media_type = media_type;
	exchange->reply.n_bytes = n_bytes;
	exchange->reply.give = give;
	exchange->reply.give_arg = exchange;
	exchange->reply.is_unchunked = exchange->is_head &&
	    n_bytes == REPLY_UNKNOWN;
}

void
exchange_reply_stream(struct exchange *exchange, unsigned int status,
    const char *media_type, uint64_t n_bytes)
{
	set_stream(exchange, media_type, n_bytes);
	decide(exchange, status, NULL);
}

void
exchange_open_stream(struct exchange *exchange, const char *media_type)
{
	set_stream(exchange, media_type, REPLY_UNKNOWN);
	exchange->reply.status = MHD_HTTP_OK;
	exchange_wake(exchange);
}

void
exchange_fail(struct exchange *exchange, const struct failure *failure)
{
	const struct dialect *dialect = exchange->dialect;
	struct failure said = *failure;
	json_t *body;

	said.request_id = exchange->id;
	if (dialect->adapt_failure != NULL)
		dialect->adapt_failure(&said);
	body = dialect->failure_to_json(&said);
	if (body == NULL) { /* words that are not UTF-8, or no memory */
		snprintf(said.message, sizeof said.message, "%s", said.code);
		said.field[0] = '\0';
		body = dialect->failure_to_json(&said);
	}
	if (said.retry_s > 0)
		exchange_add_header(exchange, MHD_HTTP_HEADER_RETRY_AFTER,
		    "%u", said.retry_s);
	decide(exchange, said.status, body);
}

static bool
has_query(const struct route *route, const char *name)
{
	for (size_t i = 0; i < ROUTE_QUERIES_MAX; i++)
		if (route->queries[i].name != NULL &&
		    strcmp(route->queries[i].name, name) == 0)
			return true;
	return false;
}

/* Not while its body comes: that may not be held up by what is no answer. */
static bool
is_explained_later(struct exchange *exchange, const struct err *err)
{
	const struct server_options *options = exchange->options;

	if (err->code != ENOENT || exchange->is_explained ||
	    options->explain == NULL || exchange->reply.status != 0 ||
	    exchange_is_streaming(exchange))
		return exchange->is_explaining;
	exchange->refusal = *err;
	exchange->is_explained = exchange->is_explaining = true;
	if (!options->explain(options->arg, exchange))
		exchange->is_explaining = false;
	return exchange->is_explaining;
}

void
exchange_explained(struct exchange *exchange, const struct err *err)
{
	exchange->is_explaining = false;
	exchange_fail_err(exchange, err != NULL ? err : &exchange->refusal);
}

void
exchange_fail_err(struct exchange *exchange, const struct err *err)
{
	const struct route *route = exchange->route;
	const struct server_options *options = exchange->options;
	size_t n = strcspn(err->text, ":");
	struct failure failure;

	if (exchange_is_late(exchange, err))
		return;
	if (is_explained_later(exchange, err))
		return;
	failure_from_err(&failure, err);
	if (failure.status == 400 && n < sizeof failure.field) {
		memcpy(failure.field, err->text, n);
		failure.field[n] = '\0';
		if (route == NULL || (!field_has(route->input,
		    failure.field) && !has_query(route, failure.field)))
			failure.field[0] = '\0';
	}
	if (failure.status >= 500 && route != NULL)
		log_error("%s %s failed: %s status=%u request=%s %s",
		    route->method, route->pattern, err->text, failure.status,
		    exchange->id, exchange->who != NULL ?
		    options->describe(exchange->who) : "");
	exchange_fail(exchange, &failure);
}

void
exchange_done(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, MHD_HTTP_NO_CONTENT, NULL);
}
