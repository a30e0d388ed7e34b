// SPDX-License-Identifier: Apache-2.0
/*
 * Claims, where a call of the broker's fails while it decides: the session is
 * answered or cut off, whoever is let in is on record, and of a sandbox that
 * was made nothing is forgotten.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "tests/fault/fault.h"
#include "tests/unit/broker_world.h"

#define ARMED_TURNS 40

static int session_fd = -1;
static const char *user;

static void
arm(bool is_on)
{
	fault_spare(!is_on);
}

static bool
is_answered(void)
{
	return world_is_answered(session_fd);
}

/* Or it is to be cut off, and that (shutdown, which never fails) failed too. */
static bool
is_over(void)
{
	const struct connection *c = TAILQ_FIRST(&world.broker.connections);

	return is_answered() || (c != NULL && c->server.broken[0] != '\0');
}

static bool
is_settled(void)
{
	return LIST_EMPTY(&world.broker.unwanted);
}

/* 0 where it was let in. */
static int
take_answer(void)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_login login = {0};
	int r = world_take_answer(session_fd, &login, &message);

	assert(r == 0 || fault_happened());
	assert(r == 0 || r == -EACCES || r == -EPIPE || r == -ENOMEM);
	if (r < 0)
		return r;
	assert(message.n_fds == (login.kind == BROKER_LOGIN_SANDBOX));
	assert(login.kind == BROKER_LOGIN_SANDBOX || (fault_happened() &&
	    login.kind == BROKER_LOGIN_FAILED && login.notice[0] != '\0'));
	return login.kind == BROKER_LOGIN_SANDBOX ? 0 : -EAGAIN;
}

static void
decide(void)
{
	int r;

	world_claim(session_fd, user, world.token);
	for (int i = 0; i < ARMED_TURNS && !is_answered(); i++)
		world_turn(1);
	/* What waits for better times may go on now. */
	fault_stop();
	world_until(is_over);
	r = is_answered() ? take_answer() : -EPIPE;
	assert(r < 0 || world_count_audit("login") == 1);
	world_until(is_settled);
	assert(r < 0 || world.sandboxd.n_destroys == 0);
	/* One that was made for nobody was undone. */
	assert(r == 0 || world.sandboxd.n_destroys == world.sandboxd.n_creates
	    || fault_happened());
}

static void
claim(void)
{
	struct handover_session frame;
	int client_fd;

	fault_spare(true);
	world_begin(false);
	client_fd = world_dial();
	world_arm = NULL;
	session_fd = world_take_session(&frame);
	assert(session_fd >= 0);
	world_arm = arm;
	decide();
	world_arm = NULL;
	fd_close(&session_fd);
	fd_close(&client_fd);
	world_end();
	fault_spare(false);
}

/* From the connection's first byte to its session. */
static void
connect_in(void)
{
	struct handover_session frame;
	int client_fd;

	fault_spare(true);
	world_begin(false);
	client_fd = world_dial();
	world_arm = arm;
	session_fd = world_take_session(&frame);
	world_arm = NULL;
	assert(session_fd >= 0 || fault_happened());
	assert(world.broker.n_connections ==
	    (session_fd >= 0 ? 1 : world.broker.n_connections));
	fd_close(&session_fd);
	fd_close(&client_fd);
	world_end();
	fault_spare(false);
}

int
main(void)
{
	log_init("fault-claim", LOG_LEVEL_ERROR);
	fault_run("connection", connect_in);
	user = WORLD_SANDBOX;
	fault_run("a sandbox", claim);
	user = "new+keep";
	fault_run("a new one", claim);
	return 0;
}
