// SPDX-License-Identifier: Apache-2.0
/*
 * The server with its real sockets; threads speak the broker's side and
 * sandboxd's of the calls, and count them.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/rpc_calls.h"
#include "gateway/http/api.h"
#include "gateway/http/back/back.h"
#include "gateway/http/engine/clients.h"
#include "gateway/http/engine/server.h"
#include "gateway/protocol/broker_calls.h"

#define TIMEOUT_S 10
#define ID	  "sb_0123456789ab"

#define SHORT_MS  1000 /* how long the token "short" is good */

static char socket_path[108];
static struct loop loop;
static int broker_fd, capability_fd = -1; /* of the last that was made */
static atomic_int n_broker, n_sandboxd;
static atomic_bool is_revoked;
static uint64_t short_until_ms;

static void
answer_info(int sock, const struct rpc_message *message)
{
	struct rpc_sandbox_info info = {.id = ID, .org = "o", .name = "n",
	    .template_name = "base", .state = "running", .address = "",
	    .created_ms = 1769903999123, .memory_limit_bytes = 512 << 20,
	    .pids_limit = 64, .cpu_limit_millis = 500};
	struct rpc_sandbox_create_rep rep;
	uint8_t packed[1024];
	ptrdiff_t n = rpc_encode(&rpc_layout_sandbox_info, &info, packed,
	    sizeof packed);

	assert(n > 0);
	rep.sandbox = (struct rpc_bytes){packed, (uint32_t)n};
	assert(rpc_send_reply(sock, &rpc_call_sandbox_create,
	    message->header.id, &rep, NULL, 0, 0) == 0);
}

/* One call on a capability; a create alone succeeds. */
static void *
serve_capability(void *cls)
{
	int sock = (int)(intptr_t)cls;
	struct rpc_message message = {0};
	const struct err gone = {ENOENT, "no such sandbox"};

	while (rpc_receive(sock, &message, 0) > 0) {
		n_sandboxd++;
		if (message.header.number == rpc_call_sandbox_create.number)
			answer_info(sock, &message);
		else
			rpc_send_error(sock, message.header.number,
			    message.header.id, &gone, 0);
		rpc_message_free(&message);
	}
	rpc_message_free(&message);
	close(sock);
	return NULL;
}

static void
answer_auth(int sock, const struct rpc_call *call,
    const struct rpc_message *message, uint64_t identity, uint64_t expires_ms)
{
	struct rpc_caller rep = {identity, "o", "u", "admin",
	    RPC_RIGHTS_API, expires_ms};
	pthread_t thread;
	int pair[2];

	assert(fd_seqpacket_pair(pair) == 0);
	assert(pthread_create(&thread, NULL, serve_capability,
	    (void *)(intptr_t)pair[1]) == 0);
	pthread_detach(thread);
	capability_fd = pair[1];
	assert(rpc_send_reply(sock, call, message->header.id, &rep, pair, 1,
	    0) == 0);
	close(pair[0]);
}

static void
answer_token(int sock, const struct rpc_message *message)
{
	const struct err refused = {EACCES, "this is not a valid token"};
	struct rpc_api_auth_token_req req;

	assert(rpc_open_request(&rpc_call_api_auth_token, message, &req) == 0);
	if (strcmp(req.token, "good") == 0 && !is_revoked)
		answer_auth(sock, &rpc_call_api_auth_token, message, 7, 0);
	else if (strcmp(req.token, "short") == 0 &&
	    clock_unix_ms() < short_until_ms)
		answer_auth(sock, &rpc_call_api_auth_token, message, 8,
		    short_until_ms);
	else
		rpc_send_error(sock, message->header.number,
		    message->header.id, &refused, 0);
}

static void *
serve_broker(void *cls)
{
	int sock = (int)(intptr_t)cls;
	struct rpc_gateway_status_rep status = {.version = "1",
	    .ssh_host = "h", .ssh_port = 2222};
	struct rpc_message message = {0};
	struct rpc_api_auth_peer_req peer;

	while (rpc_receive(sock, &message, 0) > 0) {
		n_broker++;
		if (message.header.number == rpc_call_api_auth_token.number) {
			answer_token(sock, &message);
		} else if (message.header.number ==
		    rpc_call_api_auth_peer.number) {
			assert(rpc_open_request(&rpc_call_api_auth_peer,
			    &message, &peer) == 0);
			answer_auth(sock, &rpc_call_api_auth_peer, &message, 9,
			    0);
		} else {
			assert(rpc_send_reply(sock, &rpc_call_gateway_status,
			    message.header.id, &status, NULL, 0, 0) == 0);
		}
		rpc_message_free(&message);
	}
	rpc_message_free(&message);
	close(sock);
	return NULL;
}

static int
dial(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval timeout = {.tv_sec = TIMEOUT_S};
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
	assert(connect(sock, (struct sockaddr *)&address, sizeof address) ==
	    0);
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
	return sock;
}

/*
 * Sends text, reads until the reply holds `until`; where that is NULL, says
 * that there is no more to come and reads to the end.
 */
static void
ask(const char *text, size_t size, const char *until, char *reply,
    size_t room)
{
	int sock = dial();
	size_t used = 0;
	ssize_t n;

	(void)send(sock, text, size, MSG_NOSIGNAL);
	if (until == NULL)
		shutdown(sock, SHUT_WR);
	reply[0] = '\0';
	while (used + 1 < room &&
	    (until == NULL || strstr(reply, until) == NULL) &&
	    (n = read(sock, reply + used, room - used - 1)) > 0) {
		used += (size_t)n;
		reply[used] = '\0';
	}
	close(sock);
}

static const struct {
	const char *request, *expected;
} exchanges[] = {
    {"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "{\"status\":\"ok\"}"},
    {"GET /nope HTTP/1.1\r\nHost: x\r\n\r\n", " 404 "},
    {"PUT /v1/sandboxes HTTP/1.1\r\nHost: x\r\n\r\n",
	"Allow: POST, GET, HEAD"},
    {"GET /v1/sandboxes/" ID " HTTP/1.1\r\nHost: x\r\n\r\n", " 404 "},
    {"GET /v1/sandboxes/..%2f HTTP/1.1\r\nHost: x\r\n\r\n", " 404 "},
    {"GET /v1/status HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer bad\r\n"
	"\r\n", "\"unauthenticated\""},
    {"GET /v1/status HTTP/1.1\r\nHost: x\r\nAuthorization: Basic x\r\n"
	"\r\n", " 401 "},
    {"GET /v1/status HTTP/1.1\r\nHost: x\r\nX-API-Key: good\r\n\r\n",
	"\"user\":\"u\""},
    {"POST /v1/sandboxes HTTP/1.1\r\nHost: x\r\nContent-Type: "
	"application/json\r\nContent-Length: 2\r\n\r\n{}", " 201 "},
    {"POST /v1/sandboxes HTTP/1.1\r\nHost: x\r\nContent-Type: "
	"application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
	"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", "\"id\":\"" ID "\""},
    {"POST /v1/sandboxes HTTP/1.1\r\nHost: x\r\nContent-Type: "
	"application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
	"\r\n{}", " 201 "},
    {"POST /v1/sandboxes HTTP/1.1\r\nHost: x\r\nContent-Type: "
	"application/json\r\nContent-Length: 10\r\n\r\n{\"cpu\":-1}",
	"\"field\":\"cpu\""},
    {"POST /v1/sandboxes HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
	" 415 "},
    {"POST /v1/sandboxes HTTP/1.1\r\nHost: x\r\nContent-Type: "
	"application/json\r\nContent-Length: 99999999\r\n\r\n", " 413 "},
    {"POST /v1/sandboxes HTTP/1.1\r\nHost: x\r\nContent-Type: "
	"application/json\r\nContent-Length: 1\r\n\r\n{", "not JSON"},
    /* two requests on one connection */
    {"GET /nope HTTP/1.1\r\nHost: x\r\n\r\n"
	"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "\"ok\""},
};

static void
test_exchanges(void)
{
	char reply[8192];

	for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++) {
		ask(exchanges[i].request, strlen(exchanges[i].request),
		    exchanges[i].expected, reply, sizeof reply);
		if (strstr(reply, exchanges[i].expected) == NULL) {
			fprintf(stderr, "%s\n--\n%s\n",
			    exchanges[i].request, reply);
			assert(!"expected");
		}
	}
}

/* Whatever is sent, the next request is answered. */
static void
test_garbage(void)
{
	static const char healthy[] =
	    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
	char garbage[70000], reply[8192];

	srandom(1);
	for (int i = 0; i < 20; i++) {
		for (size_t j = 0; j < sizeof garbage; j++)
			garbage[j] = (char)(random() >> 8);
		memcpy(garbage, "\r\n\r\n", 4);
		ask(garbage, i % 2 ? 512 : sizeof garbage, NULL, reply,
		    sizeof reply);
	}
	memset(garbage, 'a', sizeof garbage);
	memcpy(garbage, "GET /", 5);
	ask(garbage, sizeof garbage, "HTTP/1.1 4", reply, sizeof reply);
	assert(strstr(reply, "HTTP/1.1 4") != NULL);
	ask(healthy, sizeof healthy - 1, "ok", reply, sizeof reply);
	assert(strstr(reply, "ok") != NULL);
}

/* Heads that a proxy may read otherwise: what follows is no request. */
static void
test_framing(void)
{
	static const char *const heads[] = {
	    "Content-Length: 4\r\nTransfer-Encoding: chunked",
	    "Content-Length: 0\r\nContent-Length: 5",
	    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
	    "Transfer-Encoding: identity",
	    "Transfer-Encoding : chunked",
	    "A: b\rTransfer-Encoding: chunked",
	    "Content-Length:\r\n 30",
	    "A: b\r\n Content-Length: 30",
	    "A: b\nContent-Length: 30",
	    "Content-Length: +5",
	    "Content-Length: 5 5",
	    "Content-Length: 5, 5",
	    "Content-Length: 0x5",
	    "Content-Length: -0",
	    "Content-Length: 18446744073709551621",
	    "Content-Length:",
	    "Host: y",
	};
	char request[512], reply[8192];

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		snprintf(request, sizeof request, "POST /nope HTTP/1.1\r\n"
		    "Host: x\r\n%s\r\n\r\n0\r\n\r\n"
		    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", heads[i]);
		ask(request, strlen(request), NULL, reply, sizeof reply);
		if (strncmp(reply, "HTTP/1.1 400 ", 13) != 0 ||
		    strstr(reply, "\"ok\"") != NULL) {
			printf("%s\n--\n%s\n", request, reply);
			assert(!"refused and closed");
		}
	}
}

/* A head that never ends, though it never rests either. */
static void
test_slow_head(uint64_t limit_s)
{
	int sock = dial();
	time_t begin = time(NULL);
	char byte;

	assert(send(sock, "GET / HTTP/1.1\r\n", 16, MSG_NOSIGNAL) == 16);
	while (recv(sock, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN) {
		assert(time(NULL) - begin < (time_t)limit_s + TIMEOUT_S);
		(void)send(sock, "a: b\r\n", 6, MSG_NOSIGNAL);
		usleep(100000);
	}
	assert(time(NULL) - begin >= (time_t)limit_s - 1);
	close(sock);
}

/* All of an IPv6 /64 is one source; so is an address, mapped or not. */
static void
test_sources(void)
{
	static const struct {
		const char *first, *second;
		bool is_admitted;
	} pairs[] = {
	    {"2001:db8::1", "2001:db8::1:2:3:4", false},
	    {"2001:db8::1", "2001:db8:0:1::1", true},
	    {"::ffff:192.0.2.1", "::ffff:192.0.2.1", false},
	    {"::ffff:192.0.2.1", "::ffff:192.0.2.2", true},
	};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	const struct sockaddr *address = (const struct sockaddr *)&in6;
	struct clients *clients;
	struct client *client;
	struct loop own;
	struct err err;

	assert(loop_init(&own) == 0);
	assert(clients_new(&own, 1, &clients, &err) == 0);
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		assert(inet_pton(AF_INET6, pairs[i].first, &in6.sin6_addr) ==
		    1);
		assert(clients_admit(clients, address));
		client = client_new(clients, -1, address);
		assert(inet_pton(AF_INET6, pairs[i].second, &in6.sin6_addr) ==
		    1);
		assert(clients_admit(clients, address) ==
		    pairs[i].is_admitted);
		client_free(client);
	}
	clients_free(clients);
	loop_fini(&own);
}

/*
 * One more request on a connection that stays: its status, once the whole
 * answer, which has a body, is read.
 */
static int
ask_again(int sock, const char *method, const char *path, const char *token)
{
	char text[4096];
	size_t used = 0;
	int status = 0, n = snprintf(text, sizeof text,
	    "%s %s HTTP/1.1\r\nHost: x\r\n%s%s%s%s\r\n%s", method, path,
	    token != NULL ? "X-API-Key: " : "", token != NULL ? token : "",
	    token != NULL ? "\r\n" : "", strcmp(method, "POST") != 0 ? "" :
	    "Content-Type: application/json\r\nContent-Length: 2\r\n",
	    strcmp(method, "POST") != 0 ? "" : "{}");

	assert(send(sock, text, (size_t)n, MSG_NOSIGNAL) == n);
	memset(text, 0, sizeof text);
	while (strstr(text, "\r\n\r\n{") == NULL ||
	    text[used - 1] != '}') {
		ssize_t got = read(sock, text + used, sizeof text - used - 1);

		assert(got > 0);
		used += (size_t)got;
	}
	assert(sscanf(text, "HTTP/1.1 %d ", &status) == 1);
	return status;
}

/* The broker is asked who it is, and never again. */
static void
test_kept(void)
{
	static const char get[] = "/v1/sandboxes/" ID;
	int sock = dial(), other = dial();
	int broker, sandboxd;

	assert(ask_again(sock, "GET", get, "good") == 404);
	broker = n_broker;
	sandboxd = n_sandboxd;
	for (int i = 0; i < 10; i++) {
		assert(ask_again(sock, "GET", get, "good") == 404);
		assert(ask_again(sock, "POST", "/v1/sandboxes", "good") ==
		    201);
		assert(ask_again(sock, "GET", "/v1/sandboxes", "good") ==
		    404);
	}
	/* What is not there is asked for once more: whether it was. */
	assert(n_broker == broker && n_sandboxd == sandboxd + 40);

	/* Another credential is somebody else, and so is none. */
	assert(ask_again(sock, "GET", get, "bad") == 401);
	assert(ask_again(sock, "GET", get, "good") == 404);
	assert(ask_again(sock, "GET", get, NULL) == 404);
	assert(n_broker == broker + 3);
	/* And another connection says who it is for itself. */
	assert(ask_again(other, "GET", get, "good") == 404);
	assert(n_broker == broker + 4);
	close(sock);
	close(other);
}

static void
revoke_good(void)
{
	const struct rpc_identity_end_event event = {7};

	is_revoked = true;
	assert(rpc_send_request(broker_fd, &rpc_call_identity_end, 0, &event,
	    NULL, 0, 0) == 0);
}

/* What was revoked is refused at the next request of each connection. */
static void
test_revoked(void)
{
	static const char get[] = "/v1/sandboxes/" ID;
	int first = dial(), second = dial(), peer = dial();
	int broker;

	assert(ask_again(first, "GET", get, "good") == 404);
	assert(ask_again(second, "GET", get, "good") == 404);
	assert(ask_again(peer, "GET", get, NULL) == 404);
	revoke_good();
	/* In order on the broker's socket: what is asked now comes after. */
	assert(ask_again(peer, "GET", "/v1/status", NULL) == 200);
	broker = n_broker;
	assert(ask_again(first, "GET", get, "good") == 401);
	assert(ask_again(second, "GET", get, "good") == 401);
	assert(ask_again(peer, "GET", get, NULL) == 404);
	assert(n_broker == broker + 2);
	is_revoked = false;
	assert(ask_again(first, "GET", get, "good") == 404);
	close(first);
	close(second);
	close(peer);
}

/* The same by its own time. */
static void
test_expired(void)
{
	static const char get[] = "/v1/sandboxes/" ID;
	int sock = dial(), broker;

	short_until_ms = clock_unix_ms() + SHORT_MS;
	assert(ask_again(sock, "GET", get, "short") == 404);
	broker = n_broker;
	while (clock_unix_ms() < short_until_ms)
		usleep(10000);
	assert(ask_again(sock, "GET", get, "short") == 401);
	assert(n_broker == broker + 1);
	close(sock);
}

/* sandboxd was restarted: it is asked for a capability anew, once. */
static void
test_capability_ends(void)
{
	static const char get[] = "/v1/sandboxes/" ID;
	int sock = dial(), broker;

	assert(ask_again(sock, "GET", get, "good") == 404);
	for (int i = 0; i < 20; i++) {
		broker = n_broker;
		assert(shutdown(capability_fd, SHUT_RDWR) == 0);
		assert(ask_again(sock, "GET", get, "good") == 404);
		assert(ask_again(sock, "GET", get, "good") == 404);
		assert(n_broker == broker + 1);
	}
	close(sock);
}

static int
listen_here(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(socket_path, sizeof socket_path, "/tmp/test-http-%d.sock",
	    (int)getpid());
	snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
	assert(bind(sock, (struct sockaddr *)&address, sizeof address) == 0);
	assert(listen(sock, 16) == 0);
	return sock;
}

static uint64_t request_timeout_s;

static void *
run_tests(void *arg)
{
	test_exchanges();
	test_garbage();
	test_framing();
	test_sources();
	test_kept();
	test_revoked();
	test_expired();
	test_capability_ends();
	test_slow_head(request_timeout_s);
	close((int)(intptr_t)arg);
	return NULL;
}

static void
on_tests_end(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	loop_remove(&loop, watch);
	loop_end(&loop);
}

static void
on_broker_end(void *arg)
{
	(void)arg;
	assert(!"the broker was there to the end");
}

int
main(void)
{
	struct http_conf conf;
	struct server *server;
	struct back *back;
	struct err err = {0};
	struct loop_watch watch = {.ready = on_tests_end};
	pthread_t broker, tests;
	int pair[2], end[2];

	assert(conf_read(http_conf_keys, n_http_conf_keys, NULL, &conf,
	    &err) == 0);
	conf.request_timeout_s = request_timeout_s = 2;
	assert(loop_init(&loop) == 0);
	assert(fd_seqpacket_pair(pair) == 0 && fd_seqpacket_pair(end) == 0);
	broker_fd = pair[1];
	assert(pthread_create(&broker, NULL, serve_broker,
	    (void *)(intptr_t)pair[1]) == 0);
	assert(back_new(&loop, pair[0], 5000, on_broker_end, NULL, &back,
	    &err) == 0);
	assert(api_serve(&loop, back, &conf, listen_here(), true, -1, &server,
	    &err) == 0);
	watch.fd = end[0];
	assert(loop_add(&loop, &watch, EPOLLIN) == 0);
	assert(pthread_create(&tests, NULL, run_tests,
	    (void *)(intptr_t)end[1]) == 0);
	loop_run(&loop);
	server_free(server);
	back_free(back);
	loop_fini(&loop);
	close(end[0]);
	pthread_join(tests, NULL);
	pthread_join(broker, NULL);
	unlink(socket_path);
	return 0;
}
