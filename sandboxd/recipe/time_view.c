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

#define NAMESPACE "/proc/self/ns/time"
#define NS_PER_S 1000000000L

struct timespec
time_view_now(void)
{
	struct timespec now = {0};

	if (access(NAMESPACE, F_OK) == 0)
		clock_gettime(CLOCK_BOOTTIME, &now);
	return now;
}

/* A clock that began then: what it says, taken off. The kernel wants no
 * nanoseconds below 0. */
static int
set_boot(const struct timespec *boot, struct err *err)
{
	static const char path[] = "/proc/self/timens_offsets";
	auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);
	char text[64];

	(void)snprintf(text, sizeof text, "boottime %lld %ld",
	    -(long long)boot->tv_sec - (boot->tv_nsec > 0),
	    boot->tv_nsec > 0 ? NS_PER_S - boot->tv_nsec : 0);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return err_errno(err, "%s", path);
	return 0;
}

int
time_view_enter(const struct timespec *boot, int *ret_home_fd,
    struct err *err)
{
	auto_close int home_fd = open(NAMESPACE,
	    O_RDONLY | O_CLOEXEC);
	int r;

	*ret_home_fd = -1;
	if (home_fd < 0 && errno == ENOENT)
		return 0; /* CONFIG_TIME_NS is not set */
	if (home_fd < 0 || unshare(CLONE_NEWTIME) < 0)
		return err_errno(err, "time namespace");
	if ((r = set_boot(boot, err)) < 0) {
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
