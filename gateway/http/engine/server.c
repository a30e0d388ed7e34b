// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/parse.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/engine/clients.h"
#include "gateway/http/engine/framing.h"
#include "gateway/http/engine/input.h"
#include "gateway/http/engine/routes.h"

#define BODY_FIRST_BYTES 4096
#define FILE_BLOCK_BYTES 32768

struct server {
	struct server_options options;
	struct clients *clients;
	struct MHD_Daemon *daemon;
};

/* One request on its way: born with its head, gone with its reply. */
struct exchange {
	struct request request;
	struct reply reply; /* status 0: not decided yet */
	const struct route *route;
	char *body;
	size_t body_size, body_room;
	bool is_last; /* on its connection */
};

static void
exchange_free(struct exchange *exchange)
{
	fd_close(&exchange->request.capability_fd);
	json_decref((json_t *)(uintptr_t)exchange->request.body);
	json_decref(exchange->reply.body);
	fd_close(&exchange->reply.file_fd);
	free(exchange->body);
	free(exchange);
}

static const char *
header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* Decides 404 and 405; 0 where there is a route. */
static int
find_route(struct exchange *exchange, const char *method, const char *path)
{
	char words[64 + sizeof exchange->reply.allow];
	int r = routes_find(&routes_native, method, path, &exchange->route,
	    exchange->request.param, exchange->reply.allow);

	if (r == -ENOENT)
		reply_set_failure(&exchange->reply, 404, "not_found", NULL,
		    "there is nothing at this path");
	if (r == -EPERM) {
		snprintf(words, sizeof words, "allowed here: %s",
		    exchange->reply.allow);
		reply_set_failure(&exchange->reply, 405, "method_not_allowed",
		    NULL, words);
	}
	return r;
}

static int
authenticate(struct server *server, struct exchange *exchange,
    struct MHD_Connection *connection)
{
	const struct server_options *options = &server->options;
	const union MHD_ConnectionInfo *info = NULL;
	struct err err = {0};
	const char *token = identity_find_token(
	    header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
	    header(connection, "X-API-Key"));
	int r;

	if (options->is_unix)
		info = MHD_get_connection_info(connection,
		    MHD_CONNECTION_INFO_CONNECTION_FD);
	r = identity_claim(&exchange->request, token,
	    info != NULL ? info->connect_fd : -1,
	    options->conf->call_timeout_s * 1000, &err);
	if (r == -EACCES)
		err.code = EBADF; /* not known at all: 401, not 403 */
	if (r < 0)
		reply_set_error(&exchange->reply, &err);
	return r;
}

/* Decides 413 by the announced length, and 415. */
static int
check_body_headers(struct server *server, struct exchange *exchange,
    struct MHD_Connection *connection, bool *ret_is_huge)
{
	static const char json_type[] = "application/json";
	const char *length = header(connection,
	    MHD_HTTP_HEADER_CONTENT_LENGTH);
	const char *type = header(connection, MHD_HTTP_HEADER_CONTENT_TYPE);
	const size_t n = sizeof json_type - 1;
	uint64_t bytes = 0;

	if (length != NULL && (parse_u64(length, &bytes) < 0 ||
	    bytes > server->options.conf->request_max_bytes)) {
		*ret_is_huge = true;
		reply_set_failure(&exchange->reply, 413, "too_large", NULL,
		    "the body is too large");
		return -EMSGSIZE;
	}
	if ((bytes > 0 || header(connection,
	    MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL) &&
	    (type == NULL || strncasecmp(type, json_type, n) != 0 ||
	    strchr("; \t", type[n]) == NULL)) {
		reply_set_failure(&exchange->reply, 415, "unsupported_type",
		    NULL, "the body must be application/json");
		return -EINVAL;
	}
	return 0;
}

/* Copies a piece of the body; one that grew too large is decided as 413. */
static int
take_body(struct server *server, struct exchange *exchange, const char *data,
    size_t size)
{
	const struct http_conf *conf = server->options.conf;
	size_t total = exchange->body_size + size;
	size_t room = exchange->body_room;
	char *grown;

	exchange->body_size = total;
	if (total > 2 * conf->request_max_bytes)
		return -EMSGSIZE; /* sends on and on: nobody to talk to */
	if (exchange->reply.status != 0)
		return 0;
	if (total > conf->request_max_bytes) {
		reply_set_failure(&exchange->reply, 413, "too_large", NULL,
		    "the body is too large");
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

/* Has the route answer; errors become replies. */
static void
answer(struct exchange *exchange)
{
	struct err err = {0};
	json_t *body = NULL;
	int r = input_parse(exchange->body, exchange->body_size, &body, &err);

	exchange->request.body = body;
	exchange->request.collection = exchange->route->collection;
	if (r == 0)
		r = exchange->route->answer(&exchange->request,
		    &exchange->reply, &err);
	if (r < 0)
		reply_set_error(&exchange->reply, &err);
	if (exchange->reply.status >= 500)
		log_error("%s %s failed: %s status=%u org=%s user=%s",
		    exchange->route->method, exchange->route->pattern,
		    err.text, exchange->reply.status, exchange->request.org,
		    exchange->request.user);
}

/* The next bytes of a file; they are asked for one after the other. */
static ssize_t
read_file(void *cls, uint64_t offset, char *data, size_t size)
{
	const struct exchange *exchange = cls;
	ssize_t n;

	(void)offset;
	do
		n = read(exchange->reply.file_fd, data, size);
	while (n < 0 && errno == EINTR);
	return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct MHD_Response *
make_response(struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	struct MHD_Response *response;
	char *text = NULL;

	/* Not by the library's own reader of files: it wants pread(2). */
	if (reply->file_type != NULL)
		return MHD_create_response_from_callback(reply->file_bytes,
		    FILE_BLOCK_BYTES, read_file, exchange, NULL);
	if (reply->status != MHD_HTTP_NO_CONTENT) {
		text = json_dumps(reply->body, JSON_COMPACT);
		if (text == NULL)
			return NULL;
	}
	response = MHD_create_response_from_buffer(
	    text != NULL ? strlen(text) : 0, text, text != NULL ?
	    MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		free(text);
	return response;
}

static enum MHD_Result
send_reply(struct exchange *exchange, struct MHD_Connection *connection)
{
	const struct reply *reply = &exchange->reply;
	struct MHD_Response *response = make_response(exchange);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	if (reply->file_type != NULL || reply->status != MHD_HTTP_NO_CONTENT)
		MHD_add_response_header(response,
		    MHD_HTTP_HEADER_CONTENT_TYPE, reply->file_type != NULL ?
		    reply->file_type : "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
	    "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (exchange->is_last)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION,
		    "close");
	if (reply->allow[0] != '\0')
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
		    reply->allow);
	if (reply->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response,
		    MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	result = MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	return result;
}

/*
 * The head is here. What is refused already is said at once only to a client
 * that waits for 100-continue or would send too much: others are let finish,
 * so that their connection stays usable and the reply is not lost to a reset.
 */
static enum MHD_Result
begin(struct server *server, struct MHD_Connection *connection,
    const char *path, const char *method, struct exchange **ret)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);
	struct err err = {0};
	bool is_huge = false;

	if (exchange == NULL)
		return MHD_NO;
	*ret = exchange;
	exchange->request.capability_fd = -1;
	exchange->request.broker = server->options.broker;
	exchange->request.endpoint = server->options.endpoint;
	exchange->request.connection = connection;
	exchange->reply.file_fd = -1;
	if (framing_check(connection, &err) < 0) {
		exchange->is_last = true;
		reply_set_error(&exchange->reply, &err);
		return send_reply(exchange, connection);
	}
	if (find_route(exchange, method, path) == 0 &&
	    (exchange->route->is_public ||
	    authenticate(server, exchange, connection) == 0))
		(void)check_body_headers(server, exchange, connection,
		    &is_huge);
	if (exchange->reply.status != 0 && (is_huge ||
	    header(connection, MHD_HTTP_HEADER_EXPECT) != NULL))
		return send_reply(exchange, connection);
	return MHD_YES;
}

/* NULL where there was no memory for one: its time has no end. */
static void
expect(struct MHD_Connection *connection, uint64_t within_s)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	if (info != NULL && info->socket_context != NULL)
		client_set_timeout(info->socket_context, within_s * 1000);
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data, size_t *size,
    void **ret_exchange)
{
	struct server *server = cls;
	struct exchange *exchange = *ret_exchange;
	int r;

	(void)version;
	if (exchange == NULL) {
		expect(connection, server->options.conf->request_timeout_s);
		return begin(server, connection, path, method,
		    (struct exchange **)ret_exchange);
	}
	if (*size > 0) {
		r = take_body(server, exchange, data, *size);
		*size = 0;
		return r < 0 ? MHD_NO : MHD_YES;
	}
	expect(connection, 0);
	if (exchange->reply.status == 0)
		answer(exchange);
	return send_reply(exchange, connection);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **exchange,
    enum MHD_RequestTerminationCode why)
{
	const struct server *server = cls;
	const struct http_conf *conf = server->options.conf;

	(void)why;
	if (*exchange != NULL)
		exchange_free(*exchange);
	*exchange = NULL;
	expect(connection, conf->idle_timeout_s + conf->request_timeout_s);
}

static enum MHD_Result
on_accept(void *cls, const struct sockaddr *address, socklen_t size)
{
	const struct server *server = cls;

	(void)size;
	return clients_admit(server->clients, address) ? MHD_YES : MHD_NO;
}

/* The library tells of an end before it closes the socket. */
static void
on_connection(void *cls, struct MHD_Connection *connection, void **client,
    enum MHD_ConnectionNotificationCode what)
{
	const struct server *server = cls;
	const union MHD_ConnectionInfo *fd, *address;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*client != NULL)
			client_free(*client);
		*client = NULL;
		return;
	}
	fd = MHD_get_connection_info(connection,
	    MHD_CONNECTION_INFO_CONNECTION_FD);
	address = MHD_get_connection_info(connection,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	*client = client_new(server->clients, fd->connect_fd,
	    address != NULL ? address->client_addr : NULL);
	if (*client != NULL)
		client_set_timeout(*client,
		    server->options.conf->request_timeout_s * 1000);
}

static void __attribute__((format(printf, 2, 0)))
on_log(void *cls, const char *fmt, va_list ap)
{
	char words[256];

	(void)cls;
	vsnprintf(words, sizeof words, fmt, ap);
	words[strcspn(words, "\n")] = '\0';
	log_debug("%s", words);
}

static struct MHD_Daemon *
start(struct server *server)
{
	const struct http_conf *conf = server->options.conf;

	return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION |
	    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
	    MHD_USE_ERROR_LOG | MHD_USE_ITC, 0, on_accept, server, on_request,
	    server, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, (MHD_socket)server->options.listen_fd,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned int)conf->max_connections,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)conf->idle_timeout_s,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)SERVER_CONNECTION_BYTES,
	    MHD_OPTION_THREAD_STACK_SIZE, (size_t)SERVER_STACK_BYTES,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_END);
}

int
server_new(const struct server_options *options, struct server **ret,
    struct err *err)
{
	struct server *server = calloc(1, sizeof *server);
	int listen_fd = options->listen_fd, r;

	if (server == NULL) {
		fd_close(&listen_fd);
		return err_set(err, ENOMEM, "out of memory");
	}
	server->options = *options;
	r = clients_new(options->is_unix ? 0 :
	    options->conf->max_connections_per_address, &server->clients,
	    err);
	if (r == 0)
		server->daemon = start(server);
	if (r == 0 && server->daemon == NULL)
		r = err_set(err, EIO, "cannot serve HTTP on descriptor %d",
		    listen_fd);
	if (r < 0) {
		fd_close(&listen_fd);
		clients_free(server->clients);
		free(server);
		return r;
	}
	*ret = server;
	return 0;
}

void
server_free(struct server *server)
{
	if (server == NULL)
		return;
	MHD_stop_daemon(server->daemon);
	clients_free(server->clients);
	free(server);
}
