// SPDX-License-Identifier: Apache-2.0
/*
 * What becomes of a claim: the real broker decides it, between a session and a
 * sandboxd that are played here.
 */
#include "gateway/broker/login/claim.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/rpc_calls.h"
#include "tests/unit/broker_world.h"

static int client_fd = -1, session_fd = -1;

static struct connection *
only_connection(void)
{
	struct connection *c = TAILQ_FIRST(&world.broker.connections);

	assert(c != NULL && TAILQ_NEXT(c, link) == NULL);
	return c;
}

static void
begin(bool hides_index)
{
	struct handover_session frame;

	world_begin(hides_index);
	client_fd = world_dial();
	session_fd = world_take_session(&frame);
	assert(session_fd >= 0);
}

static void
end(void)
{
	fd_close(&session_fd);
	fd_close(&client_fd);
	world_end();
}

static bool
is_answered(void)
{
	return world_is_answered(session_fd);
}

/* The answer to a claim that has been made: its code; who is let in gets what
 * his kind of login has. */
static int
answer(enum broker_login *ret_kind)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_login login;
	int r;

	world_until(is_answered);
	r = world_take_answer(session_fd, &login, &message);
	if (r < 0)
		return r;
	assert((message.n_fds == 1) == (login.kind == BROKER_LOGIN_SANDBOX));
	*ret_kind = (enum broker_login)login.kind;
	return 0;
}

static int
log_in(const char *user, const char *secret, enum broker_login *ret_kind)
{
	world_claim(session_fd, user, secret);
	return answer(ret_kind);
}

/* One capability, one line on record, and nothing is claimed twice. */
static void
test_let_in(void)
{
	enum broker_login kind;

	begin(false);
	assert(world.broker.n_startups == 1);
	assert(log_in(WORLD_SANDBOX, world.token, &kind) == 0);
	assert(kind == BROKER_LOGIN_SANDBOX);
	assert(world.sandboxd.n_opens == 1 && world_count_audit("login") == 1);
	assert(connection_is_authenticated(only_connection()));
	assert(world.broker.n_startups == 0);
	assert(only_connection()->login.credential == CREDENTIAL_TOKEN &&
	    only_connection()->login.credential_id == world.token_id);
	assert(log_in(WORLD_SANDBOX, world.token, &kind) == -EACCES);
	assert(world.sandboxd.n_opens == 1);
	end();
}

/* Whatever is wrong, the same is said, sandboxd is asked nothing, and after
 * max_auth_tries the connection ends. */
static void
test_refused(void)
{
	static const struct {
		const char *user;
		bool has_token;
	} rows[] = {
	    {WORLD_SANDBOX, false}, {WORLD_FOREIGN, true},
	    {"sb_0123456789zz", true}, {"nobody!", true}, {"new", false},
	    {"new+keep", false}, {"ctl", false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *secret;
		enum broker_login kind;

		begin(false);
		secret = rows[i].has_token ? world.token :
		    "sg_0000000000000000000000000000000000000000000";
		assert(log_in(rows[i].user, secret, &kind) == -EACCES);
		assert(!connection_is_authenticated(only_connection()));
		assert(log_in(rows[i].user, secret, &kind) == -EACCES);
		assert(log_in(rows[i].user, secret, &kind) == -EACCES);
		assert(answer(&kind) == -EPIPE);
		assert(TAILQ_EMPTY(&world.broker.connections));
		assert(world.sandboxd.n_opens == 0 &&
		    world.sandboxd.n_creates == 0);
		assert(world_count_audit("login") == 0);
		assert(world_count_audit("login_refused") == 3);
		end();
	}
}

/* Nobody is refused, or let in, before it is known whose the sandboxes are. */
static void
test_index_is_awaited(void)
{
	enum broker_login kind;

	begin(true);
	world_claim(session_fd, WORLD_SANDBOX, world.token);
	for (int i = 0; i < 20 || world.sandboxd.index_id == 0; i++)
		world_turn(1);
	assert(!is_answered() && only_connection()->claim != NULL);
	world_tell_index();
	assert(answer(&kind) == 0 && kind == BROKER_LOGIN_SANDBOX);
	end();
}

static bool
is_opening(void)
{
	return world.sandboxd.open_id != 0;
}

/* Revoked while sandboxd is asked: refused at once, and what comes too late is
 * closed; the same where nobody says so but the database. */
static void
test_revoked(void)
{
	for (int is_told = 0; is_told < 2; is_told++) {
		enum broker_login kind;

		begin(false);
		world.sandboxd.holds_opens = true;
		world_claim(session_fd, WORLD_SANDBOX, world.token);
		world_until(is_opening);
		world_revoke();
		if (is_told)
			claims_review(&world.broker);
		else
			world_answer_open();
		assert(answer(&kind) == -EACCES);
		assert(world_count_audit("login") == 0);
		if (is_told)
			world_answer_open();
		assert(log_in(WORLD_SANDBOX, world.token, &kind) == -EACCES);
		assert(!connection_is_authenticated(only_connection()));
		end();
	}
}

/* What cannot be recorded does not happen, and is not the client's fault. */
static void
test_not_on_record(void)
{
	enum broker_login kind;
	int audit_fd;

	begin(false);
	audit_fd = world.broker.audit.fd;
	world.broker.audit.fd = -1;
	world.broker.audit.path[0] = '\0';
	assert(log_in(WORLD_SANDBOX, world.token, &kind) == -EACCES);
	assert(only_connection()->is_excused);
	fd_close(&audit_fd);
	end();
}

static bool
is_creating(void)
{
	return world.sandboxd.create_id != 0;
}

static bool
is_undone(void)
{
	return world.sandboxd.n_destroys == 1;
}

/* A sandbox that was made for a login is its own, and stays. */
static void
test_new(void)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_login login;

	begin(false);
	world_claim(session_fd, "new+keep", world.token);
	world_until(is_answered);
	assert(world_take_answer(session_fd, &login, &message) == 0);
	assert(login.kind == BROKER_LOGIN_SANDBOX && message.n_fds == 1);
	assert(strcmp(login.sandbox_id, WORLD_MADE) == 0);
	assert(strstr(login.notice, "stays until it is destroyed") != NULL);
	/* One capability to make it, and one to go in. */
	assert(world.sandboxd.n_opens == 2 && world.sandboxd.n_creates == 1);
	fd_close(&session_fd);
	for (int i = 0; i < 20; i++)
		world_turn(1);
	assert(TAILQ_EMPTY(&world.broker.connections));
	assert(world.sandboxd.n_destroys == 0);
	end();
}

/* Who does not come in leaves none behind: the connection ends while it is
 * being made, or its credential does. */
static void
test_new_undone(void)
{
	for (int is_revoked = 0; is_revoked < 2; is_revoked++) {
		enum broker_login kind;

		begin(false);
		world.sandboxd.holds_creates = true;
		world_claim(session_fd, "new+keep", world.token);
		world_until(is_creating);
		if (is_revoked) {
			world_revoke();
			claims_review(&world.broker);
			assert(answer(&kind) == -EACCES);
		} else {
			connection_free(only_connection());
		}
		assert(!LIST_EMPTY(&world.broker.unwanted));
		world_answer_create(0);
		world_until(is_undone);
		assert(LIST_EMPTY(&world.broker.unwanted));
		assert(world_count_audit("login") == 0);
		end();
	}
}

/* It cannot be made: who asked is known, and is told why. */
static void
test_new_fails(void)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_login login;

	begin(false);
	world.sandboxd.holds_creates = true;
	world_claim(session_fd, "new", world.token);
	world_until(is_creating);
	world_answer_create(ENOSPC);
	world_until(is_answered);
	assert(world_take_answer(session_fd, &login, &message) == 0);
	assert(login.kind == BROKER_LOGIN_FAILED && message.n_fds == 0);
	assert(strcmp(login.notice,
	    "sandgate: no sandbox was made: no room") == 0);
	assert(world_count_audit("create_failed") == 1);
	assert(world.sandboxd.n_destroys == 0);
	end();
}

/* sandboxd goes away while it makes one: the client may try again. */
static void
test_new_is_lost(void)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_login login;

	begin(false);
	world.sandboxd.holds_creates = true;
	world_claim(session_fd, "new", world.token);
	world_until(is_creating);
	assert(shutdown(world.sandboxd.create_fd, SHUT_RDWR) == 0);
	world_until(is_answered);
	assert(world_take_answer(session_fd, &login, &message) == 0);
	assert(login.kind == BROKER_LOGIN_FAILED);
	assert(strstr(login.notice, "restarted; try again") != NULL);
	end();
}

int
main(void)
{
	test_let_in();
	test_refused();
	test_index_is_awaited();
	test_revoked();
	test_not_on_record();
	test_new();
	test_new_undone();
	test_new_fails();
	test_new_is_lost();
	return 0;
}
