// SPDX-License-Identifier: Apache-2.0
/* Terminals that stay (init.def, terminal_attach), on a running init. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/root/init_world.h"

#define TEST_TIMEOUT_S	50
#define STEP_MS		10000
#define MAX_ATTACHED	32 /* docs/SSH.md */
#define MAX_TERMINALS	32

struct attached {
	int r; /* 0 or -errno */
	int fd;
	uint32_t handle;
	bool is_new;
};

static struct attached
attach_as(int sock, const char *name, const char *user, bool takes_over,
    uint32_t rows, uint32_t columns)
{
	struct rpc_terminal_attach_req request = {.name = name, .user = user,
	    .takes_over = takes_over, .rows = rows, .columns = columns,
	    .env = {"FROM=attach", 12, 1}};
	struct rpc_terminal_attach_rep reply;
	auto_rpc_message struct rpc_message m = {0};
	struct attached a = {.fd = -1};
	struct err err;

	a.r = rpc_terminal_attach(sock, &request, &reply, &m, &err);
	if (a.r < 0)
		return a;
	assert(m.n_fds == 1);
	a.fd = take_fd(&m.fds[0]);
	a.handle = reply.handle;
	a.is_new = reply.is_new != 0;
	return a;
}

static struct attached
attach(int sock, const char *name)
{
	return attach_as(sock, name, "", false, 24, 80);
}

/* Reads the picture until it has had this text; "" = to its end. */
static void
expect(int fd, const char *text)
{
	static char seen[1 << 20];
	size_t used = 0;

	for (;;) {
		struct pollfd p = {fd, POLLIN, 0};
		ssize_t n;

		n = poll(&p, 1, STEP_MS) == 1 ?
		    read(fd, seen + used, sizeof seen - 1 - used) : -1;
		if (n == 0 && text[0] == '\0')
			return;
		if (n <= 0)
			fprintf(stderr, "no \"%s\" in:\n%s\n", text, seen);
		assert(n > 0);
		used += (size_t)n;
		seen[used] = '\0';
		if (text[0] != '\0' && strstr(seen, text) != NULL)
			return;
	}
}

static void
type(int fd, const char *text)
{
	assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static int
resize(int sock, uint32_t handle, uint32_t rows, uint32_t columns)
{
	struct rpc_terminal_resize_req request = {.handle = handle,
	    .rows = rows, .columns = columns};
	struct rpc_terminal_resize_rep reply;
	auto_rpc_message struct rpc_message m = {0};
	struct err err;

	return rpc_terminal_resize(sock, &request, &reply, &m, &err);
}

static void
test_rules(void)
{
	static const char *const names[] = {"", "a b", "../x", "\xc3\xa4",
	    "123456789012345678901234567890123"};
	int sock = init_connect(INIT_RIGHTS);
	int narrow = init_connect(INIT_RIGHTS & ~RPC_RIGHT_PTY);
	int plain = init_connect(INIT_RIGHTS & ~RPC_RIGHT_ROOT);
	struct rpc_terminal_resize_req request = {.handle = 1};
	struct rpc_init_restrict_event restriction = {
	    .forced_command = "true"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert(attach(sock, names[i]).r == -EINVAL);
	assert(attach_as(sock, "x", "nobody-here", false, 0, 0).r == -ENOENT);
	assert(attach_as(plain, "x", "root", false, 0, 0).r == -EACCES);
	assert(attach(narrow, "x").r == -EACCES);
	assert(resize(sock, 4711, 24, 80) == -ESRCH);
	/* A login that may run one command has no shell to attach to. */
	assert(rpc_send_request(plain, &rpc_call_init_restrict, 0, &restriction,
	    NULL, 0, 0) == 0);
	assert(attach(plain, "x").r == -EACCES);
	assert(rpc_send_request(narrow, &rpc_call_terminal_resize, 1, &request,
	    NULL, 0, 0) == 0);
	assert(init_dropped(narrow));
	close(sock);
	close(plain);
}

/* Two connections, one terminal; its size, and the end of its shell. */
static void
test_shared(void)
{
	int one = init_connect(INIT_RIGHTS), two = init_connect(INIT_RIGHTS);
	struct attached a = attach_as(one, "shared", "", false, 0, 0), b, c;

	assert(a.r == 0 && a.is_new);
	type(a.fd, "echo $(stty size) \"$SANDGATE_TERMINAL\" $TERM $FROM\r");
	expect(a.fd, "24 80 shared xterm-256color attach");
	b = attach_as(two, "shared", "sandbox", false, 20, 90);
	assert(b.r == 0 && !b.is_new && b.handle != a.handle);
	expect(b.fd, "shared xterm-256color attach");
	type(b.fd, "stty size\r");
	expect(a.fd, "20 80");
	assert(resize(two, b.handle, 30, 60) == 0);
	type(b.fd, "clear; stty size\r");
	expect(a.fd, "24 60");
	/* The handle of somebody else's attachment is none of ours. */
	assert(resize(one, b.handle, 30, 60) == -ESRCH);
	c = attach_as(one, "shared", "root", false, 24, 80);
	assert(c.r == 0 && c.is_new);
	type(c.fd, "kill -9 $$\r");
	expect(c.fd, "");
	assert(init_wait_exited(one, c.handle) == SIGKILL);
	type(b.fd, "exit 7\r");
	expect(a.fd, "");
	expect(b.fd, "");
	assert(init_wait_exited(one, a.handle) == W_EXITCODE(7, 0));
	assert(init_wait_exited(two, b.handle) == W_EXITCODE(7, 0));
	close(a.fd);
	close(b.fd);
	close(c.fd);
	/* The name is free again. */
	a = attach(one, "shared");
	assert(a.r == 0 && a.is_new);
	type(a.fd, "exit\r");
	assert(init_wait_exited(one, a.handle) == 0);
	close(a.fd);
	close(one);
	close(two);
}

static void
test_detaching(void)
{
	int one = init_connect(INIT_RIGHTS), two = init_connect(INIT_RIGHTS);
	struct attached a = attach(one, "staying"), b;

	type(a.fd, "kept=5; seq 100; echo still here\r");
	expect(a.fd, "[Kstill here");
	/* Closing is no failure of the shell's. */
	close(a.fd);
	assert(init_wait_exited(one, a.handle) == 0);
	b = attach(two, "staying");
	assert(b.r == 0 && !b.is_new);
	expect(b.fd, "still here");
	a = attach_as(one, "staying", "", true, 24, 80);
	expect(b.fd, "[detached: taken over]");
	expect(b.fd, "");
	assert(init_wait_exited(two, b.handle) == 0);
	close(b.fd);
	/* A connection goes, and the shell stays. */
	close(one);
	close(a.fd);
	b = attach(two, "staying");
	assert(b.r == 0 && !b.is_new);
	type(b.fd, "exit $kept\r");
	assert(init_wait_exited(two, b.handle) == W_EXITCODE(5, 0));
	close(b.fd);
	close(two);
}

/* To the group of the shell, as for a shell on a pty of its own. */
static void
test_signal(void)
{
	int sock = init_connect(INIT_RIGHTS);
	struct attached a = attach(sock, "signalled");
	struct rpc_signal_req request = {.handle = a.handle, .signal = SIGHUP};
	auto_rpc_message struct rpc_message m = {0};
	struct rpc_signal_rep reply;
	struct err err;

	expect(a.fd, "$ ");
	assert(rpc_signal(sock, &request, &reply, &m, &err) == 0);
	expect(a.fd, "");
	assert(WTERMSIG(init_wait_exited(sock, a.handle)) == SIGHUP);
	close(a.fd);
	close(sock);
}

static void
test_limits(void)
{
	int sock = init_connect(INIT_RIGHTS);
	struct attached all[MAX_ATTACHED];
	char name[16];

	for (int i = 0; i < MAX_ATTACHED; i++) {
		all[i] = attach(sock, "full");
		assert(all[i].r == 0 && all[i].is_new == (i == 0));
	}
	assert(attach(sock, "full").r == -EAGAIN);
	for (int i = 0; i < MAX_ATTACHED; i++)
		close(all[i].fd);
	close(sock);
	sock = init_connect(INIT_RIGHTS);
	for (int i = 1; i < MAX_TERMINALS; i++) {
		snprintf(name, sizeof name, "t%d", i);
		all[i] = attach(sock, name);
		assert(all[i].r == 0);
	}
	assert(attach(sock, "one-more").r == -EAGAIN);
	for (int i = 1; i < MAX_TERMINALS; i++) {
		close(all[i].fd);
		(void)init_wait_exited(sock, all[i].handle);
	}
	close(sock);
}

/* Its process crashes: the shell hangs up, others do not notice. */
static void
test_crash(void)
{
	int sock = init_connect(INIT_RIGHTS);
	struct attached a = attach(sock, "t1"), b = attach(sock, "t2");
	int other = init_connect(INIT_RIGHTS);

	assert(!a.is_new && !b.is_new);
	assert(init_run(other, "root",
	    "pkill -KILL -f '^sandbox-terminal t1$'").wait_status == 0);
	expect(a.fd, "");
	assert(WTERMSIG(init_wait_exited(sock, a.handle)) == SIGHUP);
	type(b.fd, "echo well\r");
	expect(b.fd, "[Kwell");
	a = attach(other, "t1");
	assert(a.r == 0 && a.is_new);
	/* Nothing else of them is left behind. */
	assert(init_run(other, "root", "test $(pgrep -fc "
	    "'^sandbox-terminal ') = 32").wait_status == 0);
	close(sock);
	close(other);
}

int
main(int argc, char **argv)
{
	struct rpc_init_setup_req setup = {.hostname = "sb-test",
	    .resolv_conf = ""};
	struct rpc_init_setup_rep reply;
	struct rpc_message m = {0};
	struct err err;
	pid_t pid;
	int sock;

	if (argc != 2) {
		fprintf(stderr, "usage: test-init-terminal sandbox-init\n");
		return 2;
	}
	pid = init_world_enter(argv[1]);
	if (pid < 0)
		return 77;
	alarm(TEST_TIMEOUT_S);
	sock = init_connect(INIT_RIGHTS);
	assert(rpc_init_setup(sock, &setup, &reply, &m, &err) == 0);
	rpc_message_free(&m);
	test_rules();
	test_shared();
	test_detaching();
	test_signal();
	test_limits();
	test_crash();
	close(sock);
	init_world_leave(pid);
}
