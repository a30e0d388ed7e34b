// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/cgroup/use.h"
#include "sandboxd/disk/disk.h"
#include "sandboxd/net/net.h"

#define PATH_SIZE 640

/* A number in a file of /sys; 0 where there is none. Neither folder waits for
 * who changes links or quotas. */
static uint64_t
read_number(const char *folder, const char *name)
{
	char path[PATH_SIZE], text[32] = "";
	auto_close int fd = -1;

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >=
	    (int)sizeof path)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		return 0;
	return strtoull(text, NULL, 10);
}

static void
read_disk(const struct runtime *runtime, const char *id, struct usage *ret)
{
	static const char *const parts[] = {"referenced", "rsv_data",
	    "rsv_meta_pertrans", "rsv_meta_prealloc"};
	char folder[DISK_PATH_SIZE];

	if (disk_counts(runtime->disks, id, folder, NULL) != 1)
		return;
	ret->is_disk_counted = true;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		ret->disk_bytes += read_number(folder, parts[i]);
}

/* What its end of the link has received is what ours has sent. */
static void
read_link(const struct runtime *runtime, uint32_t slot, struct usage *ret)
{
	char folder[64];
	struct net_link link;

	if (net_link_of_slot(&runtime->egress.range, slot, &link, NULL) < 0)
		return;
	snprintf(folder, sizeof folder, "/sys/class/net/%s/statistics",
	    link.name);
	ret->received_bytes = read_number(folder, "tx_bytes");
	ret->sent_bytes = read_number(folder, "rx_bytes");
}

static int
read_groups(const struct runtime *runtime, const char *id, struct usage *ret,
    struct err *err)
{
	const struct cgroup_host *host = runtime->cgroups;
	struct cgroup_memory_use memory;
	struct cgroup_cpu_use cpu;
	int r;

	if ((r = cgroup_memory_use(host, id, &memory, err)) < 0 ||
	    (r = cgroup_cpu_use(host, id, &cpu, err)) < 0)
		return r;
	/* Of the page cache what is a file's: the rest is memory itself. */
	ret->cache_bytes = memory.file > memory.shmem ?
	    memory.file - memory.shmem : 0;
	if (ret->cache_bytes > memory.used)
		ret->cache_bytes = memory.used;
	ret->memory_bytes = memory.used - ret->cache_bytes;
	ret->tasks = cpu.n_tasks;
	return 0;
}

int
usage_read(const struct runtime *runtime, const char *id, uint32_t slot,
    struct usage *ret, struct err *err)
{
	struct usage usage = {0};
	int r = read_groups(runtime, id, &usage, err);

	if (r < 0)
		return r;
	read_disk(runtime, id, &usage);
	read_link(runtime, slot, &usage);
	*ret = usage;
	return 0;
}

int
usage_read_cpu(const struct runtime *runtime, const char *id,
    uint64_t *ret_us)
{
	return cgroup_cpu_used_us(runtime->cgroups, id, ret_us, NULL);
}

int
usage_read_room(const struct runtime *runtime, uint64_t *ret_left_bytes,
    uint64_t *ret_limit_bytes)
{
	struct cgroup_memory_use use;
	uint64_t files, kept;
	int r = cgroup_memory_use(runtime->cgroups, NULL, &use, NULL);

	if (r < 0)
		return r;
	if (use.limit > runtime->ceilings.host.memory_bytes)
		return -ENOENT;
	files = use.active_file + use.inactive_file;
	kept = use.used > files ? use.used - files : 0;
	*ret_left_bytes = use.limit > kept ? use.limit - kept : 0;
	*ret_limit_bytes = use.limit;
	return 0;
}
