// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
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

/* The uid changes, the capabilities stay. */
static int
become(uint32_t uid)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_setresuid, -1, uid, -1) < 0 ||
	    syscall(SYS_capget, &header, data) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++)
		data[i].effective = data[i].permitted;
	return (int)syscall(SYS_capset, &header, data);
}

/*
 * In the child, whose end is the worker's. What users of the namespace use up
 * the kernel counts against its maker too: inotify instances and watches,
 * queued signals, message queues. Were that root, all sandboxes and the host's
 * own daemons would share root's limits. So the maker is nobody on the host.
 */
static void
make_and_stop(uint32_t uid_base)
{
	if (become(uid_base) < 0 || unshare(CLONE_NEWUSER) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(errno);
	for (;;)
		kill(getpid(), SIGSTOP);
}

static int
wait_until_made(pid_t pid, struct err *err)
{
	int status = 0;

	while (waitpid(pid, &status, WUNTRACED) < 0)
		if (errno != EINTR)
			return err_errno(err, "user namespace");
	if (WIFSTOPPED(status))
		return 0;
	return err_set(err, WIFEXITED(status) && WEXITSTATUS(status) != 0 ?
	    WEXITSTATUS(status) : EIO, "user namespace: its maker died");
}

int
userns_make(uint32_t uid_base, enum userns_kind kind, int *ret_fd,
    struct err *err)
{
	char map[128];
	pid_t pid;
	int r;

	snprintf(map, sizeof map,
	    kind == USERNS_IDMAP ? "0 %u %u\n%u 0 1" : "0 %u %u", uid_base,
	    SANDBOX_UID_COUNT, USERNS_HOST_ROOT);
	pid = fork();
	if (pid == 0)
		make_and_stop(uid_base);
	if (pid < 0)
		return err_errno(err, "user namespace");
	r = wait_until_made(pid, err);
	if (r == 0)
		r = map_and_open(pid, map, ret_fd, err);
	/* Its only purpose was to be named in /proc. */
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}
