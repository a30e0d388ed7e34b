// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/settings.h"

static int
write_map(pid_t pid, const char *file, const char *map, struct err *err)
{
	char path[64];
	auto_close int fd = -1;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, map, strlen(map)) != (ssize_t)strlen(map))
		return err_errno(err, "%s", path);
	return 0;
}

static int
map_and_open(pid_t pid, const char *map, int *ret_fd, struct err *err)
{
	char path[64];
	int r;

	if ((r = write_map(pid, "uid_map", map, err)) < 0 ||
	    (r = write_map(pid, "gid_map", map, err)) < 0)
		return r;
	snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? err_errno(err, "%s", path) : 0;
}

int
userns_make(uint32_t uid_base, enum userns_kind kind, int *ret_fd,
    struct err *err)
{
	struct clone_args args = {.flags = CLONE_NEWUSER,
	    .exit_signal = SIGCHLD};
	char map[128];
	pid_t pid;
	int r;

	snprintf(map, sizeof map,
	    kind == USERNS_IDMAP ? "0 %u %u\n%u 0 1" : "0 %u %u", uid_base,
	    SANDBOX_UID_COUNT, USERNS_HOST_ROOT);
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0)
		for (;;)
			pause();
	if (pid < 0)
		return err_errno(err, "user namespace");
	r = map_and_open(pid, map, ret_fd, err);
	/* Its only purpose was to be named in /proc. */
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}
