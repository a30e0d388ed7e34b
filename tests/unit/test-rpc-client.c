// SPDX-License-Identifier: Apache-2.0
/*
 * The client against a socket that is answered by hand: out of order, late,
 * with nonsense, not at all, and with nobody reading.
 */
#include "common/rpc_client.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/rpc_calls.h"

#define CALLS_MAX 4096

/* What came of one call. */
struct answer {
	int n, code;
	uint32_t id, spawned;
	int fd;
	char words[sizeof ((struct err *)0)->text];
};

static int n_events, event_error;

static void
take(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct answer *answer = arg;
	const struct rpc_ping_rep *ping = reply;

	assert((reply == NULL) == (message == NULL));
	assert((reply == NULL) == (err != NULL));
	answer->n++;
	answer->code = err != NULL ? err->code : 0;
	if (err != NULL)
		snprintf(answer->words, sizeof answer->words, "%s", err->text);
	if (ping != NULL)
		answer->spawned = ping->spawned;
}

static void
take_socket(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct answer *answer = arg;

	(void)err;
	assert(reply != NULL && message->n_fds == 1);
	answer->n++;
	answer->fd = take_fd(&message->fds[0]);
}

static int
take_event(void *arg, const struct rpc_message *message)
{
	struct rpc_exited_event event;

	(void)arg;
	n_events++;
	if (event_error != 0)
		return event_error;
	return rpc_open_request(&rpc_call_exited, message, &event);
}

static struct rpc_client *
make_with(const struct rpc_client_options *options, int *ret_server_fd)
{
	struct rpc_client *client;
	struct err err;
	int pair[2];

	assert(fd_seqpacket_pair(pair) == 0);
	assert(rpc_client_new(options, &client, &err) == 0);
	assert(rpc_client_fd(client) == -1 && rpc_client_events(client) == 0);
	rpc_client_connect(client, pair[0]);
	assert(rpc_client_events(client) == POLLIN);
	*ret_server_fd = pair[1];
	return client;
}

static struct rpc_client *
make(bool is_persistent, int *ret_server_fd)
{
	return make_with(&(struct rpc_client_options){.calls_max = CALLS_MAX,
	    .queue_bytes_max = 1 << 20, .is_persistent = is_persistent,
	    .event = take_event}, ret_server_fd);
}

static int
ping_until(struct rpc_client *client, struct answer *answer,
    uint64_t deadline_ms)
{
	const struct rpc_ping_req request = {};
	struct err err;

	return rpc_client_call(client, &(struct rpc_client_call){
	    .row = &rpc_call_ping, .request = &request, .done = take,
	    .arg = answer, .deadline_ms = deadline_ms}, &answer->id, &err);
}

static void
ping(struct rpc_client *client, struct answer *answer)
{
	assert(ping_until(client, answer, 0) == 0);
}

/* The next request's id. */
static uint32_t
next(int fd, const struct rpc_call *row)
{
	auto_rpc_message struct rpc_message message = {0};

	assert(rpc_receive(fd, &message, MSG_DONTWAIT) == 1);
	assert(message.header.number == row->number);
	return message.header.id;
}

static void
pong(int fd, uint32_t id, uint32_t spawned)
{
	const struct rpc_ping_rep reply = {.spawned = spawned};

	assert(rpc_send_reply(fd, &rpc_call_ping, id, &reply, NULL, 0,
	    MSG_DONTWAIT) == 0);
}

static void
test_ids(void)
{
	struct answer a = {0}, b = {0}, c = {0};
	int fd;
	struct rpc_client *client = make(false, &fd);
	struct err err;

	assert(rpc_client_read_one(client) == -EAGAIN);
	ping(client, &a);
	ping(client, &b);
	ping(client, &c);
	assert(next(fd, &rpc_call_ping) == a.id);
	assert(next(fd, &rpc_call_ping) == b.id);
	assert(next(fd, &rpc_call_ping) == c.id);
	pong(fd, b.id, 2);
	pong(fd, a.id, 1);
	pong(fd, a.id, 9); /* a second answer is nobody's */
	rpc_client_forget(client, &c);
	assert(rpc_client_count(client) == 2);
	pong(fd, c.id, 3);
	rpc_client_ready(client);
	assert(a.n == 1 && a.spawned == 1 && b.n == 1 && b.spawned == 2);
	assert(c.n == 0 && rpc_client_count(client) == 0);

	/* The server's error, and a reply that is malformed. */
	ping(client, &a);
	ping(client, &b);
	err_set(&err, EACCES, "no");
	assert(rpc_send_error(fd, rpc_call_ping.number, a.id, &err, 0) == 0);
	assert(rpc_send_error(fd, rpc_call_spawn.number, b.id, &err, 0) == 0);
	rpc_client_ready(client);
	assert(a.n == 2 && a.code == EACCES && b.n == 2 && b.code == EBADMSG);
	rpc_client_free(client);
	fd_close(&fd);
}

static void
test_events_and_nonsense(void)
{
	const struct rpc_exited_event event = {.handle = 1};
	const struct rpc_ping_req request = {};
	struct answer a = {0};
	int fd;
	struct rpc_client *client = make(false, &fd);

	assert(rpc_send_request(fd, &rpc_call_exited, 0, &event, NULL, 0,
	    0) == 0);
	assert(rpc_client_read_one(client) == 1 && n_events == 1);

	/* What nobody ever asked, and what is no reply, end the connection. */
	ping(client, &a);
	pong(fd, a.id + 1, 0);
	assert(rpc_client_read_one(client) == -ENOTCONN);
	assert(a.n == 1 && a.code == EPIPE && rpc_client_fd(client) == -1);
	assert(strcmp(a.words, "the server hung up: Bad message") == 0);
	assert(ping_until(client, &a, 0) == -ENOTCONN && a.n == 1);
	rpc_client_free(client);
	fd_close(&fd);
	client = make(false, &fd);
	ping(client, &a);
	assert(rpc_send_request(fd, &rpc_call_ping, 1, &request, NULL, 0,
	    0) == 0);
	rpc_client_ready(client);
	assert(a.n == 2 && a.code == EPIPE && rpc_client_fd(client) == -1);
	rpc_client_free(client);
	fd_close(&fd);
	/* So does an event that cannot be taken, whatever the reason. */
	client = make(false, &fd);
	ping(client, &a);
	event_error = -EAGAIN;
	assert(rpc_send_request(fd, &rpc_call_exited, 0, &event, NULL, 0,
	    0) == 0);
	assert(rpc_client_read_one(client) == -ENOTCONN);
	assert(a.n == 3 && a.code == EPIPE && rpc_client_fd(client) == -1);
	event_error = 0;
	rpc_client_free(client);
	fd_close(&fd);
	/* An end is told as one. */
	client = make(false, &fd);
	ping(client, &a);
	fd_close(&fd);
	rpc_client_ready(client);
	assert(a.n == 4 && strcmp(a.words, "the server hung up") == 0);
	rpc_client_free(client);
}

static void
test_descriptors(void)
{
	const struct rpc_dial_tcp_req request = {.host = "a", .port = 1};
	const struct rpc_dial_tcp_rep reply = {};
	struct answer a = {.fd = -1};
	int fd;
	struct rpc_client *client = make(false, &fd);
	struct err err;

	assert(rpc_client_call(client, &(struct rpc_client_call){
	    .row = &rpc_call_dial_tcp, .request = &request,
	    .done = take_socket, .arg = &a}, &a.id, &err) == 0);
	assert(rpc_send_reply(fd, &rpc_call_dial_tcp, a.id, &reply, &fd, 1,
	    0) == 0);
	rpc_client_ready(client);
	assert(a.n == 1 && a.fd >= 0);
	fd_close(&a.fd);
	rpc_client_free(client);
	fd_close(&fd);
}

/* Nobody reads: requests wait in order, up to the limits. */
static void
test_queue(void)
{
	static struct answer answers[CALLS_MAX + 1];
	struct answer forgotten = {0};
	int fd;
	struct rpc_client *client = make(false, &fd);
	size_t n = 0;

	while (rpc_client_events(client) == POLLIN)
		ping(client, &answers[n++]);
	ping(client, &forgotten);
	while (n < CALLS_MAX - 1)
		ping(client, &answers[n++]);
	assert(ping_until(client, &answers[n], 0) == -EBUSY);
	assert(rpc_client_count(client) == CALLS_MAX);
	rpc_client_forget(client, &forgotten);
	for (size_t i = 0; i < n; i++) {
		rpc_client_ready(client);
		pong(fd, next(fd, &rpc_call_ping), (uint32_t)i);
	}
	while (rpc_client_read_one(client) == 1)
		;
	for (size_t i = 0; i < n; i++)
		assert(answers[i].n == 1 && answers[i].spawned == i);
	assert(rpc_client_count(client) == 0 && forgotten.n == 0);
	assert(rpc_client_events(client) == POLLIN);
	rpc_client_free(client);
	fd_close(&fd);
}

static void
test_queue_bytes(void)
{
	static char command[100000];
	const struct rpc_spawn_req request = {.command = command};
	struct answer a = {0};
	int fd;
	struct rpc_client *client = make(false, &fd);
	const struct rpc_client_call call = {.row = &rpc_call_spawn,
	    .request = &request, .done = take, .arg = &a};
	struct err err;
	size_t n = 0;

	memset(command, 'a', sizeof command - 1);
	while (rpc_client_call(client, &call, NULL, &err) == 0)
		n++;
	assert(err.code == EBUSY && n > 10 && n < 20);
	assert(rpc_client_count(client) == n);
	fd_close(&fd);
	while (rpc_client_fd(client) >= 0)
		rpc_client_ready(client);
	assert((size_t)a.n == n && a.code == EPIPE);
	rpc_client_free(client);
}

static void
test_deadlines(void)
{
	struct answer a = {0}, b = {0};
	int fd;
	struct rpc_client *client = make(false, &fd);

	assert(rpc_client_next_deadline_ms(client) == UINT64_MAX);
	assert(ping_until(client, &a, 200) == 0);
	assert(ping_until(client, &b, 100) == 0);
	assert(rpc_client_next_deadline_ms(client) == 100);
	rpc_client_expire(client, 99);
	assert(a.n == 0 && b.n == 0);
	rpc_client_expire(client, 100);
	assert(a.n == 0 && b.n == 1 && b.code == ETIMEDOUT);
	assert(rpc_client_next_deadline_ms(client) == 200);

	/* Too late an answer is dropped, and costs nobody anything. */
	pong(fd, b.id, 1);
	pong(fd, a.id, 2);
	rpc_client_ready(client);
	assert(b.n == 1 && a.n == 1 && a.spawned == 2);
	rpc_client_free(client);
	fd_close(&fd);
}

/* One that outlives its connection asks what was not answered again. */
static void
test_persistent(void)
{
	struct answer a = {0}, b = {0}, c = {0};
	int fd, pair[2];
	struct rpc_client *client = make(true, &fd);

	ping(client, &a);
	ping(client, &b);
	assert(next(fd, &rpc_call_ping) == a.id);
	assert(next(fd, &rpc_call_ping) == b.id);
	pong(fd, a.id, 1);
	fd_close(&fd);
	rpc_client_ready(client);
	assert(a.n == 1 && b.n == 0 && rpc_client_fd(client) == -1);
	assert(ping_until(client, &c, 500) == 0);
	rpc_client_expire(client, 500);
	assert(c.n == 1 && c.code == ETIMEDOUT);
	ping(client, &c);
	assert(fd_seqpacket_pair(pair) == 0);
	rpc_client_connect(client, pair[0]);
	assert(next(pair[1], &rpc_call_ping) == b.id);
	assert(next(pair[1], &rpc_call_ping) == c.id);
	pong(pair[1], b.id, 7);
	rpc_client_ready(client);
	assert(b.n == 1 && b.spawned == 7 && c.n == 1);
	rpc_client_free(client);
	fd_close(&pair[1]);
	assert(c.n == 1);
}

/* What was sent fails with its connection, what was not waits for the next
 * one, or for rpc_client_fail. */
static void
test_keeps_unsent(void)
{
	const struct rpc_client_options options = {.calls_max = CALLS_MAX,
	    .queue_bytes_max = 1 << 20, .keeps_unsent = true, .sent_max = 1};
	const struct err err = {EACCES, "no"};
	struct answer a = {0}, b = {0}, c = {0}, d = {0};
	int fd, pair[2];
	struct rpc_client *client = make_with(&options, &fd);

	ping(client, &a);
	ping(client, &b);
	fd_close(&fd);
	rpc_client_ready(client);
	assert(a.n == 1 && a.code == EPIPE && b.n == 0);
	assert(rpc_client_fd(client) == -1);
	ping(client, &c);
	assert(rpc_client_count_unsent(client) == 2);
	assert(fd_seqpacket_pair(pair) == 0);
	rpc_client_connect(client, pair[0]);
	assert(next(pair[1], &rpc_call_ping) == b.id);
	pong(pair[1], b.id, 5);
	rpc_client_ready(client);
	assert(b.n == 1 && b.spawned == 5);
	assert(next(pair[1], &rpc_call_ping) == c.id);

	/* A socket that turns out to be broken took nothing. */
	pong(pair[1], c.id, 6);
	fd_close(&pair[1]);
	assert(ping_until(client, &d, 0) == 0);
	rpc_client_ready(client);
	assert(c.n == 1 && c.spawned == 6 && d.n == 0);
	assert(rpc_client_count_unsent(client) == 1);
	rpc_client_fail(client, &err);
	assert(d.n == 1 && d.code == EACCES);
	assert(rpc_client_count(client) == 0);
	rpc_client_free(client);
	assert(a.n + b.n + c.n + d.n == 4);
}

static void
take_and_free(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct rpc_client **client = arg;

	(void)reply;
	(void)message;
	(void)err;
	rpc_client_free(*client);
	*client = NULL;
}

/* An answer may free its client, whether it is one or the end. */
static void
test_freed_by_answer(void)
{
	const struct rpc_ping_req request = {};
	struct answer a = {0};
	struct err err;

	for (int has_answer = 0; has_answer < 2; has_answer++) {
		int fd;
		struct rpc_client *client = make(false, &fd);
		uint32_t id;

		assert(rpc_client_call(client, &(struct rpc_client_call){
		    .row = &rpc_call_ping, .request = &request,
		    .done = take_and_free, .arg = &client}, &id, &err) == 0);
		ping(client, &a);
		if (has_answer)
			pong(fd, id, 1);
		else
			fd_close(&fd);
		rpc_client_ready(client);
		assert(client == NULL && a.n == 0);
		fd_close(&fd);
	}
}

/* No more than so many are with the server; each answer lets one follow, and
 * so many messages are read at a time. */
static void
test_sent_max(void)
{
	const struct rpc_client_options options = {.calls_max = 8,
	    .queue_bytes_max = 1 << 16, .sent_max = 2, .burst = 1};
	auto_rpc_message struct rpc_message message = {0};
	struct answer answers[4] = {0};
	struct rpc_client *client;
	struct err err;
	int pair[2];

	assert(fd_seqpacket_pair(pair) == 0);
	assert(rpc_client_new(&options, &client, &err) == 0);
	rpc_client_connect(client, pair[0]);
	for (int i = 0; i < 4; i++)
		ping(client, &answers[i]);
	assert(next(pair[1], &rpc_call_ping) == answers[0].id);
	assert(next(pair[1], &rpc_call_ping) == answers[1].id);
	assert(rpc_receive(pair[1], &message, MSG_DONTWAIT) == -EAGAIN);
	/* It is not for want of room in the socket. */
	assert(rpc_client_events(client) == POLLIN);
	pong(pair[1], answers[1].id, 1);
	pong(pair[1], answers[0].id, 0);
	rpc_client_ready(client);
	assert(answers[1].n == 1 && answers[0].n == 0);
	assert(next(pair[1], &rpc_call_ping) == answers[2].id);
	assert(rpc_receive(pair[1], &message, MSG_DONTWAIT) == -EAGAIN);
	rpc_client_ready(client);
	assert(answers[0].n == 1);
	assert(next(pair[1], &rpc_call_ping) == answers[3].id);
	rpc_client_free(client);
	fd_close(&pair[1]);
}

/* What `ended` saw, and does with the client. */
static struct ending {
	struct rpc_client *client;
	struct answer answer;
	int n;
	bool frees;
} ending;

static void
take_end(void *arg)
{
	assert(arg == &ending && ending.answer.n == 0);
	assert(rpc_client_fd(ending.client) == -1);
	ending.n++;
	if (ending.frees)
		rpc_client_free(ending.client);
}

/* Told of the end once, before calls fail by it, whoever brought it about. */
static void
test_ended(void)
{
	const struct rpc_client_options options = {.calls_max = 8,
	    .queue_bytes_max = 1 << 16, .ended = take_end, .arg = &ending};
	struct err err;

	for (int i = 0; i < 4; i++) {
		bool is_ours = i % 2 != 0;
		int pair[2];

		ending = (struct ending){.frees = i >= 2};
		assert(fd_seqpacket_pair(pair) == 0);
		assert(rpc_client_new(&options, &ending.client, &err) == 0);
		rpc_client_connect(ending.client, pair[0]);
		ping(ending.client, &ending.answer);
		if (is_ours) {
			rpc_client_connect(ending.client, -1);
		} else {
			fd_close(&pair[1]);
			rpc_client_ready(ending.client);
		}
		assert(ending.n == 1);
		assert(ending.answer.n == !ending.frees);
		if (!ending.frees)
			rpc_client_free(ending.client);
		fd_close(&pair[1]);
	}
	assert(ending.n == 1);
}

int
main(void)
{
	test_ids();
	test_events_and_nonsense();
	test_descriptors();
	test_queue();
	test_queue_bytes();
	test_deadlines();
	test_persistent();
	test_keeps_unsent();
	test_freed_by_answer();
	test_sent_max();
	test_ended();
	return 0;
}
