// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/exchange.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/log.h"
#include "common/parse.h"
#include "gateway/http/engine/clients.h"
#include "gateway/http/engine/exchange_of.h"
#include "gateway/http/engine/field.h"
#include "gateway/http/engine/intake.h"

#define BODY_FIRST_BYTES 4096

struct exchange *
exchange_new(const struct server_options *options,
    struct MHD_Connection *connection, struct exchange_turns *turns)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);

	if (exchange == NULL)
		return NULL;
	exchange->options = options;
	exchange->connection = connection;
	exchange->turns = turns;
	exchange->dialect = options->dialects[0];
	reply_init(&exchange->reply);
	return exchange;
}

void
exchange_free(struct exchange *exchange)
{
	if (exchange->who != NULL)
		exchange->options->release(exchange->who);
	if (exchange->input != NULL)
		field_fini(exchange->route->input, exchange->input);
	json_decref(exchange->object);
	reply_fini(&exchange->reply);
	free(exchange->memory);
	free(exchange->input);
	free(exchange->body);
	free(exchange);
}

const char *
exchange_param(const struct exchange *exchange, const char *name)
{
	return route_param(&exchange->params, name);
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

const struct route *
exchange_route(const struct exchange *exchange)
{
	return exchange->route;
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

static struct client *
client_of(const struct exchange *exchange)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    exchange->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

void **
exchange_kept(const struct exchange *exchange)
{
	return client_kept(client_of(exchange));
}

/* Who was waited for has answered. */
static void
wake(struct exchange *exchange)
{
	if (exchange->state == EXCHANGE_IDENTIFYING)
		exchange->state = EXCHANGE_IDENTIFIED;
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
	wake(exchange);
}

static void
decide(struct exchange *exchange, unsigned int status, json_t *body)
{
	json_decref(exchange->reply.body);
	exchange->reply.status = status;
	exchange->reply.body = body;
}

void
exchange_reply(struct exchange *exchange, unsigned int status, json_t *body)
{
	const struct err err = {ENOMEM, "out of memory"};

	if (body == NULL && status != MHD_HTTP_NO_CONTENT) {
		exchange_fail_err(exchange, &err);
		return;
	}
	decide(exchange, status, body);
	wake(exchange);
}

void
exchange_reply_file(struct exchange *exchange, const char *media_type, int fd,
    uint64_t n_bytes)
{
	exchange->reply.file_type = media_type;
	exchange->reply.file_fd = fd;
	exchange->reply.file_bytes = n_bytes;
	decide(exchange, MHD_HTTP_OK, NULL);
	wake(exchange);
}

void
exchange_fail(struct exchange *exchange, const struct failure *failure)
{
	json_t *body = exchange->dialect->failure_to_json(failure);
	struct failure wordless = *failure;

	if (body == NULL) { /* words that are not UTF-8, or no memory */
		snprintf(wordless.message, sizeof wordless.message, "%s",
		    failure->code);
		wordless.field[0] = '\0';
		body = exchange->dialect->failure_to_json(&wordless);
	}
	decide(exchange, failure->status, body);
	wake(exchange);
}

void
exchange_fail_err(struct exchange *exchange, const struct err *err)
{
	const struct route *route = exchange->route;
	const struct server_options *options = exchange->options;
	size_t n = strcspn(err->text, ":");
	struct failure failure;

	failure_from_err(&failure, err);
	if (failure.status == 400 && n < sizeof failure.field) {
		memcpy(failure.field, err->text, n);
		failure.field[n] = '\0';
		if (route == NULL || !field_has_path(route->input,
		    failure.field))
			failure.field[0] = '\0';
	}
	if (failure.status >= 500 && route != NULL)
		log_error("%s %s failed: %s status=%u %s", route->method,
		    route->pattern, err->text, failure.status,
		    exchange->who != NULL ? options->describe(exchange->who) :
		    "");
	exchange_fail(exchange, &failure);
}

/* Nobody answers any more in this call: the loop goes on without it. */
static void
suspend(struct exchange *exchange)
{
	exchange->is_suspended = true;
	exchange->turns->n_suspended++;
	MHD_suspend_connection(exchange->connection);
}

/* Decides 404 and 405; 0 where there is a route. */
static int
find_route(struct exchange *exchange, const char *method, const char *path)
{
	struct failure failure;
	int r;

	exchange->dialect = route_find_dialect(exchange->options->dialects,
	    exchange->options->n_dialects, path);
	r = route_find(exchange->dialect, method, path, &exchange->route,
	    &exchange->params, exchange->reply.allow);
	if (r == -ENOENT)
		failure_set(&failure, 404, "not_found", NULL,
		    "there is nothing at this path");
	if (r == -EPERM)
		failure_set(&failure, 405, "method_not_allowed", NULL,
		    "allowed here: %s", exchange->reply.allow);
	if (r < 0)
		exchange_fail(exchange, &failure);
	return r;
}

static void
refuse_size(struct exchange *exchange)
{
	struct failure failure;

	failure_set(&failure, 413, "too_large", NULL,
	    "the body is too large");
	exchange_fail(exchange, &failure);
}

/* Decides 413 by the announced length, and 415. */
static void
check_body_headers(struct exchange *exchange, bool *ret_is_huge)
{
	static const char json_type[] = "application/json";
	const char *length = exchange_header(exchange,
	    MHD_HTTP_HEADER_CONTENT_LENGTH);
	const char *type = exchange_header(exchange,
	    MHD_HTTP_HEADER_CONTENT_TYPE);
	const size_t n = sizeof json_type - 1;
	struct failure failure;
	uint64_t bytes = 0;

	if (length != NULL && (parse_u64(length, &bytes) < 0 ||
	    bytes > exchange->options->conf->request_max_bytes)) {
		*ret_is_huge = true;
		refuse_size(exchange);
		return;
	}
	if ((bytes > 0 || exchange_header(exchange,
	    MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL) &&
	    (type == NULL || strncasecmp(type, json_type, n) != 0 ||
	    strchr("; \t", type[n]) == NULL)) {
		failure_set(&failure, 415, "unsupported_type", NULL,
		    "the body must be application/json");
		exchange_fail(exchange, &failure);
	}
}

/*
 * What is refused already is said at once only to a client that waits for
 * 100-continue or would send too much: others are let finish, so that their
 * connection stays usable and the reply is not lost to a reset.
 */
static int
end_head(struct exchange *exchange)
{
	bool is_huge = false;

	exchange->state = EXCHANGE_BODY;
	if (exchange->reply.status == 0)
		check_body_headers(exchange, &is_huge);
	if (exchange->reply.status != 0 && (is_huge ||
	    exchange_header(exchange, MHD_HTTP_HEADER_EXPECT) != NULL))
		return reply_send(&exchange->reply, exchange->connection);
	return 0;
}

/* Where the bytes do not say one thing to everybody, nothing follows them. */
static void
refuse_framing(struct exchange *exchange, const char *problem)
{
	struct failure failure;

	failure_set(&failure, 400, "invalid_argument", NULL, "%s", problem);
	exchange->reply.is_last = true;
	exchange_fail(exchange, &failure);
}

int
exchange_begin(struct exchange *exchange, const char *method,
    const char *path)
{
	const char *problem = intake_begin(client_intake(client_of(exchange)));

	if (problem != NULL) {
		refuse_framing(exchange, problem);
		return reply_send(&exchange->reply, exchange->connection);
	}
	if (find_route(exchange, method, path) == 0 &&
	    !exchange->route->is_public) {
		exchange->state = EXCHANGE_IDENTIFYING;
		exchange->options->identify(exchange->options->arg, exchange);
		if (exchange->state == EXCHANGE_IDENTIFYING) {
			suspend(exchange);
			return 0;
		}
	}
	return end_head(exchange);
}

int
exchange_go_on(struct exchange *exchange)
{
	return end_head(exchange);
}

int
exchange_take_body(struct exchange *exchange, const char *data, size_t size)
{
	size_t max = exchange->options->conf->request_max_bytes;
	size_t total = exchange->body_size + size;
	size_t room = exchange->body_room;
	char *grown;

	exchange->body_size = total;
	if (total > 2 * max)
		return -EMSGSIZE; /* sends on and on: nobody to talk to */
	if (exchange->reply.status != 0)
		return 0;
	if (total > max) {
		refuse_size(exchange);
		return 0;
	}
	if (total > room) {
		if (room == 0)
			room = BODY_FIRST_BYTES;
		while (room < total)
			room *= 2;
		grown = realloc(exchange->body, room);
		if (grown == NULL)
			return -ENOMEM;
		exchange->body = grown;
		exchange->body_room = room;
	}
	memcpy(exchange->body + total - size, data, size);
	return 0;
}

/* Reads the body by the route's table. */
static int
read_body(struct exchange *exchange, struct failure *failure)
{
	const struct field_table *input = exchange->route->input;
	int r = field_parse(exchange->body, exchange->body_size,
	    &exchange->object, failure);

	free(exchange->body);
	exchange->body = NULL;
	if (r < 0 || input == NULL)
		return r;
	exchange->input = calloc(1, input->struct_size);
	if (exchange->input == NULL)
		return failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	return field_read(input, exchange->object, exchange->input, failure);
}

int
exchange_end(struct exchange *exchange)
{
	const char *problem = intake_problem(
	    client_intake(client_of(exchange)));
	struct failure failure;

	if (problem != NULL)
		refuse_framing(exchange, problem);
	if (exchange->reply.status == 0) {
		exchange->state = EXCHANGE_ANSWERING;
		if (read_body(exchange, &failure) < 0)
			exchange_fail(exchange, &failure);
		else
			exchange->route->answer(exchange);
	}
	if (exchange->reply.status != 0)
		return reply_send(&exchange->reply, exchange->connection);
	suspend(exchange);
	return 0;
}
