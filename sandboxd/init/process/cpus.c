// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/cpus.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define NUMBER_SIZE 32

#define GROUP	    "/sys/fs/cgroup/"
#define ONLINE_FILE "/dev/.online"

unsigned
cpus_of_quota(const char *text)
{
	long long quota = 0, period = 0;

	if (sscanf(text, "%lld %lld", &quota, &period) != 2 || quota <= 0 ||
	    period <= 0 || quota / period >= UINT_MAX)
		return 0;
	return (unsigned)(quota / period) + (quota % period != 0);
}

void
cpus_init(struct cpus *cpus)
{
	*cpus = (struct cpus){
	    .max_fd = open(GROUP "cpu.max", O_RDONLY | O_CLOEXEC),
	    .quota_fd = open(GROUP "cpu/cpu.cfs_quota_us",
		O_RDONLY | O_CLOEXEC),
	    .period_fd = open(GROUP "cpu/cpu.cfs_period_us",
		O_RDONLY | O_CLOEXEC),
	    .online_fd = open(ONLINE_FILE, O_WRONLY | O_NOFOLLOW | O_CLOEXEC),
	};
}

static bool
read_line(int fd, char text[NUMBER_SIZE])
{
	ssize_t n = fd < 0 ? -1 : pread(fd, text, NUMBER_SIZE - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static unsigned
read_limit(const struct cpus *cpus)
{
	char text[2 * NUMBER_SIZE], quota[NUMBER_SIZE], period[NUMBER_SIZE];

	if (read_line(cpus->max_fd, quota))
		return cpus_of_quota(quota);
	if (!read_line(cpus->quota_fd, quota) ||
	    !read_line(cpus->period_fd, period))
		return 0;
	snprintf(text, sizeof text, "%s %s", quota, period);
	return cpus_of_quota(text);
}

static void
show_online(struct cpus *cpus, unsigned n)
{
	char text[NUMBER_SIZE];
	int size = n == 1 ? snprintf(text, sizeof text, "0\n") :
	    snprintf(text, sizeof text, "0-%u\n", n - 1);

	if (n == cpus->n_online || cpus->online_fd < 0)
		return;
	if (pwrite(cpus->online_fd, text, (size_t)size, 0) == size &&
	    ftruncate(cpus->online_fd, size) == 0)
		cpus->n_online = n;
}

unsigned
cpus_limit(struct cpus *cpus)
{
	unsigned limit = read_limit(cpus), all;
	cpu_set_t set;

	/* Of more CPUs than a set has room for, all are more. */
	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return limit;
	all = (unsigned)CPU_COUNT(&set);
	if (limit >= all)
		limit = 0;
	show_online(cpus, limit > 0 ? limit : all);
	return limit;
}
