// SPDX-License-Identifier: Apache-2.0
/* Who may connect to a running init, how many, and who is dropped when. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/rpc_calls.h"
#include "sandboxd/init/init.h"
#include "tests/root/init_world.h"

#define TEST_TIMEOUT_S 50

static void
test_rules(void)
{
	struct rpc_dial_tcp_req dial = {.host = "127.0.0.1", .port = 9};
	struct rpc_ping_req ping = {};
	struct rpc_message m = {0};
	struct rpc_ping_rep pong;
	struct err err = {0};
	int sock;

	/* Before hello; without the right; twice hello; garbage. */
	sock = init_connect(0);
	assert(rpc_send_request(sock, &rpc_call_ping, 1, &ping, NULL, 0,
	    0) == 0);
	assert(init_dropped(sock));
	sock = init_connect(RPC_RIGHT_SPAWN);
	assert(rpc_send_request(sock, &rpc_call_dial_tcp, 1, &dial, NULL, 0,
	    0) == 0);
	assert(init_dropped(sock));
	sock = init_connect(INIT_RIGHTS);
	struct rpc_init_hello_event hello = {.rights = INIT_RIGHTS};

	assert(rpc_send_request(sock, &rpc_call_init_hello, 0, &hello, NULL,
	    0, 0) == 0);
	assert(init_dropped(sock));
	sock = init_connect(INIT_RIGHTS);
	assert(send(sock, "garbage", 7, 0) == 7);
	assert(init_dropped(sock));
	/* Others are still served. */
	sock = init_connect(INIT_RIGHTS);
	assert(rpc_ping(sock, &ping, &pong, &m, &err) == 0);
	rpc_message_free(&m);
	close(sock);
}

static uint32_t
wait_peers(int sock)
{
	struct rpc_peers_event event;
	struct rpc_message m = {0};

	assert(rpc_receive(sock, &m, 0) == 1);
	assert(rpc_open_request(&rpc_call_peers, &m, &event) == 0);
	rpc_message_free(&m);
	return event.count;
}

/* Who may know is told how many others there are, and nobody else is. */
static void
test_peers(void)
{
	int control = init_connect(RPC_RIGHT_CONTROL), others[2];
	struct rpc_message m = {0};

	others[0] = init_connect(RPC_RIGHT_SPAWN);
	assert(wait_peers(control) == 1);
	others[1] = init_connect(RPC_RIGHT_SPAWN);
	assert(wait_peers(control) == 2);
	close(others[0]);
	assert(wait_peers(control) == 1);
	assert(rpc_receive(others[1], &m, MSG_DONTWAIT) == -EAGAIN);
	close(others[1]);
	assert(wait_peers(control) == 0);
	close(control);
	/* Who comes later is told what is so already. */
	others[0] = init_connect(RPC_RIGHT_SPAWN);
	control = init_connect(RPC_RIGHT_CONTROL);
	assert(wait_peers(control) == 1);
	close(others[0]);
	close(control);
}

/* 0, or what init says. */
static int
ping(int sock)
{
	const struct rpc_ping_req request = {};
	struct rpc_ping_rep reply;
	struct rpc_message m = {0};
	struct err err = {0};
	int r = rpc_ping(sock, &request, &reply, &m, &err);

	rpc_message_free(&m);
	assert(r != -EUSERS || strstr(err.text, "at most 512 connections, 32 "
	    "of them for who may be root") != NULL);
	return r;
}

/* As many as are served; *ret_socks: n of them. */
static int
fill(uint32_t rights, int *socks)
{
	int n = 0;

	for (;; n++) {
		assert(n <= INIT_PEERS_MAX);
		socks[n] = init_connect(rights);
		if (ping(socks[n]) != 0)
			return n;
	}
}

static void
close_all(const int *socks, int n)
{
	for (int i = 0; i < n; i++)
		close(socks[i]);
}

/* However many guests there are, there is room for whoever may be root, and
 * for sandboxd. Who is one too many is told so, and keeps nobody else out. */
static void
test_crowd(void)
{
	int guests[INIT_PEERS_MAX + 1], owners[INIT_PEERS_MAX + 1];
	int refused[INIT_REFUSED_MAX], n, n_owners;

	/* One more is the caller's of this test. */
	n = fill(RPC_RIGHT_SPAWN, guests);
	assert(n == INIT_PEERS_MAX - INIT_PEERS_KEPT - 1);
	assert(ping(guests[n]) == -EUSERS);
	for (int i = 1; i < INIT_REFUSED_MAX; i++) {
		refused[i] = init_connect(RPC_RIGHT_SPAWN);
		assert(ping(refused[i]) == -EUSERS);
	}
	refused[0] = init_connect(RPC_RIGHT_SPAWN);
	assert(init_dropped(refused[0]));
	close_all(refused + 1, INIT_REFUSED_MAX - 1);
	n_owners = fill(RPC_RIGHT_CONTROL, owners);
	assert(n_owners == INIT_PEERS_KEPT);
	assert(ping(owners[n_owners]) == -EUSERS);
	/* A moment later they are gone. */
	assert(init_dropped(guests[n]));
	assert(init_dropped(owners[n_owners]));
	close_all(guests, n);
	close_all(owners, n_owners);
}

/* An init that stood still for longer than a hello may take drops nobody whose
 * hello had come; who says nothing is dropped all the same. */
static void
test_stall(int sock, pid_t pid)
{
	const struct rpc_init_hello_event hello = {.rights = RPC_RIGHT_SPAWN,
	    .audit = "t"};
	int silent = init_connect(0), late = init_connect(0);

	/* Both are accepted, one a turn, once it has served these. */
	for (int i = 0; i < 4; i++)
		assert(ping(sock) == 0);
	assert(kill(pid, SIGSTOP) == 0);
	assert(rpc_send_request(late, &rpc_call_init_hello, 0, &hello, NULL,
	    0, 0) == 0);
	assert(usleep((INIT_HELLO_TIMEOUT_MS + 200) * 1000) == 0);
	assert(kill(pid, SIGCONT) == 0);
	assert(ping(late) == 0);
	assert(init_dropped(silent));
	close(late);
}

int
main(int argc, char **argv)
{
	pid_t pid = argc == 2 ? init_world_enter(argv[1]) : -1;
	int sock;

	if (pid < 0)
		return 77; /* needs root and the path of sandbox-init */
	alarm(TEST_TIMEOUT_S); /* with PID 1 gone, everything inside is */
	sock = init_connect(INIT_RIGHTS);
	test_rules();
	test_peers();
	test_crowd();
	test_stall(sock, pid);
	init_world_leave(pid);
}
