// SPDX-License-Identifier: Apache-2.0
#include "common/rpc_calls.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static void
test_round_trip(void)
{
	static const char env[] = "A=1\0B=2";
	struct rpc_spawn_req in = {.kind = INIT_SPAWN_COMMAND,
	    .command = "echo hi", .user = "", .term = "xterm", .cwd = "",
	    .env = {env, sizeof env, 2}, .pty = 1, .rows = 24, .columns = 80};
	struct rpc_spawn_req out;
	struct rpc_message m;
	int sock[2], pipe_fds[2];

	assert(fd_seqpacket_pair(sock) == 0 && pipe(pipe_fds) == 0);
	assert(rpc_send_request(sock[0], &rpc_call_spawn, 7, &in, NULL, 0,
	    0) == 0);
	assert(rpc_receive(sock[1], &m, 0) == 1);
	assert(m.header.number == 102 && m.header.id == 7);
	assert(rpc_open_request(&rpc_call_spawn, &m, &out) == 0);
	assert(strcmp(out.command, "echo hi") == 0 && out.rows == 24);
	assert(out.env.count == 2);
	assert(strcmp(rpc_strv_next(&out.env), "A=1") == 0);
	assert(strcmp(rpc_strv_next(&out.env), "B=2") == 0);
	assert(rpc_strv_next(&out.env) == NULL);

	/* The same frame, one byte short or one too many, is refused. */
	m.header.size--;
	assert(rpc_open_request(&rpc_call_spawn, &m, &out) == -EBADMSG);
	rpc_message_free(&m);

	struct rpc_spawn_rep rep = {.handle = 3}, got;
	struct err err = {0};

	assert(rpc_send_reply(sock[1], &rpc_call_spawn, 7, &rep, pipe_fds, 2,
	    0) == 0);
	assert(rpc_receive(sock[0], &m, 0) == 1 && m.n_fds == 2);
	assert(rpc_open_reply(&rpc_call_spawn, &m, &got, &err) == 0);
	assert(got.handle == 3);
	rpc_message_free(&m);

	err_set(&err, ENOENT, "no user \"x\"");
	assert(rpc_send_error(sock[1], 102, 7, &err, 0) == 0);
	memset(&err, 0, sizeof err);
	assert(rpc_receive(sock[0], &m, 0) == 1);
	assert(rpc_open_reply(&rpc_call_spawn, &m, &got, &err) == -ENOENT);
	assert(strcmp(err.text, "no user \"x\"") == 0);
	rpc_message_free(&m);
	err_retry(&err, 42);
	assert(rpc_send_error(sock[1], 102, 7, &err, 0) == 0);
	memset(&err, 0, sizeof err);
	assert(rpc_receive(sock[0], &m, 0) == 1);
	assert(rpc_open_reply(&rpc_call_spawn, &m, &got, &err) == -ENOENT);
	assert(err.retry_s == 42 && err_wrap(&err, "a") == -ENOENT);
	assert(err.retry_s == 42 && strcmp(err.text, "a: no user \"x\"") == 0);
	assert(err.cause[0] == '\0');
	rpc_message_free(&m);
	for (unsigned retry_s = 0; retry_s < 2; retry_s++) {
		err_set(&err, EBUSY, "sb_1 is paused");
		err_retry(&err, retry_s);
		assert(err_cause(&err, "paused") == -EBUSY);
		assert(rpc_send_error(sock[1], 102, 7, &err, 0) == 0);
		memset(&err, 0, sizeof err);
		assert(rpc_receive(sock[0], &m, 0) == 1);
		assert(rpc_open_reply(&rpc_call_spawn, &m, &got, &err) ==
		    -EBUSY);
		assert(err_wrap(&err, "a") == -EBUSY);
		assert(strcmp(err.cause, "paused") == 0);
		assert(err.retry_s == retry_s);
		assert(strcmp(err.text, "a: sb_1 is paused") == 0);
		rpc_message_free(&m);
	}
	assert(err_set(&err, ENOENT, "other") == -ENOENT && !*err.cause);
	for (int i = 0; i < 2; i++) {
		close(sock[i]);
		close(pipe_fds[i]);
	}
}

/* Every row has a number of its own, and is found by it. */
static void
test_tables(void)
{
	for (unsigned n = 0; n < 65536; n++) {
		const struct rpc_call *a =
		    rpc_find_sandboxd_call((uint16_t)n);
		const struct rpc_call *b = rpc_find_init_call((uint16_t)n);

		assert(a == NULL || a->number == n);
		assert(b == NULL || b->number == n);
		assert(a == NULL || b == NULL);
	}
	/* Of two that have one number the second would not be found. */
#define RPC_CALL(number, name, ...)                                            \
	assert(rpc_find_sandboxd_call(number) == &rpc_call_##name);
#define RPC_EVENT(number, name, ...)                                           \
	assert(rpc_find_sandboxd_call(number) == &rpc_call_##name);
#include "common/rpc.def"
	assert(rpc_find_sandboxd_call(14) == &rpc_call_sandbox_attach);
	assert(rpc_find_init_call(103)->kind == RPC_KIND_EVENT);
}

/* Truncations and flipped bytes never read outside and never crash. */
static void
test_damage(void)
{
	struct rpc_spawn_req in = {.user = "u", .command = "c", .term = "t",
	    .cwd = "/"};
	struct rpc_spawn_req out;
	uint8_t buffer[512], copy[512];
	ptrdiff_t n = rpc_encode(&rpc_layout_spawn_req, &in, buffer,
	    sizeof buffer);

	assert(n > 0);
	for (ptrdiff_t cut = 0; cut < n; cut++)
		assert(rpc_decode(&rpc_layout_spawn_req, buffer, (size_t)cut,
		    &out, NULL) < 0);
	for (ptrdiff_t at = 0; at < n; at++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(copy, buffer, (size_t)n);
			copy[at] ^= (uint8_t)(1 << bit);
			(void)rpc_decode(&rpc_layout_spawn_req, copy,
			    (size_t)n, &out, NULL);
		}
}

static void
test_limits(void)
{
	static char name[100];
	struct rpc_sandbox_get_req in = {.id = name};
	uint8_t buffer[512];

	memset(name, 'a', sizeof name - 1);
	assert(rpc_encode(&rpc_layout_sandbox_get_req, &in, buffer,
	    sizeof buffer) == -EMSGSIZE);
}

/* A LIST is on the wire what BYTES is, and is whole records or nothing. */
static void
test_lists(void)
{
	static const char *const ids[] = {"sb_a", "sb_b", "sb_c"};
	uint8_t records[256], buffer[512];
	struct rpc_list list = {.data = records, .size = sizeof records};
	struct rpc_sandbox_list_rep in, out;
	struct rpc_sandbox_owner owner = {.org = "o"};
	struct rpc_sandbox_watch_rep watched = {0};
	size_t n = 0;
	ptrdiff_t size;

	for (size_t i = 0; i < 3; i++) {
		owner.id = ids[i];
		assert(rpc_list_add(&list, &rpc_layout_sandbox_owner,
		    &owner) == 0);
	}
	assert(list.count == 3);
	watched = (struct rpc_sandbox_watch_rep){3, 0, rpc_list_bytes(&list)};
	size = rpc_encode(&rpc_layout_sandbox_watch_rep, &watched, buffer,
	    sizeof buffer);
	assert(size > 0 && buffer[10] == RPC_BYTES);
	memset(&watched, 0, sizeof watched);
	assert(rpc_decode(&rpc_layout_sandbox_watch_rep, buffer, (size_t)size,
	    &watched, NULL) == 0);
	while (rpc_list_next(&rpc_layout_sandbox_owner, &watched.owners,
	    &owner))
		assert(strcmp(owner.id, ids[n++]) == 0);
	assert(n == 3);

	/* Of another struct, and cut off in the middle of one. */
	in = (struct rpc_sandbox_list_rep){3, 0, rpc_list_bytes(&list)};
	size = rpc_encode(&rpc_layout_sandbox_list_rep, &in, buffer,
	    sizeof buffer);
	assert(size > 0 && rpc_decode(&rpc_layout_sandbox_list_rep, buffer,
	    (size_t)size, &out, NULL) == -EBADMSG);
	list.used--;
	watched = (struct rpc_sandbox_watch_rep){3, 0, rpc_list_bytes(&list)};
	size = rpc_encode(&rpc_layout_sandbox_watch_rep, &watched, buffer,
	    sizeof buffer);
	assert(size > 0 && rpc_decode(&rpc_layout_sandbox_watch_rep, buffer,
	    (size_t)size, &watched, NULL) == -EBADMSG);

	/* One without room is not added in part. */
	list = (struct rpc_list){.data = records, .size = 10};
	assert(rpc_list_add(&list, &rpc_layout_sandbox_owner, &owner) ==
	    -EMSGSIZE);
	assert(list.used == 0 && list.count == 0);
}

int
main(void)
{
	test_round_trip();
	test_tables();
	test_damage();
	test_limits();
	test_lists();
	return 0;
}
