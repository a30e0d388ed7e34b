// SPDX-License-Identifier: Apache-2.0
/*
 * Preloaded into sandboxd by tests/root/wall-clock.sh: the host's calendar, and
 * no other clock, is ahead by as many seconds as the file named by WALL_CLOCK
 * says.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t
ahead_s(void)
{
	const char *name = getenv("WALL_CLOCK");
	char text[32] = "";
	int fd = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	close(fd);
	return (time_t)atoll(text);
}

int
clock_gettime(clockid_t id, struct timespec *ret)
{
	int r = (int)syscall(SYS_clock_gettime, id, ret);

	if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		ret->tv_sec += ahead_s();
	return r;
}

int
gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	int r = (int)syscall(SYS_gettimeofday, ret, zone);

	if (r == 0)
		ret->tv_sec += ahead_s();
	return r;
}

time_t
time(time_t *ret)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret != NULL)
		*ret = now.tv_sec;
	return now.tv_sec;
}
