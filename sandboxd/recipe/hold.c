// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/hold.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/fd.h"

/*
 * Nothing is looked up in there, the mount is only kept. A process that has
 * another root, or a number that is somebody else's by now, costs nothing but
 * the good this does.
 */
static int
open_root(const struct cgroup_host *cgroups, const char *id)
{
	struct statfs status;
	char path[64];
	auto_close int fd = -1;
	pid_t pid;

	if (cgroup_first_process(cgroups, id, &pid, NULL) < 0 || pid == 0)
		return -1;
	(void)snprintf(path, sizeof path, "/proc/%d/root", (int)pid);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstatfs(fd, &status) < 0 ||
	    status.f_type != OVERLAYFS_SUPER_MAGIC)
		return -1;
	return take_fd(&fd);
}

/* A place for one more child of this process, or NULL. A number that is
 * somebody else's by now keeps a place from use, and does no other harm. */
static pid_t *
free_place(void)
{
	static pid_t pids[HOLDS_MAX];

	for (int i = 0; i < HOLDS_MAX; i++)
		if (pids[i] <= 0 || kill(pids[i], 0) < 0)
			return &pids[i];
	return NULL;
}

/* Its exit is what unmounts. The lock of this daemon must not last as long. */
static void
hold(int root_fd, int end_fd)
{
	char nothing;

	if (dup2(root_fd, 0) < 0 || dup2(end_fd, 1) < 0)
		_exit(1);
	close_range(2, ~0U, 0);
	_exit(read(1, &nothing, 1) != 0);
}

int
hold_root(const struct cgroup_host *cgroups, const char *id)
{
	pid_t *place = free_place(), pid;
	auto_close int root_fd = place != NULL ? open_root(cgroups, id) : -1;
	int fds[2];

	if (root_fd < 0 || pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		hold(root_fd, fds[0]);
	close(fds[0]);
	if (pid < 0) {
		close(fds[1]);
		return -1;
	}
	*place = pid;
	return fds[1];
}
