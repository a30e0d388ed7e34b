// SPDX-License-Identifier: Apache-2.0
#include "tests/root/init_world.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_un address = {.sun_family = AF_UNIX};

int
init_connect(uint32_t rights)
{
	struct rpc_init_hello_event hello = {.rights = rights, .audit = "t"};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	assert(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
	if (rights != 0)
		assert(rpc_send_request(fd, &rpc_call_init_hello, 0, &hello,
		    NULL, 0, 0) == 0);
	return fd;
}

bool
init_dropped(int fd)
{
	struct rpc_message m = {0};
	int r = rpc_receive(fd, &m, 0);

	rpc_message_free(&m);
	close(fd);
	return r == 0 || r == -ECONNRESET;
}

void
init_drain(int fd, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size - 1 &&
	    (n = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(fd);
}

int
init_wait_exited(int sock, uint32_t handle)
{
	struct rpc_exited_event event;
	struct rpc_message m = {0};

	do { /* who else is connected is no matter */
		rpc_message_free(&m);
		assert(rpc_receive(sock, &m, 0) == 1);
	} while (m.header.number == rpc_call_peers.number);
	assert(rpc_open_request(&rpc_call_exited, &m, &event) == 0);
	assert(event.handle == handle);
	rpc_message_free(&m);
	return event.wait_status;
}

int
init_start(int sock, const struct rpc_spawn_req *request, uint32_t *ret_handle,
    int fds[3], struct err *err)
{
	struct rpc_message m = {0};
	struct rpc_spawn_rep reply;
	int r = rpc_spawn(sock, request, &reply, &m, err);

	for (size_t i = 0; r == 0 && i < m.n_fds; i++)
		fds[i] = take_fd(&m.fds[i]);
	if (r == 0)
		*ret_handle = reply.handle;
	rpc_message_free(&m);
	return r;
}

struct init_result
init_run_request(int sock, const struct rpc_spawn_req *request)
{
	struct init_result result = {0};
	struct err err = {0};
	uint32_t handle;
	int fds[3] = {-1, -1, -1};

	if (init_start(sock, request, &handle, fds, &err) < 0) {
		fprintf(stderr, "spawn: %s\n", err.text);
		assert(false);
	}
	if (request->pty == 0) {
		close(fds[0]);
		init_drain(fds[1], result.out, sizeof result.out);
		init_drain(fds[2], result.error, sizeof result.error);
	} else {
		init_drain(fds[0], result.out, sizeof result.out);
	}
	result.wait_status = init_wait_exited(sock, handle);
	return result;
}

struct init_result
init_run(int sock, const char *user, const char *command)
{
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_COMMAND,
	    .user = user, .command = command};

	return init_run_request(sock, &request);
}

static void
raise_loopback(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
	close(fd);
}

static void
append_line(const char *path, const char *line)
{
	FILE *file = fopen(path, "a");

	assert(file != NULL && fputs(line, file) >= 0 && fclose(file) == 0);
}

/* A root of our own: what is written goes to a tmpfs. */
static void
enter_root(void)
{
	char options[] = "lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work";

	assert(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	assert(mount("tmpfs", "/mnt", "tmpfs", 0, NULL) == 0);
	assert(mkdir("/mnt/upper", 0755) == 0 && mkdir("/mnt/work", 0755) == 0
	    && mkdir("/mnt/root", 0755) == 0);
	if (mount("overlay", "/mnt/root", "overlay", 0, options) < 0)
		_exit(77);
	assert(mount("tmpfs", "/mnt/root/tmp", "tmpfs", 0, NULL) == 0);
	assert(mount("/dev", "/mnt/root/dev", NULL, MS_BIND, NULL) == 0);
	assert(mount("devpts", "/mnt/root/dev/pts", "devpts", 0,
	    "newinstance,ptmxmode=0666,mode=0620,gid=5") == 0);
	assert(mount("/mnt/root/dev/pts/ptmx", "/mnt/root/dev/ptmx", NULL,
	    MS_BIND, NULL) == 0);
	assert(chroot("/mnt/root") == 0 && chdir("/") == 0);
	append_line("/etc/passwd",
	    "sandbox:x:54321:54321::/home/sandbox:/bin/sh\n");
	assert(unlink("/etc/motd") == 0 || errno == ENOENT);
	append_line("/etc/motd", "words of the day\n");
	append_line("/etc/group", "sandbox:x:54321:\n");
}

static pid_t
start_init(int program_fd, int listen_fd)
{
	pid_t pid = fork();
	char name[] = "sandbox-init", *argv[] = {name, NULL}, *envp[] = {NULL};

	assert(pid >= 0);
	if (pid > 0)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) < 0 ||
	    dup2(listen_fd, 3) != 3)
		_exit(1);
	fexecve(program_fd, argv, envp);
	_exit(1);
}

pid_t
init_world_enter(const char *program)
{
	int program_fd, listen_fd;

	if (geteuid() != 0 ||
	    unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET) < 0)
		return -1;
	program_fd = fcntl(open(program, O_RDONLY | O_CLOEXEC),
	    F_DUPFD_CLOEXEC, 10);
	assert(program_fd >= 0);
	enter_root();
	raise_loopback();
	strcpy(address.sun_path, "/tmp/init.sock");
	listen_fd = fcntl(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0),
	    F_DUPFD_CLOEXEC, 10);
	assert(bind(listen_fd, (struct sockaddr *)&address,
	    sizeof address) == 0 && listen(listen_fd, 64) == 0);
	return start_init(program_fd, listen_fd);
}

void
init_world_leave(pid_t pid)
{
	assert(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
	if (write(STDOUT_FILENO, "ok\n", 3) != 3)
		_exit(1);
	_exit(0); /* the leak checker cannot work across pid namespaces */
}
