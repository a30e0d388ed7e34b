// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/host/ceiling.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "common/fd.h"

/* What the host keeps where the settings do not say. Half of the memory is for
 * the gateway, whose group has an eighth. */
#define MEMORY_RESERVE_PARTS 4
#define PIDS_RESERVE_PARTS   8

uint64_t
host_number(const char *path, unsigned column)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[256], *rest = text, *word;
	ssize_t n;

	if (fd < 0 || (n = read(fd, text, sizeof text - 1)) < 0)
		return 0;
	text[n] = '\0';
	while ((word = strsep(&rest, " \t\n")) != NULL)
		if (*word != '\0' && column-- == 0)
			return strtoull(word, NULL, 10);
	return 0;
}

static uint64_t
lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

int
host_size_read(struct host_size *ret, struct err *err)
{
	struct sysinfo info;

	if (sysinfo(&info) < 0)
		return err_errno(err, "size of the host");
	ret->memory_bytes = (uint64_t)info.totalram * info.mem_unit;
	ret->cpu_millis = (uint64_t)get_nprocs() * 1000;
	ret->pids = lesser(host_number("/proc/sys/kernel/pid_max", 0),
	    host_number("/proc/sys/kernel/threads-max", 0));
	if (ret->pids == 0)
		return err_set(err, ENOENT, "kernel.pid_max cannot be read");
	return 0;
}

/* What is left of `has` for sandboxes, where `reserve` (0 = one of so many
 * parts) is the host's. */
static int
leave(const char *key, uint64_t has, uint64_t reserve, unsigned parts,
    uint64_t *ret, struct err *err)
{
	if (reserve == 0)
		reserve = has / parts;
	if (reserve > has / 2)
		return err_set(err, EINVAL,
		    "%s: %llu is more than half of what this host has, %llu",
		    key, (unsigned long long)reserve, (unsigned long long)has);
	*ret = has - reserve;
	return 0;
}

/* What the operator says stands below what there is; where he says nothing
 * (0), one sandbox gets at most `share`. */
static struct ceiling
choose(uint64_t says, uint64_t share, uint64_t there_is)
{
	uint64_t host = says == 0 ? share : there_is;

	if (says != 0 && says <= host)
		return (struct ceiling){says, false};
	return (struct ceiling){host, true};
}

int
ceilings_find(const struct host_size *host, const struct settings *settings,
    struct ceilings *ret, struct err *err)
{
	uint64_t memory = 0, pids = 0;
	int r;

	if ((r = leave("host_memory_reserve", host->memory_bytes,
	    settings->host_memory_reserve_bytes, MEMORY_RESERVE_PARTS,
	    &memory, err)) < 0 ||
	    (r = leave("host_pids_reserve", host->pids,
	    settings->host_pids_reserve, PIDS_RESERVE_PARTS, &pids,
	    err)) < 0)
		return r;
	ret->host = *host;
	ret->all_memory_bytes = memory;
	ret->all_pids = pids;
	ret->memory_bytes = choose(settings->memory_limit_max_bytes, memory,
	    memory);
	ret->pids = choose(settings->pids_limit_max, pids / CEILING_PARTS,
	    pids);
	ret->cpu_millis = choose(settings->cpu_limit_max_millis,
	    host->cpu_millis, host->cpu_millis);
	ret->disk_bytes = choose(settings->disk_limit_max_bytes,
	    host->disk_bytes / 2, host->disk_bytes);
	return 0;
}

uint64_t
ceiling_default(uint64_t setting, struct ceiling most)
{
	return lesser(setting, most.value);
}
