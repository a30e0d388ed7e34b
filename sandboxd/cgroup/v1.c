// SPDX-License-Identifier: Apache-2.0
/* Version 1: a tree for each controller. */
#include "sandboxd/cgroup/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"

#define FREEZER_POLL_MS 1
#define CGROUP_SOCKET_SHARE 4 /* of memory, and of the host's, for one */
#define CGROUP_SOCKET_RESERVE 8 /* a part of the host's that stays its own */
#define CGROUP_CPUSET_SIZE 4096 /* a list of CPUs, as text */
#define KILL_ROUNDS	20 /* a fork bomb may outrun a list of processes */

static bool
has_file(const struct cgroup_host *host, enum cgroup_tree tree, const char *id,
    const char *file)
{
	char path[CGROUP_PATH_SIZE];

	return cgroup_file_path(host, tree, id, file, path, NULL) == 0 &&
	       access(path, F_OK) == 0;
}

/*
 * Memory, and memory with swap: at no moment may the first exceed the second,
 * so which is written first depends on whether the limit grows or shrinks.
 */
static int
set_memory(const struct cgroup_host *host, const char *id, uint64_t bytes,
    struct err *err)
{
	static const char *const plain = "memory.limit_in_bytes";
	static const char *const swapped = "memory.memsw.limit_in_bytes";
	char text[CGROUP_VALUE_SIZE];
	int r;

	(void)snprintf(text, sizeof text, "%" PRIu64, bytes);
	if (!has_file(host, CGROUP_MEMORY, id, swapped)) {
		r = cgroup_write(host, CGROUP_MEMORY, id, plain, text, err);
		if (r < 0)
			return r;
		return cgroup_write(
		    host, CGROUP_MEMORY, id, "memory.swappiness", "0", err);
	}
	if (cgroup_write(host, CGROUP_MEMORY, id, plain, text, NULL) < 0) {
		r = cgroup_write(host, CGROUP_MEMORY, id, swapped, text, err);
		if (r < 0)
			return r;
		return cgroup_write(host, CGROUP_MEMORY, id, plain, text, err);
	}
	return cgroup_write(host, CGROUP_MEMORY, id, swapped, text, err);
}

/* What the host has for the buffers of all sockets; no limit where it does not
 * say. */
static uint64_t
host_socket_bytes(void)
{
	auto_close int fd = open("/proc/sys/net/ipv4/tcp_mem",
	    O_RDONLY | O_CLOEXEC);
	unsigned long long pages = 0;
	char text[128] = "";

	if (fd < 0 || read(fd, text, sizeof text - 1) < 0 ||
	    sscanf(text, "%*u %*u %llu", &pages) != 1)
		return UINT64_MAX;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/*
 * Buffers of sockets are not part of memory.limit_in_bytes; unlimited, one
 * sandbox could take all that the host has for them (tcp_mem). id NULL: of all
 * sandboxes.
 */
static int
set_socket_memory(const struct cgroup_host *host, const char *id,
    uint64_t bytes, struct err *err)
{
	static const char *const file = "memory.kmem.tcp.limit_in_bytes";
	char text[CGROUP_VALUE_SIZE];

	if (!has_file(host, CGROUP_MEMORY, id, file))
		return 0;
	(void)snprintf(text, sizeof text, "%" PRIu64, bytes);
	return cgroup_write(host, CGROUP_MEMORY, id, file, text, err);
}

/* A part of its memory, and no more than a part of the host's. */
static uint64_t
socket_bytes(const struct cgroup_limits *limits)
{
	uint64_t host = host_socket_bytes() / CGROUP_SOCKET_SHARE;
	uint64_t bytes = limits->memory_bytes / CGROUP_SOCKET_SHARE;

	return bytes < host ? bytes : host;
}

static int
v1_set_total(const struct cgroup_host *host,
    const struct cgroup_limits *limits, struct err *err)
{
	uint64_t sockets = host_socket_bytes();
	char pids[CGROUP_VALUE_SIZE];
	int r;

	(void)snprintf(pids, sizeof pids, "%" PRIu32, limits->pids);
	r = set_memory(host, NULL, limits->memory_bytes, err);
	if (r == 0)
		r = set_socket_memory(host, NULL,
		    sockets - sockets / CGROUP_SOCKET_RESERVE, err);
	if (r == 0)
		r = cgroup_write(host, CGROUP_PIDS, NULL, "pids.max", pids,
		    err);
	return r;
}

/* As the kernel has it: 1024 of version 1 are 100 of version 2. */
static int
v1_set_weight(const struct cgroup_host *host, unsigned weight, struct err *err)
{
	const unsigned shares = weight * 1024 / 100;
	char text[CGROUP_VALUE_SIZE];

	(void)snprintf(text, sizeof text, "%u", shares);
	return cgroup_write(host, CGROUP_CPU, NULL, "cpu.shares", text, err);
}

static int
set_pids(const struct cgroup_host *host, const char *id, uint32_t pids,
    struct err *err)
{
	const struct {
		const char *leaf; /* "" = the group itself */
		uint32_t max;
	} rows[] = {{"", pids + CGROUP_PIDS_RESERVE}, {CGROUP_MAIN, pids},
	    {CGROUP_RESCUE, CGROUP_PIDS_RESERVE}};
	char text[CGROUP_VALUE_SIZE], group[CGROUP_GROUP_SIZE];
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof rows / sizeof *rows; i++) {
		cgroup_leaf(id, rows[i].leaf, group);
		(void)snprintf(text, sizeof text, "%" PRIu32, rows[i].max);
		r = cgroup_write(
		    host, CGROUP_PIDS, group, "pids.max", text, err);
	}
	return r;
}

/*
 * What was not used of one period, as much again at most, may be in a later
 * one: a short program is not held up for using two CPUs at once. The kernel
 * takes no quota below its burst, so that is the last; before 5.14 none.
 */
static int
set_cpu(const struct cgroup_host *host, const char *id, uint32_t cpu_millis,
    struct err *err)
{
	char quota[CGROUP_VALUE_SIZE], period[CGROUP_VALUE_SIZE];
	uint32_t quota_us, period_us;
	int r;

	cgroup_cpu_quota(cpu_millis, &quota_us, &period_us);
	(void)snprintf(quota, sizeof quota, "%" PRIu32, quota_us);
	(void)snprintf(period, sizeof period, "%" PRIu32, period_us);
	(void)cgroup_write(host, CGROUP_CPU, id, "cpu.cfs_burst_us", "0", NULL);
	r = cgroup_write(host, CGROUP_CPU, id, "cpu.cfs_period_us", period,
	    err);
	if (r == 0)
		r = cgroup_write(host, CGROUP_CPU, id, "cpu.cfs_quota_us",
		    quota, err);
	if (r == 0)
		(void)cgroup_write(host, CGROUP_CPU, id, "cpu.cfs_burst_us",
		    quota, NULL);
	return r;
}

static int
v1_set_limits(const struct cgroup_host *host, const char *id,
    const struct cgroup_limits *limits, struct err *err)
{
	int r;

	r = set_memory(host, id, limits->memory_bytes, err);
	if (r == 0)
		r = set_socket_memory(host, id, socket_bytes(limits), err);
	if (r < 0)
		return r;
	r = set_pids(host, id, limits->pids, err);
	return r < 0 ? r : set_cpu(host, id, limits->cpu_millis, err);
}

/* The kernel takes back what it can before it refuses a lower limit. */
static int
v1_shrink(const struct cgroup_host *host, const char *id, uint64_t bytes,
    uint64_t *ret_used, struct err *err)
{
	char text[CGROUP_VALUE_SIZE];
	int r;

	(void)snprintf(text, sizeof text, "%" PRIu64, bytes);
	r = cgroup_write(host, CGROUP_MEMORY, id, "memory.limit_in_bytes",
	    text, NULL);
	*ret_used = 0;
	if (r != -EBUSY)
		return 0; /* set_limits has the last word */
	r = cgroup_read(host, CGROUP_MEMORY, id, "memory.usage_in_bytes",
	    text, sizeof text, err);
	if (r == 0)
		*ret_used = strtoull(text, NULL, 10);
	return r;
}

static int
v1_oom_kills(const struct cgroup_host *host, const char *id, uint32_t *ret,
    struct err *err)
{
	char text[512];
	int r = cgroup_read(host, CGROUP_MEMORY, id, "memory.oom_control", text,
	    sizeof text, err);

	if (r == 0)
		*ret = (uint32_t)cgroup_value_of(text, "oom_kill");
	return r;
}

/* The kernel tells the eventfd before it kills; who is told looks again. */
static int
v1_open_oom(const struct cgroup_host *host, const char *id, int *ret_kills_fd,
    int *ret_oom_fd, struct err *err)
{
	char path[CGROUP_PATH_SIZE], text[CGROUP_VALUE_SIZE];
	auto_close int kills_fd = -1, oom_fd = -1;
	int r = cgroup_file_path(
	    host, CGROUP_MEMORY, id, "memory.oom_control", path, err);

	if (r < 0)
		return r;
	kills_fd = open(path, O_RDONLY | O_CLOEXEC);
	oom_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (kills_fd < 0 || oom_fd < 0)
		return err_errno(err, "cannot watch %s", path);
	(void)snprintf(text, sizeof text, "%d %d", oom_fd, kills_fd);
	/* Not every kernel has this, and it is for news alone. */
	(void)cgroup_write(
	    host, CGROUP_MEMORY, id, "cgroup.event_control", text, NULL);
	*ret_kills_fd = take_fd(&kills_fd);
	*ret_oom_fd = take_fd(&oom_fd);
	return 0;
}

static int
v1_freeze(const struct cgroup_host *host, const char *id, bool is_frozen,
    int wait_ms, struct err *err)
{
	static const struct timespec pause = {
	    .tv_nsec = FREEZER_POLL_MS * 1000000L};
	const char *state = is_frozen ? "FROZEN" : "THAWED";
	char text[CGROUP_VALUE_SIZE];
	int r;

	for (int waited = 0; waited <= wait_ms;
	     waited += FREEZER_POLL_MS) {
		/* Written each time: that makes it look at newborns again. */
		if ((r = cgroup_write(host, CGROUP_FREEZER, id, "freezer.state",
			 state, err)) < 0 ||
		    (r = cgroup_read(host, CGROUP_FREEZER, id, "freezer.state",
			 text, sizeof text, err)) < 0)
			return r;
		if (strncmp(text, state, strlen(state)) == 0)
			return 0;
		(void)nanosleep(&pause, NULL);
	}
	return err_set(err, ETIMEDOUT, "cgroup %s is not %s after %d ms", id,
	    state, wait_ms);
}

/* total_ of all groups below it too, as that of a sandbox has them. */
static int
v1_unwritten(const struct cgroup_host *host, const char *id,
    uint64_t *ret_bytes, struct err *err)
{
	char text[4096];
	int r = cgroup_read(host, CGROUP_MEMORY, id, "memory.stat", text,
	    sizeof text, err);

	if (r == 0)
		*ret_bytes = cgroup_value_of(text, "total_dirty") +
		    cgroup_value_of(text, "total_writeback");
	return r;
}

static bool
v1_is_frozen(const struct cgroup_host *host, const char *id)
{
	char text[CGROUP_VALUE_SIZE];

	return cgroup_read(host, CGROUP_FREEZER, id, "freezer.state", text,
		   sizeof text, NULL) == 0 &&
	       strncmp(text, "THAWED", strlen("THAWED")) != 0;
}

/* SIGKILL to each process listed now. Returns how many, or -errno. */
static int
kill_listed(const struct cgroup_host *host, const char *id, struct err *err)
{
	char path[CGROUP_PATH_SIZE];
	FILE *file;
	int n = 0, pid, r;

	r = cgroup_file_path(
	    host, CGROUP_FREEZER, id, "cgroup.procs", path, err);
	if (r < 0)
		return r;
	file = fopen(path, "re");
	if (!file)
		return err_errno(err, "cannot open %s", path);
	while (fscanf(file, "%d", &pid) == 1)
		if (pid > 1 && kill(pid, SIGKILL) == 0)
			n++;
	(void)fclose(file);
	return n;
}

/*
 * Frozen processes can neither fork nor go away, so that the list is whole
 * and no pid in it means somebody else by the time of the signal.
 */
static int
v1_kill(const struct cgroup_host *host, const char *id, struct err *err)
{
	int r = 0, thawed;

	for (int round = 0; round < KILL_ROUNDS; round++) {
		bool is_still = v1_freeze(host, id, true,
		    CGROUP_FREEZE_WAIT_MS, err) == 0;

		r = kill_listed(host, id, err);
		thawed = v1_freeze(host, id, false, CGROUP_FREEZE_WAIT_MS,
		    r < 0 ? NULL : err);
		if (r < 0)
			return r;
		if (thawed < 0)
			return thawed;
		if (is_still || r == 0)
			return 0;
	}
	return err_set(err, EBUSY, "cgroup %s cannot be killed", id);
}

/* One value, from the folder above. */
static int
inherit(const char *folder, const char *name, struct err *err)
{
	char from[CGROUP_PATH_SIZE + 32], to[CGROUP_PATH_SIZE + 32];
	char text[CGROUP_CPUSET_SIZE];
	auto_close int from_fd = -1, to_fd = -1;
	ssize_t n;

	(void)snprintf(from, sizeof from, "%s/../%s", folder, name);
	(void)snprintf(to, sizeof to, "%s/%s", folder, name);
	from_fd = open(from, O_RDONLY | O_CLOEXEC);
	to_fd = open(to, O_WRONLY | O_CLOEXEC);
	if (from_fd < 0 || to_fd < 0 ||
	    (n = read(from_fd, text, sizeof text)) < 0 ||
	    write(to_fd, text, (size_t)n) != n)
		return err_errno(err, "cannot copy %s to %s", from, to);
	return 0;
}

int
cgroup_v1_open_cpuset(const char *folder, struct err *err)
{
	char path[CGROUP_PATH_SIZE + 32];
	auto_close int fd = -1;
	int r;

	if ((r = inherit(folder, "cpuset.cpus", err)) < 0 ||
	    (r = inherit(folder, "cpuset.mems", err)) < 0)
		return r;
	(void)snprintf(path, sizeof path, "%s/cgroup.clone_children", folder);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		return err_errno(err, "cannot write 1 to %s", path);
	return 0;
}

const struct cgroup_backend cgroup_v1 = {
    .set_limits = v1_set_limits,
    .shrink = v1_shrink,
    .set_total = v1_set_total,
    .set_weight = v1_set_weight,
    .oom_kills = v1_oom_kills,
    .unwritten = v1_unwritten,
    .freeze = v1_freeze,
    .is_frozen = v1_is_frozen,
    .open_oom = v1_open_oom,
    .kill = v1_kill,
};
