// SPDX-License-Identifier: Apache-2.0
/*
 * Logins for files alone, at the sandbox-init given as argument: how many
 * servers they have, for how long, and where the kernel cannot confine them.
 */
#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/rpc_calls.h"
#include "tests/root/init_world.h"

#define TEST_TIMEOUT_S 50
#define CONFINED_MAX   16 /* INIT_CONFINED_MAX */

static void
set_up(int sock)
{
	struct rpc_init_setup_req request = {.hostname = "sb-test"};
	struct rpc_init_setup_rep reply;
	struct rpc_message m = {0};
	struct err err = {0};

	assert(rpc_init_setup(sock, &request, &reply, &m, &err) == 0);
	rpc_message_free(&m);
}

/* Of a login for files alone: so many at once, and none stays when it goes. */
static void
test_confined(void)
{
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_SFTP};
	int sock = init_connect(RPC_RIGHT_SFTP), fds[CONFINED_MAX][3], last[3];
	int owner = init_connect(INIT_RIGHTS);
	struct err err = {0};
	uint32_t handle;
	uint8_t byte;

	set_up(owner);
	for (int i = 0; i < CONFINED_MAX; i++)
		assert(init_start(sock, &request, &handle, fds[i], &err) == 0);
	assert(init_start(sock, &request, &handle, last, &err) == -EAGAIN);
	assert(strstr(err.text, "no more than 16 SFTP servers") != NULL);
	close(sock);
	/* Their input is still open. */
	for (int i = 0; i < CONFINED_MAX; i++) {
		assert(read(fds[i][1], &byte, 1) == 0);
		for (int j = 0; j < 3; j++)
			close(fds[i][j]);
	}
}

/* Where the kernel has no Landlock, such a login is refused; others are not. */
static void
test_without_landlock(void)
{
	struct rpc_spawn_req request = {.kind = INIT_SPAWN_SFTP};
	int guest = init_connect(RPC_RIGHT_SFTP), fds[3];
	int sock = init_connect(INIT_RIGHTS);
	struct err err = {0};
	uint32_t handle;

	set_up(sock);
	assert(init_start(guest, &request, &handle, fds, &err) ==
	    -EOPNOTSUPP);
	assert(strstr(err.text, "Linux 5.19 or later") != NULL);
	assert(init_start(sock, &request, &handle, fds, &err) == 0);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	close(guest);
	close(sock);
}

/* As on a kernel that was built without it, for us and all that we start. */
static void
take_landlock_away(void)
{
	struct sock_filter filter[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset, 0,
		1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof filter / sizeof *filter, filter};

	assert(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) ==
	    0);
}

static int
in_world(const char *program, void (*test)(void))
{
	pid_t pid = init_world_enter(program);

	if (pid < 0)
		return 77; /* needs root and the path of sandbox-init */
	alarm(TEST_TIMEOUT_S); /* with PID 1 gone, everything inside is */
	test();
	init_world_leave(pid);
}

int
main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc != 2)
		return 77;
	pid = fork();
	if (pid == 0) {
		take_landlock_away();
		return in_world(argv[1], test_without_landlock);
	}
	assert(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) != 0)
		return WEXITSTATUS(status);
	return in_world(argv[1], test_confined);
}
