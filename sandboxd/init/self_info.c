// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/self_info.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/sysinfo_plain.h"

#define GROUPS	  "/sys/fs/cgroup/"
#define STAT_SIZE 8192 /* memory.stat has some 2 KiB, of either version */

/* Of memory, told beyond the limit: programs that look at the groups (JVM,
 * .NET) take a limit for one where it is less than the memory there is. */
#define BEYOND_BYTES 4096

/* Where either version has it. `key`: in which line; NULL: all there is. */
struct counter {
	const char *file, *key;
};

static const struct counter limits[] = {
    {"memory/memory.limit_in_bytes", NULL}, {"memory.max", NULL}};
static const struct counter uses[] = {
    {"memory/memory.usage_in_bytes", NULL}, {"memory.current", NULL}};
static const struct counter shared[] = {
    {"memory/memory.stat", "total_shmem"}, {"memory.stat", "shmem"}};
static const struct counter processes[] = {
    {"pids/pids.current", NULL}, {"pids.current", NULL}};
static const struct counter cpu_ns[] = {{"cpuacct/cpuacct.usage", NULL}};
static const struct counter cpu_us[] = {{"cpu.stat", "usage_usec"}};

/* "max" is the greatest number. */
static bool
read_counter(const struct counter *counter, uint64_t *ret)
{
	char path[sizeof GROUPS + 32], text[STAT_SIZE], *at = text, *end;
	auto_close int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof path, GROUPS "%s", counter->file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (n = read(fd, text, sizeof text - 1)) <= 0)
		return false;
	text[n] = '\0';
	while (counter->key != NULL && at != NULL) {
		const size_t length = strlen(counter->key);

		if (strncmp(at, counter->key, length) == 0 &&
		    at[length] == ' ') {
			at += length;
			break;
		}
		if ((at = strchr(at, '\n')) != NULL)
			at++;
	}
	if (at == NULL)
		return false;
	*ret = strtoull(at, &end, 10);
	if (end == at)
		*ret = UINT64_MAX;
	return true;
}

static bool
read_first(const struct counter *counters, size_t n, uint64_t *ret)
{
	for (size_t i = 0; i < n; i++)
		if (read_counter(&counters[i], ret))
			return true;
	return false;
}

#define READ(counters, ret) \
	read_first(counters, sizeof(counters) / sizeof *(counters), ret)

/* Where nobody counts CPU time there is no load. */
static uint64_t
used_cpu_us(void)
{
	uint64_t used;

	if (READ(cpu_us, &used))
		return used;
	return READ(cpu_ns, &used) ? used / 1000 : 0;
}

static void
fade(struct self_info *info)
{
	const uint64_t used_us = used_cpu_us();
	struct timespec age;
	uint64_t age_us;

	if (clock_gettime(CLOCK_BOOTTIME, &age) < 0)
		return;
	age_us = (uint64_t)age.tv_sec * 1000000 +
	    (uint64_t)age.tv_nsec / 1000;
	if (age_us < info->faded_us || used_us < info->faded_cpu_us)
		return;
	load_average_fade(info->loads, age_us - info->faded_us,
	    used_us - info->faded_cpu_us);
	info->faded_us = age_us;
	info->faded_cpu_us = used_us;
}

bool
self_info_tell(struct self_info *info, struct sysinfo *ret)
{
	uint64_t limit, used, shmem = 0, n_processes = 1, host;

	memset(ret, 0, sizeof *ret);
	if (sysinfo_plain(ret) < 0 || !READ(limits, &limit) ||
	    !READ(uses, &used))
		return false;
	host = (uint64_t)ret->totalram * ret->mem_unit;
	(void)READ(shared, &shmem);
	(void)READ(processes, &n_processes);
	fade(info);
	limit = limit < host ? limit : host;
	used = used < limit ? used : limit;
	ret->mem_unit = 1;
	ret->totalram = limit < host ? limit + BEYOND_BYTES : limit;
	ret->freeram = limit - used;
	ret->sharedram = shmem;
	ret->bufferram = ret->totalswap = ret->freeswap = 0;
	ret->totalhigh = ret->freehigh = 0;
	ret->procs = n_processes < UINT16_MAX ? (uint16_t)n_processes :
	    UINT16_MAX;
	for (size_t i = 0; i < LOAD_AVERAGES; i++)
		ret->loads[i] = (unsigned long)(info->loads[i] *
		    (1 << SI_LOAD_SHIFT));
	return true;
}
