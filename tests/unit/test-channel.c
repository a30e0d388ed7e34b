// SPDX-License-Identifier: Apache-2.0
/*
 * A session channel between the client of client_fixture.h and an init that is
 * the other end of a socket here: from the request to the status.
 */
#include "gateway/ssh/channel.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "common/fd.h"
#include "tests/unit/client_fixture.h"

static struct ssh_conf options;
static struct session session;
static int init_fd = -1; /* init's end */

static struct channel *
begin(const char *command)
{
	struct channel *c;
	int fds[2];

	client_begin();
	memset(&session, 0, sizeof session);
	session.turn.options = &options;
	session.turn.init = &session.init;
	session.turn.broker = &session.broker;
	session.turn.login = &session.login;
	session.turn.user = session.user;
	session.turn.now_ms = 1000;
	session.login.rights = RPC_RIGHT_SPAWN | RPC_RIGHT_SFTP;
	forwarding_init(&session.forwarding, &session.turn);
	broker_client_init(&session.broker, -1);
	init_client_init(&session.init, -1);
	assert(fd_seqpacket_pair(fds) == 0);
	init_client_attached(&session.init, fds[0]);
	init_fd = fds[1];
	c = channel_open(&session, NULL);
	assert(c != NULL && c->state == CHANNEL_OPEN);
	c->kind = INIT_SPAWN_COMMAND;
	c->command = strdup(command);
	c->state = CHANNEL_WANTED;
	return c;
}

static void
end(struct channel *c)
{
	channel_destroy(c);
	assert(client.is_freed);
	init_client_fini(&session.init);
	fd_close(&init_fd);
}

static int
turn_once(struct channel *c)
{
	struct pollfd fds[RELAY_POLL_MAX];
	int timeout_ms = -1;
	size_t n;

	channel_turn(c, &timeout_ms);
	n = relay_collect(&c->relay, fds);
	assert(poll(fds, n, 0) >= 0);
	relay_ready(&c->relay, fds, n);
	return timeout_ms;
}

/* Init's side: the command that is wanted, and three pipes for it. */
static void
spawn(struct channel *c, const char *command, int ends[3])
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_spawn_req request;
	struct init_event event = {.kind = INIT_SPAWNED, .handle = 9,
	    .n_fds = 3};
	int fds[2];

	assert(c->state == CHANNEL_STARTING);
	assert(rpc_receive(init_fd, &message, MSG_DONTWAIT) == 1);
	assert(rpc_open_request(&rpc_call_spawn, &message, &request) == 0);
	assert(message.header.id == c->spawn_id);
	assert(strcmp(request.command, command) == 0 && !request.pty);
	for (int i = 0; i < 3; i++) {
		assert(pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
		event.fds[i] = fds[i == 0];
		ends[i] = fds[i != 0];
	}
	channel_spawned(c, &event);
	assert(c->state == CHANNEL_RUNNING && c->command == NULL);
}

static void
close_ends(int ends[3])
{
	for (int i = 0; i < 3; i++)
		fd_close(&ends[i]);
}

/* Output, then the status, then the end of both. */
static void
test_command(void)
{
	struct channel *c = begin("true");
	int ends[3];

	turn_once(c);
	spawn(c, "true", ends);
	assert(write(ends[1], "out", 3) == 3);
	turn_once(c);
	assert(client.n_sent[0] == 3);
	channel_exited(c, W_EXITCODE(7, 0));
	close_ends(ends);
	for (int i = 0; i < 4 && c->state != CHANNEL_CLOSED; i++)
		turn_once(c);
	assert(client.has_status && client.status == 7);
	assert(client.has_close && c->state == CHANNEL_CLOSED);
	end(c);
}

/* The status is told at once, though somebody still holds the output. */
static void
test_left_behind(void)
{
	struct channel *c = begin("sleep 9 &");
	int ends[3];

	turn_once(c);
	spawn(c, "sleep 9 &", ends);
	channel_exited(c, W_EXITCODE(0, SIGTERM));
	turn_once(c);
	assert(client.has_status && strcmp(client.signal, "TERM") == 0);
	assert(!client.has_close && c->state == CHANNEL_EXITED);
	assert(write(ends[1], "late", 4) == 4);
	turn_once(c);
	assert(client.n_sent[0] == 4);
	close_ends(ends);
	for (int i = 0; i < 4 && c->state != CHANNEL_CLOSED; i++)
		turn_once(c);
	assert(c->state == CHANNEL_CLOSED);
	end(c);
}

/* EOF waits a little for a status that may follow. */
static void
test_eof_is_held(void)
{
	struct channel *c = begin("exec >&-");
	int ends[3], timeout_ms;

	turn_once(c);
	spawn(c, "exec >&-", ends);
	fd_close(&ends[1]);
	fd_close(&ends[2]);
	turn_once(c);
	timeout_ms = turn_once(c);
	assert(!client.has_eof && timeout_ms > 0 && timeout_ms <= 50);
	session.turn.now_ms += 50;
	turn_once(c);
	assert(client.has_eof && !client.has_close);
	channel_exited(c, W_EXITCODE(0, 0));
	turn_once(c);
	assert(client.has_status && client.has_close);
	close_ends(ends);
	end(c);
}

/* Init says no, or passes what was not asked for: words and 255. */
static void
test_failures(void)
{
	struct channel *c = begin("x");
	struct init_event event = {.kind = INIT_SPAWNED, .n_fds = 1};

	turn_once(c);
	channel_failed(c, "no user \"x\"");
	turn_once(c);
	assert(client.status == 255 && client.has_close);
	assert(memcmp(client.sent[1], "sandgate: cannot start: no user", 31) ==
	    0);
	end(c);

	c = begin("x");
	turn_once(c);
	event.fds[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
	channel_spawned(c, &event);
	assert(c->state == CHANNEL_EXITED);
	fd_close(&event.fds[0]);
	turn_once(c);
	assert(client.status == 255 && client.has_close);
	end(c);
}

/* A right that is missing is refused before init is asked, in sshd's words. */
static void
test_refused(void)
{
	struct channel *c = begin("x");
	struct rpc_message message;

	session.login.rights = RPC_RIGHT_SFTP;
	turn_once(c);
	assert(rpc_receive(init_fd, &message, MSG_DONTWAIT) == -EAGAIN);
	assert(client.status == 1 && client.n_sent[1] > 0);
	end(c);
}

/* Init does not read just now: it is asked again. */
static void
test_init_is_full(void)
{
	struct channel *c = begin("x");
	char junk[1024] = {0};
	int n_sent = 0;

	assert(fd_set_nonblocking(session.init.init_fd) == 0);
	while (send(session.init.init_fd, junk, sizeof junk, 0) > 0)
		n_sent++;
	turn_once(c);
	assert(c->state == CHANNEL_WANTED);
	while (n_sent-- > 0)
		assert(recv(init_fd, junk, sizeof junk, 0) > 0);
	turn_once(c);
	assert(c->state == CHANNEL_STARTING);
	end(c);
}

/* The client has gone before there is a process: nothing is spawned. */
static void
test_client_closes(void)
{
	struct channel *c = begin("x");

	c->state = CHANNEL_OPEN;
	client.callbacks->channel_close_function(NULL, NULL,
	    client.callbacks->userdata);
	client.close_again = 1;
	assert(turn_once(c) == 0);
	assert(c->state == CHANNEL_OPEN);
	turn_once(c);
	assert(c->state == CHANNEL_CLOSED);
	end(c);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_command();
	test_left_behind();
	test_eof_is_held();
	test_failures();
	test_refused();
	test_init_is_full();
	test_client_closes();
	return 0;
}
