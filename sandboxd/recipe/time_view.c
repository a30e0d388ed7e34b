// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/time_view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"

#define NS_PER_S 1000000000L

/* A clock that began now: what it says, taken off. The kernel wants no
 * nanoseconds below 0. */
static int
set_boot(struct err *err)
{
	static const char path[] = "/proc/self/timens_offsets";
	auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);
	struct timespec now;
	char text[64];

	clock_gettime(CLOCK_BOOTTIME, &now);
	(void)snprintf(text, sizeof text, "boottime %lld %ld",
	    -(long long)now.tv_sec - (now.tv_nsec > 0),
	    now.tv_nsec > 0 ? NS_PER_S - now.tv_nsec : 0);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return err_errno(err, "%s", path);
	return 0;
}

int
time_view_enter(int *ret_home_fd, struct err *err)
{
	auto_close int home_fd = open("/proc/self/ns/time",
	    O_RDONLY | O_CLOEXEC);
	int r;

	*ret_home_fd = -1;
	if (home_fd < 0 && errno == ENOENT)
		return 0; /* CONFIG_TIME_NS is not set */
	if (home_fd < 0 || unshare(CLONE_NEWTIME) < 0)
		return err_errno(err, "time namespace");
	if ((r = set_boot(err)) < 0) {
		time_view_leave(&home_fd);
		return r;
	}
	*ret_home_fd = take_fd(&home_fd);
	return 0;
}

void
time_view_leave(int *home_fd)
{
	if (*home_fd >= 0 && setns(*home_fd, CLONE_NEWTIME) < 0)
		abort();
	fd_close(home_fd);
}
