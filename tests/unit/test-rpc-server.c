// SPDX-License-Identifier: Apache-2.0
/*
 * A server of five rows against a peer that behaves, that breaks each rule, and
 * that does not read.
 */
#include "common/rpc_server.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/rpc_calls.h"

#define QUEUE_MESSAGES_MAX 20
#define QUEUE_BYTES_MAX	   4000
#define QUEUED_PINGS_BYTES (QUEUE_MESSAGES_MAX * 21)

static struct world {
	struct rpc_server server;
	int peer_fd;
	uint32_t events; /* that are watched */
	unsigned n_served, n_denied;
	bool is_dropped;
	char why[64];
	int deny_result;
	bool ends_itself;
} world;

/* In what order they are is no matter. */
static const struct rpc_call *const rows[] = {&rpc_call_ping,
    &rpc_call_init_hello, &rpc_call_signal, &rpc_call_init_setup,
    &rpc_call_dial_tcp};

static const struct rpc_call *
row(size_t i)
{
	return i < sizeof rows / sizeof *rows ? rows[i] : NULL;
}

static void
drop(void *arg, const char *why)
{
	struct world *w = arg;

	assert(!w->is_dropped);
	w->is_dropped = true;
	snprintf(w->why, sizeof w->why, "%s", why != NULL ? why : "hung up");
	rpc_server_fini(&w->server);
}

static int
serve(void *arg, size_t i, struct rpc_message *message, const void *request,
    struct err *err)
{
	struct world *w = arg;
	const struct rpc_signal_req *signal_request = request;
	const struct rpc_init_hello_event *hello = request;
	const struct rpc_dial_tcp_rep dialled = {};

	w->n_served++;
	if (w->ends_itself) {
		rpc_server_fini(&w->server);
		return 0;
	}
	if (rows[i] == &rpc_call_init_hello) {
		w->server.who = RPC_PEER_READY;
		w->server.rights = hello->rights;
		return hello->audit[0] != '\0' ? 0 :
		    err_set(err, EINVAL, "nameless");
	}
	if (rows[i] == &rpc_call_signal)
		return signal_request->signal == 9 ? -EPERM :
		    err_set(err, ESRCH, "nobody");
	if (rows[i] == &rpc_call_ping)
		rpc_server_reply(&w->server, rows[i], message->header.id,
		    &(struct rpc_ping_rep){.spawned = w->n_served}, NULL, 0);
	if (rows[i] == &rpc_call_init_setup)
		rpc_server_reply(&w->server, rows[i], message->header.id,
		    &(struct rpc_init_setup_rep){}, NULL, 0);
	if (rows[i] == &rpc_call_dial_tcp)
		rpc_server_reply(&w->server, rows[i], message->header.id,
		    &dialled, &w->peer_fd, 1);
	return 0;
}

static int
deny(void *arg, const struct rpc_message *message, const struct rpc_call *call)
{
	struct world *w = arg;
	struct err err;

	w->n_denied++;
	assert(message->header.number == call->number);
	err_set(&err, EACCES, "not now");
	if (w->deny_result == 0)
		rpc_server_error(&w->server, call->number, message->header.id,
		    &err);
	return w->deny_result;
}

static void
watch(void *arg, uint32_t events)
{
	struct world *w = arg;

	w->events = events;
}

static const struct rpc_server_table table = {.row = row, .serve = serve,
    .drop = drop, .watch = watch, .queue_messages_max = QUEUE_MESSAGES_MAX,
    .queue_bytes_max = QUEUE_BYTES_MAX};
static const struct rpc_server_table denying_table = {.row = row,
    .serve = serve, .deny = deny, .drop = drop, .watch = watch,
    .queue_messages_max = QUEUE_MESSAGES_MAX,
    .queue_bytes_max = QUEUE_BYTES_MAX, .burst = 4};

static void
begin(const struct rpc_server_table *how, uint32_t who)
{
	int pair[2];

	assert(fd_seqpacket_pair(pair) == 0);
	world = (struct world){.peer_fd = pair[1], .events = POLLIN};
	rpc_server_init(&world.server, how, pair[0], who, &world);
}

static void
finish(void)
{
	if (!world.is_dropped)
		rpc_server_fini(&world.server);
	fd_close(&world.peer_fd);
}

/* As a loop would: only what is watched, and hang-ups. */
static void
turn(void)
{
	struct pollfd ready = {world.server.fd, (short)world.events, 0};

	if (!world.is_dropped && poll(&ready, 1, 0) == 1)
		rpc_server_ready(&world.server, (uint32_t)ready.revents);
}

static void
send_call(const struct rpc_call *call, uint32_t id, const void *request)
{
	assert(rpc_send_request(world.peer_fd, call, id, request, NULL, 0,
	    MSG_DONTWAIT) == 0);
}

static void
send_ping(uint32_t id)
{
	send_call(&rpc_call_ping, id, &(struct rpc_ping_req){});
}

static void
expect_drop(const char *why)
{
	turn();
	assert(world.is_dropped);
	if (strcmp(world.why, why) != 0)
		printf("%s\n", world.why);
	assert(strcmp(world.why, why) == 0);
	finish();
}

static void
expect_reply(uint32_t id, int32_t status, size_t n_fds)
{
	auto_rpc_message struct rpc_message message = {0};

	assert(rpc_receive(world.peer_fd, &message, MSG_DONTWAIT) == 1);
	assert(message.header.kind == RPC_KIND_REPLY);
	assert(message.header.id == id && message.header.status == status);
	assert(message.n_fds == n_fds);
}

static void
test_served(void)
{
	const struct rpc_signal_req to_nobody = {.signal = 1},
	    forbidden = {.signal = 9};
	const struct rpc_dial_tcp_req dial = {.host = "h"};

	begin(&table, RPC_PEER_READY);
	world.server.rights = RPC_RIGHT_SPAWN | RPC_RIGHT_FORWARD;
	turn();
	assert(world.n_served == 0);
	send_ping(7);
	send_ping(8);
	turn(); /* one a turn */
	expect_reply(7, 0, 0);
	assert(world.n_served == 1);
	turn();
	expect_reply(8, 0, 0);
	send_call(&rpc_call_signal, 9, &to_nobody);
	turn();
	expect_reply(9, -ESRCH, 0);
	send_call(&rpc_call_signal, 10, &forbidden);
	turn();
	expect_reply(10, -EPERM, 0);
	send_call(&rpc_call_dial_tcp, 11, &dial);
	turn();
	expect_reply(11, 0, 1);
	rpc_server_tell(&world.server, &rpc_call_exited,
	    &(struct rpc_exited_event){.handle = 1});
	fd_close(&world.peer_fd);
	expect_drop("hung up");
}

/* Each rule, broken once. */
static void
test_rules(void)
{
	const struct rpc_spawn_req spawn = {.user = ""};
	const struct rpc_signal_req request = {.signal = 1};
	struct rpc_header header = {.number = rpc_call_ping.number, .size = 1};
	struct rpc_ping_rep reply = {0};

	begin(&table, RPC_PEER_READY);
	assert(send(world.peer_fd, &header, sizeof header, 0) > 0);
	expect_drop("Bad message");
	begin(&table, RPC_PEER_READY);
	send_call(&rpc_call_spawn, 1, &spawn);
	expect_drop("unknown call number=102");
	begin(&table, RPC_PEER_NEW);
	send_ping(1);
	expect_drop("unpermitted call=ping");
	begin(&table, RPC_PEER_READY); /* without the right */
	send_call(&rpc_call_signal, 1, &request);
	expect_drop("unpermitted call=signal");
	begin(&table, RPC_PEER_READY); /* a reply is no request */
	assert(rpc_send_reply(world.peer_fd, &rpc_call_ping, 1, &reply, NULL,
	    0, 0) == 0);
	expect_drop("malformed call=ping");
	begin(&table, RPC_PEER_READY); /* with a descriptor too many */
	assert(rpc_send_request(world.peer_fd, &rpc_call_ping, 1,
	    &(struct rpc_ping_req){}, &world.peer_fd, 1, 0) == 0);
	expect_drop("malformed call=ping");
	begin(&table, RPC_PEER_READY); /* with a byte too many */
	assert(send(world.peer_fd, "\x6a\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0.", 17,
	    0) == 17);
	expect_drop("malformed call=ping");
	assert(world.n_served == 0);
}

/* When, and how often. */
static void
test_phases(void)
{
	const struct rpc_init_hello_event hello = {.audit = "me",
	    .rights = RPC_RIGHT_CONTROL}, nameless = {.audit = ""};
	const struct rpc_init_setup_req setup = {.hostname = "h"};

	begin(&table, RPC_PEER_NEW);
	send_call(&rpc_call_init_hello, 0, &hello);
	turn();
	assert(world.n_served == 1);
	send_call(&rpc_call_init_setup, 1, &setup);
	turn();
	expect_reply(1, 0, 0);
	send_call(&rpc_call_init_setup, 2, &setup); /* once */
	expect_drop("unpermitted call=init_setup");
	assert(world.n_served == 2);

	begin(&table, RPC_PEER_NEW);
	send_call(&rpc_call_init_hello, 0, &hello);
	turn();
	send_call(&rpc_call_init_hello, 0, &hello);
	expect_drop("unpermitted call=init_hello");

	/* Once is once though its turn comes again. */
	begin(&table, RPC_PEER_NEW);
	send_call(&rpc_call_init_hello, 0, &hello);
	turn();
	world.server.who = RPC_PEER_NEW;
	send_call(&rpc_call_init_hello, 0, &hello);
	expect_drop("unpermitted call=init_hello");

	/* An event that fails has nobody to be told. */
	begin(&table, RPC_PEER_NEW);
	send_call(&rpc_call_init_hello, 0, &nameless);
	expect_drop("nameless");
}

/* A server may refuse what others drop, but for events. */
static void
test_denied(void)
{
	const struct rpc_init_hello_event hello = {.audit = ""};

	begin(&denying_table, RPC_PEER_NEW);
	send_ping(1);
	send_ping(2);
	turn();
	assert(world.n_denied == 2 && world.n_served == 0);
	expect_reply(1, -EACCES, 0);
	expect_reply(2, -EACCES, 0);
	world.deny_result = -EACCES;
	send_ping(3);
	expect_drop("unpermitted call=ping");
	begin(&denying_table, RPC_PEER_READY);
	send_call(&rpc_call_init_hello, 0, &hello);
	expect_drop("unpermitted call=init_hello");
	assert(world.n_denied == 0);
}

/* Fills the socket; what does not fit is queued. The number of messages. */
static uint32_t
fill(void)
{
	uint32_t n = 0;

	while (!rpc_server_is_waiting(&world.server)) {
		assert(world.server.broken[0] == '\0');
		rpc_server_reply(&world.server, &rpc_call_ping, n++,
		    &(struct rpc_ping_rep){}, NULL, 0);
	}
	return n;
}

/* A peer that is slow gets all in order, and is not read from meanwhile. */
static void
test_slow_peer(void)
{
	uint32_t n, id = 0;

	begin(&table, RPC_PEER_READY);
	n = fill();
	assert(world.events == POLLOUT);
	rpc_server_reply(&world.server, &rpc_call_dial_tcp, n,
	    &(struct rpc_dial_tcp_rep){}, &world.peer_fd, 1);
	send_ping(n + 1);
	turn();
	assert(world.n_served == 0);
	while (id < n) {
		expect_reply(id++, 0, 0);
		turn();
	}
	expect_reply(n, 0, 1);
	turn();
	assert(world.events == POLLIN && world.n_served == 1);
	expect_reply(n + 1, 0, 0);
	finish();
}

/* One that does not read at all is dropped at the limits, and not before. */
static void
test_deaf_peer(void)
{
	struct err err;
	uint32_t n;

	begin(&table, RPC_PEER_READY);
	n = fill();
	for (int i = 1; i < QUEUE_MESSAGES_MAX; i++)
		rpc_server_reply(&world.server, &rpc_call_ping, n,
		    &(struct rpc_ping_rep){}, NULL, 0);
	turn();
	assert(!world.is_dropped && world.server.queued_bytes ==
	    QUEUED_PINGS_BYTES);
	rpc_server_reply(&world.server, &rpc_call_ping, n,
	    &(struct rpc_ping_rep){}, NULL, 0);
	assert(!world.is_dropped); /* but when the loop comes round */
	rpc_server_reply(&world.server, &rpc_call_ping, n,
	    &(struct rpc_ping_rep){}, NULL, 0);
	expect_drop("does not read its replies");

	begin(&table, RPC_PEER_READY);
	fill();
	memset(err.text, 'a', sizeof err.text - 1);
	err.text[sizeof err.text - 1] = '\0';
	err.code = EIO;
	for (size_t i = 0; i < QUEUE_BYTES_MAX / sizeof err.text + 1; i++)
		rpc_server_error(&world.server, 1, 1, &err);
	expect_drop("does not read its replies");
}

static void
test_paused(void)
{
	begin(&table, RPC_PEER_READY);
	rpc_server_pause(&world.server, true);
	send_ping(1);
	turn();
	assert(world.events == 0 && world.n_served == 0);
	rpc_server_pause(&world.server, false);
	turn();
	expect_reply(1, 0, 0);
	rpc_server_pause(&world.server, true);
	fd_close(&world.peer_fd);
	expect_drop("hung up");
}

/* A handler may end the connection that it serves. */
static void
test_ends_itself(void)
{
	begin(&table, RPC_PEER_READY);
	world.ends_itself = true;
	send_ping(1);
	turn();
	assert(world.n_served == 1 && !world.is_dropped);
	assert(world.server.fd == -1);
	fd_close(&world.peer_fd);
}

int
main(void)
{
	test_served();
	test_rules();
	test_phases();
	test_denied();
	test_slow_peer();
	test_deaf_peer();
	test_paused();
	test_ends_itself();
	return 0;
}
