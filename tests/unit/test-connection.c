// SPDX-License-Identifier: Apache-2.0
/*
 * Connections as the broker counts them: who is let to a session, who is
 * dropped in which words, what waits for a zygote, what a source pays for, and
 * who is told to end.
 */
#include "gateway/broker/connection.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "gateway/broker/ending.h"
#include "tests/unit/broker_world.h"

static const char full[] = "Exceeded MaxStartups\r\n";
static const char not_now[] = "Not allowed at this time\r\n";
static struct handover_session frame;

static int
dial_in(int *ret_session_fd)
{
	int fd = world_dial();

	*ret_session_fd = world_take_session(&frame);
	return fd;
}

/* Dropped, in these words, and no session heard of it. */
static void
assert_dropped(const char *words)
{
	char text[64] = "";
	int session_fd, fd = dial_in(&session_fd);

	assert(session_fd < 0);
	assert(recv(fd, text, sizeof text - 1, MSG_WAITALL) ==
	    (ssize_t)strlen(words));
	assert(strcmp(text, words) == 0);
	fd_close(&fd);
}

static void
assert_let_in(void)
{
	int session_fd, fd = dial_in(&session_fd);

	assert(session_fd >= 0);
	fd_close(&session_fd);
	fd_close(&fd);
}

static bool
are_none(void)
{
	return TAILQ_EMPTY(&world.broker.connections);
}

static void
test_handed_over(void)
{
	int session_fd, fd;

	world_begin(false);
	fd = dial_in(&session_fd);
	assert(session_fd >= 0);
	assert(strcmp(frame.peer_address, "127.0.0.1") == 0 &&
	    strcmp(frame.local_address, "127.0.0.1") == 0);
	assert(frame.local_port == world.port && frame.peer_port != 0);
	assert(world.broker.n_connections == 1 && world.broker.n_startups == 1);
	fd_close(&session_fd);
	world_until(are_none);
	assert(world.broker.n_connections == 0 && world.broker.n_startups == 0);
	fd_close(&fd);
	world_end();
}

/* Each limit, with a connection there that reaches it; login frees a place
 * among those that have not, and no other. */
static void
test_limits(void)
{
	struct gateway_conf *settings = &world.broker.settings;
	struct connection *first;
	int session_fd, fd;

	world_begin(false);
	fd = dial_in(&session_fd);
	first = TAILQ_FIRST(&world.broker.connections);
	settings->max_connections = 1;
	assert_dropped(full);
	settings->max_connections = 100;
	settings->max_connections_per_source = 1;
	assert_dropped(full);
	settings->max_connections_per_source = 100;
	settings->max_startups_per_source = 1;
	assert_dropped(full);
	connection_authenticated(first);
	assert_let_in();
	fd_close(&session_fd);
	fd_close(&fd);
	world_end();
}

/* Those that are exempt are not counted by source before their login. */
static void
test_exempt(void)
{
	struct gateway_conf *settings = &world.broker.settings;
	int session_fd, fd;

	world_begin(false);
	settings->max_startups_per_source = 1;
	assert(prefix_parse("127.0.0.0/8", &settings->exempt[0]) == 0);
	settings->n_exempt = 1;
	fd = dial_in(&session_fd);
	assert(TAILQ_FIRST(&world.broker.connections)->is_exempt);
	assert_let_in();
	fd_close(&session_fd);
	fd_close(&fd);
	world_end();
}

/* Without a zygote nobody is accepted, and the one that was waits for it. */
static void
test_no_zygote(void)
{
	struct broker *broker = &world.broker;
	int session_fd, fds[2], zygote_fd, is_on, first, second;

	world_begin(false);
	zygote_fd = take_fd(&broker->zygote_fd);
	/* Room is short: what was accepted is kept, and nothing after it. */
	connection_update_listeners(broker);
	assert(sd_event_source_get_enabled(broker->listeners[0].io, &is_on) >=
	    0 && is_on == SD_EVENT_OFF);
	first = dial_in(&session_fd);
	assert(session_fd < 0 && broker->n_connections == 0);
	connection_accept(broker, broker->listeners[0].fd);
	assert(broker->handover.connection != NULL);
	second = dial_in(&session_fd);
	connection_accept(broker, broker->listeners[0].fd);
	assert(session_fd < 0 && broker->n_connections == 1);
	assert(fd_seqpacket_pair(fds) == 0);
	broker->zygote_fd = fds[0];
	fd_close(&world.zygote_fd);
	world.zygote_fd = fds[1];
	connection_hand_over(broker);
	for (int i = 0; i < 2; i++) {
		session_fd = world_take_session(&frame);
		assert(session_fd >= 0);
		fd_close(&session_fd);
	}
	fd_close(&first);
	fd_close(&second);
	fd_close(&zygote_fd);
	world_end();
}

static void
tell_left(int session_fd)
{
	const struct rpc_session_left_event event = {};

	assert(rpc_send_request(session_fd, &rpc_call_session_left, 0, &event,
	    NULL, 0, MSG_DONTWAIT) == 0);
}

static void
fail_once(int session_fd)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_login login;

	world_claim(session_fd, WORLD_SANDBOX, "sg_nobody");
	while (!world_is_answered(session_fd))
		world_turn(1);
	assert(world_take_answer(session_fd, &login, &message) == -EACCES);
}

/* What ends without a login costs its source, by how it ends. */
static void
test_penalties(void)
{
	static const struct {
		enum penalty penalty; /* N_PENALTY: none */
		bool leaves, fails, is_exempt;
	} rows[] = {
	    {PENALTY_CRASH, .leaves = false},
	    {PENALTY_NO_AUTH, .leaves = true},
	    {PENALTY_AUTH_FAILURE, .leaves = true, .fails = true},
	    {PENALTY_CRASH, .leaves = false, .fails = true},
	    {N_PENALTY, .leaves = false, .fails = true, .is_exempt = true},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct penalty_policy policy = {.min_ms = 1000,
		    .max_ms = 600000, .sources_max = 64};
		struct err err;
		int session_fd, fd;

		/* That alone costs anything. */
		for (unsigned p = 0; p < N_PENALTY; p++)
			if (p == rows[i].penalty || rows[i].is_exempt)
				policy.costs_ms[p] = 600000;
		world_begin(false);
		assert(penalties_init(&world.broker.penalties, &policy,
		    &err) == 0);
		fd = dial_in(&session_fd);
		TAILQ_FIRST(&world.broker.connections)->is_exempt =
		    rows[i].is_exempt;
		if (rows[i].fails)
			fail_once(session_fd);
		if (rows[i].leaves)
			tell_left(session_fd);
		fd_close(&session_fd);
		world_until(are_none);
		if (rows[i].penalty == N_PENALTY)
			assert_let_in();
		else
			assert_dropped(not_now);
		assert(world_count_audit("source_refused") ==
		    (rows[i].penalty != N_PENALTY));
		fd_close(&fd);
		world_end();
	}
}

static bool
is_told_to_end(int session_fd)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_session_end_event event;

	if (rpc_receive(session_fd, &message, MSG_DONTWAIT) != 1)
		return false;
	assert(rpc_open_request(&rpc_call_session_end, &message, &event) == 0);
	assert(strcmp(event.words, "over") == 0);
	return true;
}

/* Those that a token let in are told that it is over, and nobody else. */
static void
test_end_token(void)
{
	struct connection *c;
	int session_fds[3], fds[3];

	world_begin(false);
	for (int i = 0; i < 3; i++) {
		fds[i] = dial_in(&session_fds[i]);
		c = TAILQ_LAST(&world.broker.connections, connections);
		c->login.credential = CREDENTIAL_TOKEN;
		c->login.credential_id = i == 1 ? 6 : 5;
		if (i < 2) /* the last has not come in yet */
			connection_authenticated(c);
	}
	broker_end(&world.broker, &(struct broker_ending){
	    .credential = CREDENTIAL_TOKEN, .credential_id = 5,
	    .words = "over"});
	assert(is_told_to_end(session_fds[0]));
	assert(!is_told_to_end(session_fds[1]));
	assert(!is_told_to_end(session_fds[2]));
	for (int i = 0; i < 3; i++) {
		fd_close(&session_fds[i]);
		fd_close(&fds[i]);
	}
	world_end();
}

/* A session that says what is no message is dropped. */
static void
test_nonsense(void)
{
	int session_fd, fd;

	world_begin(false);
	fd = dial_in(&session_fd);
	assert(send(session_fd, "x", 1, 0) == 1);
	world_until(are_none);
	fd_close(&session_fd);
	fd_close(&fd);
	world_end();
}

int
main(void)
{
	test_handed_over();
	test_limits();
	test_exempt();
	test_no_zygote();
	test_penalties();
	test_end_token();
	test_nonsense();
	return 0;
}
