// SPDX-License-Identifier: Apache-2.0
/*
 * Runs the sandbox-init given as argument as PID 1 of new namespaces, on an
 * overlay of this machine's root that nothing is written through, and makes
 * every call of init.def on it.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "common/rpc_calls.h"
#include "sandboxd/init/init.h"
#include "tests/root/init_world.h"

#define TEST_TIMEOUT_S 50

static void
test_setup(int sock)
{
	struct rpc_init_setup_req request = {.hostname = "sb-test",
	    .resolv_conf = "nameserver 127.0.0.1\n",
	    .env = {"FROM=setup", 11, 1}};
	struct rpc_spawn_req spawn = {.kind = INIT_SPAWN_COMMAND,
	    .command = "true"};
	struct rpc_init_setup_rep reply;
	struct rpc_spawn_rep spawned;
	struct rpc_message m = {0};
	struct err err = {0};
	int other = init_connect(INIT_RIGHTS);

	/* A spawn before the setup waits for it. */
	assert(rpc_send_request(other, &rpc_call_spawn, 9, &spawn, NULL, 0,
	    0) == 0);
	usleep(50000);
	assert(rpc_receive(other, &m, MSG_DONTWAIT) == -EAGAIN);
	assert(rpc_init_setup(sock, &request, &reply, &m, &err) == 0);
	rpc_message_free(&m);
	assert(rpc_receive(other, &m, 0) == 1 && m.header.id == 9);
	assert(rpc_open_reply(&rpc_call_spawn, &m, &spawned, &err) == 0);
	rpc_message_free(&m);
	close(other);
	assert(strcmp(init_run(sock, "root",
	    "cat /etc/hostname /etc/resolv.conf").out,
	    "sb-test\nnameserver 127.0.0.1\n") == 0);
	assert(strstr(init_run(sock, "root", "cat /etc/hosts").out,
	    "127.0.1.1\tsb-test\n") != NULL);
}

static void
test_commands(int sock)
{
	struct init_result r = init_run(sock, "root",
	    "echo out; echo err >&2; exit 42");
	struct rpc_spawn_req argv = {.kind = INIT_SPAWN_ARGV, .user = "root",
	    .argv = {"printf\0%s|\0a b\0$HOME", 21, 4}, .cwd = "/tmp",
	    .env = {"X=1\0X=2", 8, 2}};

	assert(strcmp(r.out, "out\n") == 0 && strcmp(r.error, "err\n") == 0);
	assert(WEXITSTATUS(r.wait_status) == 42);
	r = init_run(sock, "root", "kill -TERM $$");
	assert(WIFSIGNALED(r.wait_status) && WTERMSIG(r.wait_status) == 15);
	r = init_run_request(sock, &argv);
	assert(strcmp(r.out, "a b|$HOME|") == 0);
	argv.argv = (struct rpc_strv){"no-such-program", 16, 1};
	r = init_run_request(sock, &argv);
	assert(WEXITSTATUS(r.wait_status) == 127);
	/* Nothing of init's leaks: stdio and ls's own directory. */
	r = init_run(sock, "root", "exec ls /proc/self/fd");
	assert(strcmp(r.out, "0\n1\n2\n3\n") == 0);
	r = init_run(sock, "root", "umask; pwd; grep -E 'Sig(Blk|Ign)' "
	    "/proc/self/status; echo $FROM $USER $SHELL; ulimit -Sn");
	assert(strcmp(r.out, "0022\n/root\nSigBlk:\t0000000000000000\n"
	    "SigIgn:\t0000000000000000\nsetup root /bin/bash\n1024\n") == 0);
}

static void
test_users(int sock)
{
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_COMMAND,
	    .user = "root", .command = "true"};
	int fds[3], weak = init_connect(RPC_RIGHT_SPAWN);
	struct err err = {0};
	struct init_result r;
	uint32_t handle;

	r = init_run(sock, "games", "id -un; id -Gn");
	/* Its shell is nologin, which says so. */
	assert(WEXITSTATUS(r.wait_status) == 1);
	r = init_run(sock, "", "id -un; echo $HOME");
	assert(strcmp(r.out, "sandbox\n/home/sandbox\n") == 0);
	assert(strstr(r.error, "Could not chdir to home directory "
	    "/home/sandbox: No such file or directory\n") == r.error);
	assert(init_start(weak, &request, &handle, fds, &err) == -EACCES);
	request.user = "nobody-at-all";
	assert(init_start(sock, &request, &handle, fds, &err) == -ENOENT);
	close(weak);
}

/* Each kind of process is a right of its own. */
static void
test_rights(void)
{
	static const struct {
		uint32_t rights, kind, pty;
		bool is_permitted;
	} rows[] = {
	    {RPC_RIGHT_SPAWN, INIT_SPAWN_COMMAND, 0, true},
	    {RPC_RIGHT_SPAWN, INIT_SPAWN_COMMAND, 1, false},
	    {RPC_RIGHT_SPAWN | RPC_RIGHT_PTY, INIT_SPAWN_COMMAND, 1, true},
	    {RPC_RIGHT_SPAWN, INIT_SPAWN_SFTP, 0, false},
	    {RPC_RIGHT_SFTP, INIT_SPAWN_SFTP, 0, true},
	    {RPC_RIGHT_SFTP, INIT_SPAWN_SFTP_READ, 0, true},
	    {RPC_RIGHT_SPAWN, INIT_SPAWN_SFTP_READ, 0, false},
	    {RPC_RIGHT_SFTP, INIT_SPAWN_SHELL, 0, false},
	    {RPC_RIGHT_FORWARD, INIT_SPAWN_ARGV, 0, false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rpc_spawn_req request = {.kind = rows[i].kind,
		    .pty = rows[i].pty, .command = "true", .term = "vt220"};
		int sock = init_connect(rows[i].rights), fds[3];
		struct err err = {0};
		uint32_t handle;
		int r = init_start(sock, &request, &handle, fds, &err);

		assert(r == (rows[i].is_permitted ? 0 : -EACCES));
		for (size_t j = 0; r == 0 && j < (rows[i].pty ? 1 : 3); j++)
			close(fds[j]);
		/* Until then its terminal has a name, which others lack. */
		if (r == 0)
			(void)init_wait_exited(sock, handle);
		close(sock);
	}
}

/* Whoever may not change files gets a server that does not, whatever kind of
 * it was asked for: the status of an MKDIR tells. */
static void
test_sftp_rights(void)
{
	static const uint8_t packets[] = {0, 0, 0, 5, 1, 0, 0, 0, 3,
	    0, 0, 0, 19, 14, 0, 0, 0, 7, 0, 0, 0, 6, '/', 't', 'm', 'p', '/',
	    'd', 0, 0, 0, 0};
	static const struct {
		uint32_t rights, kind, status;
	} rows[] = {
	    {RPC_RIGHT_SFTP, INIT_SPAWN_SFTP, 3},
	    {RPC_RIGHT_SFTP, INIT_SPAWN_SFTP_READ, 3},
	    {RPC_RIGHT_SFTP | RPC_RIGHT_SFTP_WRITE, INIT_SPAWN_SFTP_READ, 3},
	    {RPC_RIGHT_SFTP | RPC_RIGHT_SFTP_WRITE, INIT_SPAWN_SFTP, 0},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rpc_spawn_req request = {.kind = rows[i].kind};
		int sock = init_connect(rows[i].rights), fds[3];
		uint8_t length[4], answer[4096];
		struct err err = {0};
		uint32_t handle;

		assert(init_start(sock, &request, &handle, fds, &err) == 0);
		assert(fd_write_all(fds[0], packets, sizeof packets) == 0);
		assert(fd_read_all(fds[1], length, sizeof length) == 0);
		assert(length[0] == 0 && length[1] == 0 && length[2] < 16);
		assert(fd_read_all(fds[1], answer,
		    (size_t)length[2] << 8 | length[3]) == 0);
		assert(fd_read_all(fds[1], answer, 13) == 0);
		assert(answer[4] == 101 && answer[8] == 7 &&
		    answer[12] == rows[i].status);
		for (int j = 0; j < 3; j++)
			close(fds[j]);
		close(sock);
	}
}

static void
test_pty(int sock)
{
	static const uint8_t modes[] = {53, 0, 0, 0, 0, 0}; /* ECHO off */
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_COMMAND,
	    .user = "root", .pty = 1, .rows = 33, .columns = 101,
	    .term = "vt220", .modes = {modes, sizeof modes},
	    .command = "tty; stty size; stty -a | grep -o -- '-echo '; "
	    "echo $TERM $SSH_TTY; ps -o tpgid= -p $$ | grep -c $$; "
	    "stat -c %a $(tty)"};
	struct init_result r = init_run_request(sock, &request);

	if (strcmp(r.out, "/dev/pts/0\r\n33 101\r\n-echo \r\n"
	    "vt220 /dev/pts/0\r\n1\r\n620\r\n") != 0) {
		fprintf(stderr, "pty: %s", r.out);
		assert(false);
	}
	/* A login shell; hung up when the master closes. */
	request.kind = INIT_SPAWN_SHELL;
	struct err err = {0};
	char text[64];
	uint32_t handle;
	int fds[3], status;

	assert(init_start(sock, &request, &handle, fds, &err) == 0);
	assert(fd_read_all(fds[0], text, 17) == 0);
	assert(memcmp(text, "words of the day\r", 17) == 0);
	close(fds[0]);
	status = init_wait_exited(sock, handle);
	assert(WIFSIGNALED(status) || WIFEXITED(status));
}

static void
test_signal(int sock)
{
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_COMMAND,
	    .user = "root", .command = "sleep 40 & wait"};
	struct rpc_signal_req kill_it = {.signal = SIGKILL};
	struct rpc_signal_rep reply;
	struct rpc_message m = {0};
	struct err err = {0};
	uint32_t handle;
	int fds[3];

	assert(init_start(sock, &request, &handle, fds, &err) == 0);
	usleep(100000);
	kill_it.handle = handle;
	/* Another connection's handle is nobody's. */
	int other = init_connect(INIT_RIGHTS);

	assert(rpc_signal(other, &kill_it, &reply, &m, &err) == -ESRCH);
	rpc_message_free(&m);
	close(other);
	assert(rpc_signal(sock, &kill_it, &reply, &m, &err) == 0);
	rpc_message_free(&m);
	/* The whole group: sleep held stdout too. */
	char text[16];

	close(fds[0]);
	init_drain(fds[1], text, sizeof text);
	init_drain(fds[2], text, sizeof text);
	assert(WTERMSIG(init_wait_exited(sock, handle)) == SIGKILL);
}

/* Exits of hundreds of processes reach a peer that did not read meanwhile. */
static void
test_exits(int sock)
{
	enum { COUNT = 600 };
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_ARGV,
	    .user = "root", .argv = {"/bin/true", 10, 1}};
	unsigned n_replies = 0, n_exits = 0;
	struct rpc_message m = {0};

	for (unsigned i = 0; i < COUNT; i++) {
		while (rpc_send_request(sock, &rpc_call_spawn, i, &request,
		    NULL, 0, MSG_DONTWAIT) == -EAGAIN) {
			assert(rpc_receive(sock, &m, 0) == 1);
			n_exits += m.header.number == 103;
			n_replies += m.header.number == 102;
			rpc_message_free(&m);
		}
	}
	while (n_replies < COUNT || n_exits < COUNT) {
		assert(rpc_receive(sock, &m, 0) == 1);
		n_exits += m.header.number == 103;
		n_replies += m.header.number == 102 && m.header.status == 0;
		rpc_message_free(&m);
	}
}

static int
dial(int sock, const char *host, uint32_t port, struct err *err)
{
	struct rpc_dial_tcp_req request = {.host = host, .port = port};
	struct rpc_dial_tcp_rep reply;
	struct rpc_message m = {0};
	int r = rpc_dial_tcp(sock, &request, &reply, &m, err);
	int fd = r == 0 ? take_fd(&m.fds[0]) : r;

	rpc_message_free(&m);
	return fd;
}

/* A name server that knows one thing: everything is 127.0.0.1. */
static void
serve_names(int fd)
{
	static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0,
	    4, 127, 0, 0, 1};
	uint8_t message[512];
	struct sockaddr_in from;

	for (;;) {
		socklen_t size = sizeof from;
		ssize_t n = recvfrom(fd, message, 400, 0,
		    (struct sockaddr *)&from, &size);

		if (n < 17)
			continue;
		message[2] |= 0x80;
		message[3] = 0x80;
		message[11] = 0; /* no additional records */
		n = 12 + (ssize_t)strlen((char *)message + 12) + 5;
		message[7] = message[n - 3] == 1; /* type A */
		memcpy(message + n, record, sizeof record);
		n += message[7] ? (ssize_t)sizeof record : 0;
		(void)sendto(fd, message, (size_t)n, 0,
		    (struct sockaddr *)&from, size);
	}
}

static pid_t
start_names(void)
{
	struct sockaddr_in address_53 = {.sin_family = AF_INET,
	    .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	assert(bind(fd, (struct sockaddr *)&address_53,
	    sizeof address_53) == 0);
	pid = fork();
	assert(pid >= 0);
	if (pid == 0)
		serve_names(fd);
	close(fd);
	return pid;
}

static void
test_dial(int sock)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost",
	    "some.name.test"};
	pid_t names = start_names(); /* before it could inherit more */
	struct sockaddr_in any = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof any;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	struct err err = {0};
	char byte = 0;

	assert(bind(listener, (struct sockaddr *)&any, size) == 0 &&
	    listen(listener, 4) == 0);
	assert(getsockname(listener, (struct sockaddr *)&any, &size) == 0);
	for (int i = 0; i < 3; i++) {
		fd = dial(sock, hosts[i], ntohs(any.sin_port), &err);
		assert(fd >= 0);
		int in = accept(listener, NULL, NULL);

		assert(write(fd, "x", 1) == 1 && read(in, &byte, 1) == 1);
		close(in);
		close(fd);
	}
	close(listener);
	assert(dial(sock, "127.0.0.1", ntohs(any.sin_port), &err) ==
	    -ECONNREFUSED);
	assert(dial(sock, "127.0.0.1", 70000, &err) == -EINVAL);
	/* No resolver answers any more: an error, not a hang. */
	assert(kill(names, SIGKILL) == 0 && waitpid(names, NULL, 0) == names);
	assert(dial(sock, "no.such.name.invalid", 1, &err) < 0);
}

static void
test_helpers(int sock)
{
	static const uint8_t hello[] = {0, 0, 0, 5, 1, 0, 0, 0, 3};
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_SFTP,
	    .user = "root"};
	struct err err = {0};
	uint8_t answer[9];
	uint32_t handle;
	struct init_result r;
	int fds[3];

	assert(init_start(sock, &request, &handle, fds, &err) == 0);
	assert(fd_write_all(fds[0], hello, sizeof hello) == 0);
	assert(fd_read_all(fds[1], answer, sizeof answer) == 0);
	assert(answer[4] == 2 && answer[8] == 3);
	close(fds[0]);
	close(fds[1]);
	close(fds[2]);
	assert(init_wait_exited(sock, handle) == 0);
	/* The shell expands; our own scp answers: it waits for a byte. */
	r = init_run(sock, "root", "scp -f ~/no-such-file; echo $?");
	assert(strstr(r.out, "1\n") != NULL);
	r = init_run(sock, "root", "scp -t /tmp && echo done");
	assert(r.out[0] == '\0' && strcmp(r.out + 1, "done\n") == 0);
	r = init_run(sock, "", "scp -t /tmp && echo done");
	assert(r.out[0] == '\0' && strcmp(r.out + 1, "done\n") == 0);
	request.user = "";
	assert(init_start(sock, &request, &handle, fds, &err) == 0);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	assert(init_wait_exited(sock, handle) == 0);
}

/* Orphans are reaped; a closed connection's processes are forgotten. */
static void
test_orphans(int sock)
{
	struct init_result r;

	(void)init_run(sock, "root", "(sleep 0.1 &) ; (true &)");
	usleep(300000);
	r = init_run(sock, "root", "ps -e -o stat= | grep -c Z");
	assert(strcmp(r.out, "0\n") == 0);
}

static void
measure(int sock)
{
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_ARGV,
	    .user = "root", .argv = {"/bin/true", 10, 1}};
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < 100; i++)
		(void)init_run_request(sock, &request);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("spawn and wait for /bin/true: %.2f ms\n",
	    (double)((b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec -
	    a.tv_nsec) / 1e8);
	printf("%s", init_run(sock, "root", "grep -E 'Private_Dirty|Anonymous' "
	    "/proc/1/smaps_rollup; grep -E 'ctxt' /proc/1/status").out);
}

/* lo up, so that something can be dialled. */
int
main(int argc, char **argv)
{
	pid_t pid = argc == 2 ? init_world_enter(argv[1]) : -1;
	int sock;

	if (pid < 0)
		return 77; /* needs root and the path of sandbox-init */
	alarm(TEST_TIMEOUT_S); /* with PID 1 gone, everything inside is */
	sock = init_connect(INIT_RIGHTS);
	test_setup(sock);
	test_commands(sock);
	test_users(sock);
	test_rights();
	test_sftp_rights();
	test_pty(sock);
	test_signal(sock);
	test_exits(sock);
	test_dial(sock);
	test_helpers(sock);
	test_orphans(sock);
	measure(sock);
	init_world_leave(pid);
}
