// SPDX-License-Identifier: Apache-2.0
/*
 * The server with a dialect of its own, one request of each kind of body: where
 * something fails the request is answered so, or its connection ends, and the
 * next one is served. What libmicrohttpd itself allocates does not fail.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "gateway/http/engine/field.h"
#include "gateway/http/engine/outbox.h"
#include "gateway/http/engine/server.h"
#include "tests/fault/fault.h"

/* Turns of the loop that a request is given; each waits so long at most. */
#define TURNS_MAX 400
#define TURN_MS	  5

struct wish {
	const char *name;
};
static const struct field wish_fields[] = {
    {"name", FIELD_STRING, offsetof(struct wish, name), 1, 64},
};
static FIELD_TABLE(wish_table, struct wish, wish_fields);

/* Of an exchange: what it took, and what it is to give. */
struct echo {
	struct exchange *exchange;
	struct websocket *websocket;
	struct outbox taken;
	size_t n_parts;
};

static struct loop loop;
static struct loop_timer timer; /* of an identification that takes time */
static struct exchange *identifying;

static void
on_identified(struct loop_timer *due)
{
	(void)due;
	exchange_identified(identifying, &loop);
	identifying = NULL;
}

static void
identify(void *arg, struct exchange *exchange)
{
	(void)arg;
	identifying = exchange;
	timer.due = on_identified;
	loop_set_timer(&loop, &timer, 0);
}

static void
nothing(void *arg)
{
	(void)arg;
}

static const char *
describe(const void *who)
{
	(void)who;
	return "somebody";
}

static void
on_gone(void *arg)
{
	struct echo *echo = arg;

	outbox_fini(&echo->taken);
}

static size_t
take(void *arg, const void *data, size_t size)
{
	struct echo *echo = arg;
	const struct err err = {ENOMEM, "out of memory"};

	if (outbox_add(&echo->taken, data, size) < 0)
		exchange_fail_err(echo->exchange, &err);
	return size;
}

static void
on_end(void *arg)
{
	struct echo *echo = arg;

	exchange_reply_stream(echo->exchange, 200, "text/plain",
	    REPLY_UNKNOWN);
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct echo *echo = arg;
	size_t n = outbox_take(&echo->taken, data, size < 7 ? size : 7);

	return n > 0 ? (ssize_t)n : -ENODATA;
}

static void
on_part(void *arg, const struct multipart_part *part)
{
	struct echo *echo = arg;

	assert(strcmp(part->name, "f") == 0);
	echo->n_parts++;
	exchange_proceed(echo->exchange);
}

static void
on_part_end(void *arg)
{
	exchange_proceed(((struct echo *)arg)->exchange);
}

static void
on_parts_end(void *arg)
{
	struct echo *echo = arg;

	exchange_reply(echo->exchange, 200, json_pack("{s:i, s:i}", "parts",
	    (int)echo->n_parts, "bytes", (int)outbox_size(&echo->taken)));
}

static void
on_text(void *arg, const char *text, size_t size)
{
	const struct echo *echo = arg;

	assert(size == 5);
	if (websocket_send_text(echo->websocket, text) == 0)
		websocket_close(echo->websocket, WEBSOCKET_NORMAL, "enough");
}

static void
on_opened(void *arg, struct websocket *websocket)
{
	((struct echo *)arg)->websocket = websocket;
}

/* NULL: the exchange has been failed. */
static struct echo *
begin(struct exchange *exchange)
{
	const struct err err = {ENOMEM, "out of memory"};
	struct echo *echo = exchange_memory(exchange, sizeof *echo);

	if (echo == NULL)
		exchange_fail_err(exchange, &err);
	else
		echo->exchange = exchange;
	return echo;
}

static void
answer_json(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);

	exchange_reply(exchange, 200, json_pack("{s:s}", "name",
	    wish->name != NULL ? wish->name : ""));
}

static void
answer_stream(struct exchange *exchange)
{
	struct echo *echo = begin(exchange);
	const struct exchange_stream stream = {take, on_end, give, on_gone,
	    echo};

	if (echo == NULL)
		return;
	exchange_set_stream(exchange, &stream);
	exchange_accept(exchange);
}

static void
answer_parts(struct exchange *exchange)
{
	struct echo *echo = begin(exchange);
	const struct exchange_parts parts = {on_part, take, on_part_end,
	    on_parts_end, on_gone, echo};

	if (echo == NULL)
		return;
	exchange_set_parts(exchange, &parts);
	exchange_accept(exchange);
}

static void
answer_socket(struct exchange *exchange)
{
	struct echo *echo = begin(exchange);
	const struct websocket_client client = {.text = on_text, .arg = echo};

	if (echo != NULL)
		exchange_reply_websocket(exchange, on_opened, &client);
}

static json_t *
failure_to_json(const struct failure *failure)
{
	return json_pack("{s:s}", "error", failure->code);
}

static const struct route routes[] = {
    {"POST", "/json", answer_json, ROUTE_BODY_JSON, &wish_table},
    {"PUT", "/stream", answer_stream, ROUTE_BODY_STREAM},
    {"POST", "/parts", answer_parts, ROUTE_BODY_MULTIPART},
    {"GET", "/socket", answer_socket, ROUTE_BODY_UPGRADE},
};
static const struct dialect dialect = {.name = "echo",
    .routes = routes, .n_routes = sizeof routes / sizeof *routes,
    .failure_to_json = failure_to_json};
static const struct dialect *const dialects[] = {&dialect};

static struct sockaddr_un address = {.sun_family = AF_UNIX};

static int
listen_here(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);

	(void)unlink(address.sun_path);
	assert(fd >= 0 && bind(fd, (struct sockaddr *)&address,
	    sizeof address) == 0 && listen(fd, 8) == 0);
	return fd;
}

/* Whether a request's reply, which may be a failure, has this in it. */
static bool
ask(const char *request, size_t size, const char *wanted, char *reply,
    size_t room)
{
	size_t used = 0;
	ssize_t n = -1;
	int fd;

	fault_spare(true);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert(fd >= 0 && connect(fd, (struct sockaddr *)&address,
	    sizeof address) == 0);
	assert(send(fd, request, size, MSG_NOSIGNAL) == (ssize_t)size);
	reply[0] = '\0';
	for (int i = 0; i < TURNS_MAX && n != 0 && strstr(reply, wanted) ==
	    NULL && strstr(reply, "\"error\"") == NULL; i++) {
		fault_spare(false);
		loop_turn(&loop, TURN_MS);
		fault_spare(true);
		n = read(fd, reply + used, room - used - 1);
		used += n > 0 ? (size_t)n : 0;
		reply[used] = '\0';
	}
	close(fd);
	fault_spare(false);
	return strstr(reply, wanted) != NULL;
}

static const struct {
	const char *request, *wanted;
} requests[] = {
    {"POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	"Content-Length: 16\r\n\r\n{\"name\":\"hello\"}",
	"{\"name\":\"hello\"}"},
    {"PUT /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
	"\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "\r\n0\r\n\r\n"},
    {"POST /parts HTTP/1.1\r\nHost: x\r\nContent-Type: "
	"multipart/form-data; boundary=x\r\nContent-Length: 111\r\n\r\n"
	"--x\r\nContent-Disposition: form-data; name=f\r\n\r\none\r\n"
	"--x\r\nContent-Disposition: form-data; name=f\r\n\r\ntwo\r\n"
	"--x--\r\n", "{\"parts\":2,\"bytes\":6}"},
    {"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
	"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
	"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
};
static size_t which;

static struct server *
start(void)
{
	static const struct http_conf conf = {.max_connections = 8,
	    .idle_timeout_s = 60, .request_timeout_s = 30,
	    .request_max_bytes = 65536};
	struct server_options options = {.loop = &loop, .is_unix = true,
	    .news_fd = -1, .conf = &conf, .dialects = dialects, .n_dialects = 1,
	    .identify = identify, .release = nothing, .forget = nothing,
	    .describe = describe};
	struct server *server = NULL;
	struct err err = {0};

	fault_spare(true);
	options.listen_fd = listen_here();
	fault_spare(false);
	if (server_new(&options, &server, &err) < 0) {
		assert(fault_happened() && err.text[0] != '\0');
		return NULL;
	}
	return server;
}

static void
serve(void)
{
	const char *request = requests[which].request;
	const char *wanted = requests[which].wanted;
	char reply[4096];
	struct server *server;
	bool is_good;

	if (loop_init(&loop) < 0) {
		assert(fault_happened());
		return;
	}
	server = start();
	if (server != NULL) {
		is_good = ask(request, strlen(request), wanted, reply,
		    sizeof reply);
		assert(is_good || fault_happened());
		/* Whatever became of it, the next one is served. */
		fault_stop();
		assert(ask(request, strlen(request), wanted, reply,
		    sizeof reply));
	}
	fault_stop();
	server_free(server);
	loop_fini(&loop);
	(void)unlink(address.sun_path);
}

int
main(void)
{
	static const char *const names[] = {"json", "stream", "parts",
	    "socket"};

	snprintf(address.sun_path, sizeof address.sun_path,
	    "/tmp/sandgate-fault-http-%d", getpid());
	for (which = 0; which < sizeof names / sizeof *names; which++)
		fault_run(names[which], serve);
	return 0;
}
