// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <sodium.h>
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
#include "gateway/http/engine/outlet.h"

#define BODY_FIRST_BYTES 4096

/* A random number of this process's, and how many there were before. */
static void
make_id(char ret[EXCHANGE_ID_SIZE])
{
	static uint64_t mine, n;

	if (n == 0)
		randombytes_buf(&mine, sizeof mine);
	snprintf(ret, EXCHANGE_ID_SIZE, "req_%016" PRIx64 "%08" PRIx64, mine,
	    n++);
}

struct exchange *
exchange_new(const struct server_options *options,
    struct MHD_Connection *connection, struct exchange_turns *turns)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);

	if (exchange == NULL)
		return NULL;
	make_id(exchange->id);
	exchange->options = options;
	exchange->connection = connection;
	exchange->turns = turns;
	exchange->dialect = options->dialects[0];
	reply_init(&exchange->reply);
	exchange->reply.request_id = exchange->id;
	exchange_limits_init(exchange);
	LIST_INSERT_HEAD(&turns->all, exchange, link);
	return exchange;
}

void
exchange_free(struct exchange *exchange)
{
	LIST_REMOVE(exchange, link);
	exchange_limits_fini(exchange);
	exchange_unwatch(exchange);
	if (exchange->stream.gone != NULL)
		exchange->stream.gone(exchange->stream.arg);
	exchange_events_free(exchange);
	websocket_free(exchange->websocket);
	if (exchange->adapter.gone != NULL)
		exchange->adapter.gone(exchange->adapter.arg);
	if (exchange->who != NULL)
		exchange->options->release(exchange->who);
	if (exchange->input != NULL)
		field_fini(exchange->route->input, exchange->input);
	json_decref(exchange->object);
	reply_fini(&exchange->reply);
	outlet_free(exchange->outlet);
	free(exchange->multipart);
	free(exchange->memory);
	free(exchange->input);
	free(exchange->body);
	free(exchange);
}

/* Decides 404 and 405; 0 where there is a route. */
static int
find_route(struct exchange *exchange, const char *method, const char *path)
{
	const struct server_options *options = exchange->options;
	struct route_found found;
	struct failure failure;
	int r = route_find_among(options->dialects, options->n_dialects,
	    exchange, method, path, &found);

	exchange->dialect = found.dialect;
	exchange->route = found.route;
	exchange->params = found.params;
	memcpy(exchange->reply.allow, found.allow, sizeof found.allow);
	if (r == 0 && found.dialect->add_params != NULL)
		found.dialect->add_params(exchange, &exchange->params);
	if (options->read_params != NULL)
		options->read_params(&exchange->params);
	if (r == -ENOENT)
		failure_set(&failure, 404, "not_found", NULL,
		    "there is nothing at this path%s%s",
		    found.dialect->serves != NULL ? " of " : "",
		    found.dialect->serves != NULL ? found.dialect->serves :
		    "");
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

	failure_set(&failure, 413, "too_large", NULL, "request_max_bytes: this "
	    "host takes a body of at most %" PRIu64 " bytes here",
	    exchange->options->conf->request_max_bytes);
	exchange_fail(exchange, &failure);
}

static bool
is_streamed(const struct exchange *exchange)
{
	return exchange->route != NULL &&
	    (exchange->route->body == ROUTE_BODY_STREAM ||
	    exchange->route->body == ROUTE_BODY_MULTIPART ||
	    exchange->route->body == ROUTE_BODY_STREAM_OR_MULTIPART);
}

static bool
is_in_parts(const struct exchange *exchange)
{
	static const char type[] = "multipart/form-data";
	const char *said = exchange_header(exchange,
	    MHD_HTTP_HEADER_CONTENT_TYPE);

	return exchange->route->body == ROUTE_BODY_MULTIPART ||
	    (exchange->route->body == ROUTE_BODY_STREAM_OR_MULTIPART &&
	    said != NULL && strncasecmp(said, type, sizeof type - 1) == 0);
}

/* Whether more is announced, or may come, than is read and dropped. */
static bool
is_long(const struct exchange *exchange)
{
	const char *length = exchange_header(exchange,
	    MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t bytes = 0;

	if (length == NULL)
		return is_streamed(exchange) && exchange_header(exchange,
		    MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
	return parse_u64(length, &bytes) < 0 ||
	    bytes > exchange->options->conf->request_max_bytes;
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

	if (is_long(exchange)) {
		*ret_is_huge = true;
		refuse_size(exchange);
		return;
	}
	if (length != NULL)
		(void)parse_u64(length, &bytes);
	if ((bytes > 0 || exchange_header(exchange,
	    MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL) &&
	    (type == NULL || strncasecmp(type, json_type, n) != 0 ||
	    strchr("; \t", type[n]) == NULL)) {
		failure_set(&failure, 415, "unsupported_type", NULL,
		    "the body must be application/json");
		exchange_fail(exchange, &failure);
	}
}

bool
exchange_is_streaming(const struct exchange *exchange)
{
	return exchange->state == EXCHANGE_BODY && is_streamed(exchange) &&
	    !exchange->is_said;
}

void
exchange_say_early(struct exchange *exchange)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	exchange->is_said = true;
	reply_send_early(&exchange->reply, info->connect_fd);
	intake_linger(client_intake(exchange_client(exchange)));
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

	if (exchange->reply.status == 0)
		(void)exchange_check_length(exchange);
	if (exchange->reply.status == 0 && is_streamed(exchange) &&
	    exchange->state != EXCHANGE_OPENED) {
		exchange->state = EXCHANGE_OPENING;
		if (!is_in_parts(exchange) ||
		    exchange_begin_parts(exchange) == 0)
			exchange->route->answer(exchange);
		if (exchange->state == EXCHANGE_OPENING) {
			exchange_suspend(exchange);
			return 0;
		}
	}
	exchange->state = EXCHANGE_BODY;
	if (is_streamed(exchange))
		is_huge = is_long(exchange);
	else if (exchange->reply.status == 0)
		check_body_headers(exchange, &is_huge);
	if (exchange->reply.status == 0)
		return 0;
	if (exchange_header(exchange, MHD_HTTP_HEADER_EXPECT) != NULL)
		return reply_send(&exchange->reply, exchange->connection);
	if (is_huge)
		exchange_say_early(exchange);
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
	const char *problem = intake_begin(
	    client_intake(exchange_client(exchange)));

	if (problem != NULL) {
		refuse_framing(exchange, problem);
		return reply_send(&exchange->reply, exchange->connection);
	}
	exchange->is_head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
	if (find_route(exchange, method, path) == 0 &&
	    !exchange->route->is_public) {
		exchange->state = EXCHANGE_IDENTIFYING;
		exchange->options->identify(exchange->options->arg, exchange);
		if (exchange->state == EXCHANGE_IDENTIFYING) {
			exchange_suspend(exchange);
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

static void
take_stream(struct exchange *exchange, const char *data, size_t *size)
{
	const size_t n = exchange->stream.take(exchange->stream.arg, data,
	    *size);

	exchange->n_body_bytes += n;
	*size -= n;
	if (exchange->reply.status != 0) /* the rest is dropped */
		*size = 0;
	if (*size > 0)
		exchange_suspend(exchange);
}

static int
take_whole(struct exchange *exchange, const char *data, size_t size)
{
	size_t max = exchange->options->conf->request_max_bytes;
	size_t total = exchange->body_size + size;
	size_t room = exchange->body_room;
	char *grown;

	exchange->body_size = total;
	if (total > 2 * max) {
		exchange_say_early(exchange);
		return 0;
	}
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

int
exchange_take_body(struct exchange *exchange, const char *data, size_t *size)
{
	int r;

	if (exchange->is_hung_up)
		return -EPIPE;
	if (exchange->reply.status == 0)
		(void)exchange_check_body(exchange, *size);
	if (is_streamed(exchange) && exchange->reply.status == 0) {
		take_stream(exchange, data, size);
		return 0;
	}
	if (!exchange->is_said && is_streamed(exchange) && is_long(exchange))
		exchange_say_early(exchange);
	r = exchange->is_said ? 0 : take_whole(exchange, data, *size);
	*size = 0;
	return r;
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
	    client_intake(exchange_client(exchange)));
	struct failure failure;

	if (exchange->is_said)
		return -EPIPE;
	if (problem != NULL)
		refuse_framing(exchange, problem);
	if (exchange->reply.status == 0) {
		exchange->state = EXCHANGE_ANSWERING;
		if (is_streamed(exchange))
			exchange->stream.end(exchange->stream.arg);
		else if (exchange->route->body == ROUTE_BODY_UPGRADE &&
		    exchange_check_upgrade(exchange) < 0)
			; /* failed */
		else if (read_body(exchange, &failure) < 0)
			exchange_fail(exchange, &failure);
		else
			exchange->route->answer(exchange);
	}
	if (exchange->reply.status != 0)
		return reply_send(&exchange->reply, exchange->connection);
	exchange_suspend(exchange);
	return 0;
}

void
exchange_cut(struct exchange *exchange)
{
	if (exchange->websocket != NULL)
		websocket_close(exchange->websocket, WEBSOCKET_GOING_AWAY,
		    "the service ends");
	if (exchange->is_suspended && (exchange->reply.give != NULL ||
	    exchange_is_streaming(exchange))) {
		exchange->is_hung_up = true;
		exchange_wake(exchange);
	}
}

void
exchange_end_for_good(struct exchange *exchange)
{
	const struct err gone = {EBADF, "what let you in has ended"};
	bool is_replying = exchange->reply.status != 0 &&
	    (exchange->reply.give != NULL || exchange->reply.file_fd >= 0);

	if (is_replying || exchange_is_streaming(exchange)) {
		exchange->is_hung_up = true;
		client_hang_up(exchange_client(exchange));
		exchange_wake(exchange);
	} else if (exchange->reply.status == 0 && !exchange->is_explaining &&
	    exchange->stream.gone != NULL) {
		exchange_fail_err(exchange, &gone);
	}
}
