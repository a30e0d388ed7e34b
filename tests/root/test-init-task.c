// SPDX-License-Identifier: Apache-2.0
/* Processes that live on (docs/PROCESSES.md), on a running init. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/task_frame.h"
#include "tests/root/init_world.h"

#define TEST_TIMEOUT_S 120
#define STEP_MS	       30000
#define TASKS_MAX      256 /* docs/PROCESSES.md */
#define VIEWERS_MAX    32
#define MIB	       (1024 * 1024)

/* What one view has shown. */
struct seen {
	char out[4096], err[4096]; /* the first bytes of each */
	uint64_t out_bytes, err_bytes, lost_bytes, position;
	uint32_t flags;
	int wait_status;
};

static int
start(int sock, const struct rpc_process_start_req *asked, uint32_t *ret_id,
    int *ret_fd)
{
	struct rpc_process_start_req request = *asked;
	auto_rpc_message struct rpc_message m = {0};
	struct rpc_process_start_rep reply;
	struct err err;
	int r;

	request.user = request.user != NULL ? request.user : "";
	request.command = request.command != NULL ? request.command : "";
	request.cwd = "/"; /* the user has no home in this world */
	request.term = request.term != NULL ? request.term : "";
	request.tag = request.tag != NULL ? request.tag : "";
	r = rpc_process_start(sock, &request, &reply, &m, &err);
	if (r < 0)
		return r;
	*ret_id = reply.id;
	if (ret_fd != NULL)
		*ret_fd = take_fd(&m.fds[0]);
	return 0;
}

/* A command by the default user's shell, attached to from its beginning. */
static int
run(int sock, const char *command, uint32_t *ret_id, bool has_input,
    enum init_attach attaches)
{
	int fd = -1;

	assert(start(sock, &(struct rpc_process_start_req){
	    .kind = INIT_SPAWN_COMMAND, .command = command,
	    .has_input = has_input, .attaches = attaches}, ret_id,
	    attaches != INIT_ATTACH_NONE ? &fd : NULL) == 0);
	return fd;
}

static int
attach(int sock, uint32_t id, uint64_t position)
{
	struct rpc_process_attach_req request = {.id = id,
	    .position = position, .attaches = INIT_ATTACH};
	auto_rpc_message struct rpc_message m = {0};
	struct rpc_process_attach_rep reply;
	struct err err;
	int r = rpc_process_attach(sock, &request, &reply, &m, &err);

	return r < 0 ? r : take_fd(&m.fds[0]);
}

static void
keep(char text[4096], uint64_t at, const char *data, size_t size)
{
	if (at + size < 4096)
		memcpy(text + at, data, size);
}

/* One frame; false once it was the last. */
static bool
see(int fd, struct seen *seen)
{
	struct {
		struct task_frame frame;
		char data[TASK_FRAME_DATA_MAX];
	} m;
	struct pollfd p = {fd, POLLIN, 0};
	ssize_t n;
	size_t size;

	assert(poll(&p, 1, STEP_MS) == 1);
	n = recv(fd, &m, sizeof m, 0);
	assert(n >= (ssize_t)sizeof m.frame);
	size = (size_t)n - sizeof m.frame;
	if (seen->position == UINT64_MAX)
		seen->position = m.frame.position;
	switch (m.frame.kind) {
	case TASK_FRAME_STDOUT:
		assert(m.frame.position == seen->position && size > 0);
		keep(seen->out, seen->out_bytes, m.data, size);
		seen->out_bytes += size;
		break;
	case TASK_FRAME_STDERR:
		assert(m.frame.position == seen->position && size > 0);
		keep(seen->err, seen->err_bytes, m.data, size);
		seen->err_bytes += size;
		break;
	case TASK_FRAME_GAP:
		seen->lost_bytes += m.frame.value;
		seen->position = m.frame.position;
		break;
	default:
		assert(m.frame.kind == TASK_FRAME_EXITED);
		seen->wait_status = (int)m.frame.value;
		seen->flags = m.frame.flags;
		return false;
	}
	seen->position += size;
	return true;
}

/* All of it, from that position on; closes the view, which has hung up. */
static struct seen
see_all(int fd, uint64_t position)
{
	struct seen seen = {.position = position};
	char byte;

	while (see(fd, &seen))
		;
	assert(recv(fd, &byte, 1, 0) == 0);
	close(fd);
	return seen;
}

static void
tell(int fd, uint32_t kind, uint64_t value, const char *data)
{
	struct {
		struct task_frame frame;
		char data[256];
	} m = {.frame = {.kind = kind, .value = value}};
	size_t size = strlen(data);

	memcpy(m.data, data, size);
	assert(send(fd, &m, sizeof m.frame + size, 0) > 0);
}

/* The record of one process, which the reply holds. */
static struct rpc_process_info
look(int sock, uint32_t id, struct rpc_message *m)
{
	struct rpc_process_list_req request = {.id = id};
	struct rpc_process_list_rep reply;
	struct rpc_process_info info;
	struct err err;

	assert(rpc_process_list(sock, &request, &reply, m, &err) == 0);
	assert(rpc_list_next(&rpc_layout_process_info, &reply.processes,
	    &info));
	return info;
}

static void
test_one(int sock)
{
	auto_rpc_message struct rpc_message m = {0};
	struct rpc_process_info info;
	struct seen seen;
	uint32_t id, other;
	int fd = run(sock, "echo out; echo oops >&2; exit 3", &id, false,
	    INIT_ATTACH_PACED);

	seen = see_all(fd, 0);
	assert(WIFEXITED(seen.wait_status) &&
	    WEXITSTATUS(seen.wait_status) == 3 && seen.flags == 0);
	assert(strcmp(seen.out, "out\n") == 0);
	assert(strcmp(seen.err, "oops\n") == 0);
	/* Its connection ends; another one sees all of it again, or a part. */
	close(sock);
	sock = init_connect(INIT_RIGHTS);
	seen = see_all(attach(sock, id, 0), 0);
	assert(strcmp(seen.out, "out\n") == 0 && seen.err_bytes == 5);
	seen = see_all(attach(sock, id, seen.position - 2),
	    seen.position - 2);
	assert(seen.out_bytes + seen.err_bytes == 2);
	seen = see_all(attach(sock, id, UINT64_MAX), 0);
	assert(seen.out_bytes + seen.err_bytes == 0);
	info = look(sock, id, &m);
	assert(strcmp(info.command, "echo out; echo oops >&2; exit 3") == 0);
	assert(strcmp(info.user, "sandbox") == 0 && info.has_tty == 0);
	assert(info.stdout_bytes == 4 && info.stderr_bytes == 5);
	assert(info.ended_ms >= info.started_ms && info.started_ms > 0);
	fd = run(sock, "true", &other, false, INIT_ATTACH);
	assert(other == id + 1);
	(void)see_all(fd, 0);
	close(sock);
}

/* It lives on while nobody looks, and reads what is written to it. */
static void
test_input(int sock)
{
	struct seen seen = {0};
	uint32_t id;
	int fd = run(sock, "while read -r x; do echo \"<$x>\"; done", &id,
	    true, INIT_ATTACH), second;

	tell(fd, TASK_FRAME_INPUT, 0, "one\n");
	while (seen.out_bytes < 6)
		assert(see(fd, &seen));
	close(fd);
	fd = attach(sock, id, 0);
	second = attach(sock, id, 6);
	tell(fd, TASK_FRAME_INPUT, 0, "two\n");
	tell(fd, TASK_FRAME_INPUT_END, 0, "");
	seen = see_all(fd, 0);
	assert(strcmp(seen.out, "<one>\n<two>\n") == 0);
	assert(seen.wait_status == 0);
	seen = see_all(second, 6);
	assert(strcmp(seen.out, "<two>\n") == 0);
	/* Without input stdin is at its end. */
	seen = see_all(run(sock, "cat; echo done", &id, false, INIT_ATTACH),
	    0);
	assert(strcmp(seen.out, "done\n") == 0);
}

/* Frames that are none cost their sender the view, and nobody else. */
static void
test_bad_frames(int sock)
{
	uint32_t id;
	int fd = run(sock, "read -r x; echo \"$x\"", &id, true, INIT_ATTACH);
	struct seen seen;
	char byte;
	int bad = attach(sock, id, 0);

	tell(bad, 77, 0, "");
	assert(recv(bad, &byte, 1, 0) == 0);
	close(bad);
	bad = attach(sock, id, 0);
	assert(send(bad, "x", 1, 0) == 1);
	assert(recv(bad, &byte, 1, 0) == 0);
	close(bad);
	tell(fd, TASK_FRAME_INPUT, 0, "good\n");
	seen = see_all(fd, 0);
	assert(strcmp(seen.out, "good\n") == 0);
}

/* More than a journal holds: one who is paced gets every byte, whoever comes
 * later what is left, and is told what is not. */
static void
test_much(int sock)
{
	struct seen seen;
	uint32_t id;
	int fd = run(sock, "head -c 4194304 /dev/zero", &id, false,
	    INIT_ATTACH_PACED);

	seen = see_all(fd, 0);
	assert(seen.out_bytes == 4 * MIB && seen.lost_bytes == 0);
	seen = see_all(attach(sock, id, 0), 0);
	assert(seen.lost_bytes > 3 * MIB && seen.out_bytes > 100 * 1024);
	assert(seen.lost_bytes + seen.out_bytes == 4 * MIB);
	/* One who never reads holds nobody up, but is paced where he asks. */
	fd = run(sock, "head -c 4194304 /dev/zero", &id, false, INIT_ATTACH);
	seen = see_all(attach(sock, id, 0), 0);
	assert(seen.lost_bytes + seen.out_bytes == 4 * MIB);
	close(fd);
}

/* Who is paced and does not read stops the process, until he is gone. */
static void
test_pace(int sock)
{
	auto_rpc_message struct rpc_message m = {0}, later = {0};
	uint32_t id;
	int fd = run(sock, "head -c 4194304 /dev/zero; echo end >&2", &id,
	    false, INIT_ATTACH_PACED);

	usleep(300000);
	assert(look(sock, id, &m).ended_ms == 0);
	close(fd);
	(void)see_all(attach(sock, id, UINT64_MAX), UINT64_MAX);
	assert(look(sock, id, &later).stderr_bytes == 4);
}

/* Who is slow after the end, too, gets what was written before it: here a pipe
 * that is full. */
static void
test_slow_end(int sock)
{
	auto_rpc_message struct rpc_message m = {0};
	uint64_t n_read;
	uint32_t id;
	int fd = run(sock, "timeout -s KILL 0.6 cat /dev/zero", &id, false,
	    INIT_ATTACH_PACED);
	struct seen seen;

	usleep(400000);
	n_read = look(sock, id, &m).stdout_bytes;
	usleep(800000);
	seen = see_all(fd, 0);
	assert(seen.lost_bytes == 0 && seen.out_bytes > n_read + 32768);
}

/* Nobody waits for what a background process holds. */
static void
test_drain(int sock)
{
	struct seen seen;
	uint32_t id;

	seen = see_all(run(sock, "sleep 1000 & echo $!", &id, false,
	    INIT_ATTACH), 0);
	assert(seen.wait_status == 0 && seen.out_bytes > 1);
	assert(kill(atoi(seen.out), SIGKILL) == 0);
}

static void
test_end(int sock)
{
	struct rpc_process_signal_req request = {.signal = SIGTERM};
	auto_rpc_message struct rpc_message m = {0};
	struct rpc_process_signal_rep reply;
	struct seen seen;
	struct err err;
	int fd = -1;

	fd = run(sock, "trap 'echo told; exit 9' TERM; echo ready; "
	    "sleep 1000 & wait", &request.id, false, INIT_ATTACH);
	memset(&seen, 0, sizeof seen);
	while (seen.out_bytes < 6)
		assert(see(fd, &seen));
	assert(rpc_process_signal(sock, &request, &reply, &m, &err) == 0);
	while (see(fd, &seen))
		;
	assert(strcmp(seen.out, "ready\ntold\n") == 0);
	assert(WEXITSTATUS(seen.wait_status) == 9);
	close(fd);
	rpc_message_free(&m);
	assert(rpc_process_signal(sock, &request, &reply, &m, &err) ==
	    -ESRCH);
	/* By its time limit, and so it says. */
	assert(start(sock, &(struct rpc_process_start_req){
	    .kind = INIT_SPAWN_ARGV, .argv = {"sleep\0" "1000", 11, 2},
	    .timeout_ms = 100, .attaches = INIT_ATTACH, .tag = "nap"},
	    &request.id, &fd) == 0);
	seen = see_all(fd, 0);
	assert(WIFSIGNALED(seen.wait_status) &&
	    WTERMSIG(seen.wait_status) == SIGKILL);
	assert(seen.flags == TASK_FRAME_TIMED_OUT);
	rpc_message_free(&m);
	struct rpc_process_info info = look(sock, request.id, &m);

	assert(strcmp(info.command, "sleep 1000") == 0);
	assert(strcmp(info.tag, "nap") == 0 && info.is_timed_out == 1);
}

static void
test_terminal(int sock)
{
	struct seen seen = {0};
	uint32_t id;
	int fd = -1;

	assert(start(sock, &(struct rpc_process_start_req){
	    .kind = INIT_SPAWN_COMMAND, .pty = 1, .term = "xterm",
	    .rows = 24, .columns = 80, .attaches = INIT_ATTACH,
	    .command = "stty size; read -r x; stty size; cat; tty"},
	    &id, &fd) == 0);
	while (strstr(seen.out, "24 80") == NULL)
		assert(see(fd, &seen));
	tell(fd, TASK_FRAME_RESIZE, 50 << 16 | 132, "");
	tell(fd, TASK_FRAME_INPUT, 0, "\n");
	while (strstr(seen.out, "50 132") == NULL)
		assert(see(fd, &seen));
	tell(fd, TASK_FRAME_INPUT_END, 0, "");
	while (see(fd, &seen))
		;
	assert(strstr(seen.out, "/dev/pts/") != NULL);
	assert(seen.err_bytes == 0 && seen.wait_status == 0);
	close(fd);
}

static void
test_refusals(int sock)
{
	struct rpc_process_start_req request = {.kind = INIT_SPAWN_COMMAND,
	    .command = "true"};
	int root = init_connect(RPC_RIGHT_SPAWN | RPC_RIGHT_ROOT);
	int plain = init_connect(RPC_RIGHT_SPAWN);
	uint32_t id;

	request.user = "root";
	assert(start(plain, &request, &id, NULL) == -EACCES);
	assert(start(root, &request, &id, NULL) == 0);
	assert(attach(plain, id, 0) == -EACCES);
	close(attach(root, id, 0));
	request.user = "nobody-there";
	assert(start(root, &request, &id, NULL) == -ENOENT);
	request.user = "";
	request.pty = 1;
	assert(start(plain, &request, &id, NULL) == -EACCES);
	request.pty = 0;
	request.tag = "0123456789012345678901234567890123456789"
	    "0123456789012345678901234";
	assert(start(plain, &request, &id, NULL) == -EINVAL);
	request.tag = "";
	request.timeout_ms = UINT64_MAX;
	assert(start(plain, &request, &id, NULL) == -EINVAL);
	request.timeout_ms = 0;
	request.kind = INIT_SPAWN_SFTP;
	assert(start(plain, &request, &id, NULL) < 0);
	assert(attach(sock, 999999, 0) == -ESRCH);
	close(root);
	close(plain);
}

/* As many as there may be run at once, each with its pipes, a view and a
 * connection, as the API has them; one that has ended makes room. */
static void
test_bounds(int sock)
{
	struct rpc_process_start_req request = {.kind = INIT_SPAWN_COMMAND,
	    .command = "exec sleep 1000", .has_input = true,
	    .attaches = INIT_ATTACH};
	struct rpc_process_signal_req kill_one = {.signal = SIGKILL};
	struct rpc_process_signal_rep reply;
	auto_rpc_message struct rpc_message m = {0};
	int socks[TASKS_MAX], held[TASKS_MAX], views[VIEWERS_MAX];
	uint32_t ids[TASKS_MAX], id;
	struct err err;

	for (int i = 0; i < TASKS_MAX; i++) {
		socks[i] = init_connect(INIT_RIGHTS);
		assert(start(socks[i], &request, &ids[i], &held[i]) == 0);
	}
	for (int i = 0; i < TASKS_MAX; i++) {
		close(held[i]);
		close(socks[i]);
	}
	request.attaches = INIT_ATTACH_NONE;
	assert(start(sock, &request, &id, NULL) == -EAGAIN);
	for (int i = 0; i < VIEWERS_MAX; i++) {
		views[i] = attach(sock, ids[0], 0);
		assert(views[i] >= 0);
	}
	assert(attach(sock, ids[0], 0) == -EAGAIN);
	for (int i = 1; i < VIEWERS_MAX; i++)
		close(views[i]);
	kill_one.id = ids[0];
	assert(rpc_process_signal(sock, &kill_one, &reply, &m, &err) == 0);
	(void)see_all(views[0], 0);
	assert(start(sock, &request, &id, NULL) == 0);
	assert(attach(sock, ids[0], 0) == -ESRCH);
}

static void
set_up(int sock)
{
	struct rpc_init_setup_req request = {.hostname = "sb-test",
	    .resolv_conf = "nameserver 127.0.0.1\n"};
	auto_rpc_message struct rpc_message m = {0};
	struct rpc_init_setup_rep reply;
	struct err err;

	assert(rpc_init_setup(sock, &request, &reply, &m, &err) == 0);
}

int
main(int argc, char **argv)
{
	pid_t init = argc == 2 ? init_world_enter(argv[1]) : -1;
	int sock;

	if (init < 0)
		return 77;
	alarm(TEST_TIMEOUT_S);
	sock = init_connect(INIT_RIGHTS);
	set_up(sock);
	test_one(init_connect(INIT_RIGHTS));
	test_input(sock);
	test_bad_frames(sock);
	test_much(sock);
	test_pace(sock);
	test_slow_end(sock);
	test_drain(sock);
	test_end(sock);
	test_terminal(sock);
	test_refusals(sock);
	test_bounds(sock);
	init_world_leave(init);
}
