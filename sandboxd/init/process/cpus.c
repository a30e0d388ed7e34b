// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/cpus.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"

#define NUMBER_SIZE 32

unsigned
cpus_of_quota(const char *text)
{
	long long quota = 0, period = 0;

	if (sscanf(text, "%lld %lld", &quota, &period) != 2 || quota <= 0 ||
	    period <= 0 || quota / period >= UINT_MAX)
		return 0;
	return (unsigned)(quota / period) + (quota % period != 0);
}

static bool
read_line(const char *path, char text[NUMBER_SIZE])
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, NUMBER_SIZE - 1);

	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static unsigned
read_limit(void)
{
	char text[2 * NUMBER_SIZE], quota[NUMBER_SIZE], period[NUMBER_SIZE];

	if (read_line(CPUS_MAX_FILE, quota))
		return cpus_of_quota(quota);
	if (!read_line(CPUS_QUOTA_FILE, quota) ||
	    !read_line(CPUS_PERIOD_FILE, period))
		return 0;
	snprintf(text, sizeof text, "%s %s", quota, period);
	return cpus_of_quota(text);
}

/* Nobody but root of the sandbox writes there besides, for his own eyes. */
static void
show_online(unsigned n)
{
	auto_close int fd = open(CPUS_ONLINE_FILE,
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char wanted[NUMBER_SIZE], text[NUMBER_SIZE] = "";
	int size = n == 1 ? snprintf(wanted, sizeof wanted, "0\n") :
	    snprintf(wanted, sizeof wanted, "0-%u\n", n - 1);

	if (fd < 0 || read(fd, text, sizeof text - 1) < 0 ||
	    strcmp(text, wanted) == 0)
		return;
	if (pwrite(fd, wanted, (size_t)size, 0) == size)
		(void)!ftruncate(fd, size);
}

unsigned
cpus_limit(void)
{
	unsigned limit = read_limit(), all;
	cpu_set_t set;

	/* Of more CPUs than a set has room for, all are more. */
	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return limit;
	all = (unsigned)CPU_COUNT(&set);
	if (limit >= all)
		limit = 0;
	show_online(limit > 0 ? limit : all);
	return limit;
}
