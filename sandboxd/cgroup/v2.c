// SPDX-License-Identifier: Apache-2.0
/* Version 2: one tree. Also freezes and kills for v1 where there is one. */
#include "sandboxd/cgroup/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"

int
cgroup_v2_delegate(const char *folder, struct err *err)
{
	static const char words[] = "+memory +pids +cpu";
	char path[CGROUP_PATH_SIZE + 32];
	auto_close int fd = -1;

	(void)snprintf(path, sizeof path, "%s/cgroup.subtree_control", folder);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	if (write(fd, words, sizeof words - 1) < 0)
		return err_errno(err, "cannot write \"%s\" to %s", words, path);
	return 0;
}

/* One setting of a group; one without a value is not to be set. */
struct setting {
	const char *file, *value;
	bool is_optional; /* the kernel may be built without it */
};

static int
set_all(const struct cgroup_host *host, const char *group,
    const struct setting *settings, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		int r = cgroup_write(host, CGROUP_UNIFIED, group,
		    settings[i].file, settings[i].value, err);

		if (r < 0 && !(r == -ENOENT && settings[i].is_optional))
			return r;
	}
	return 0;
}

/*
 * A group that has others below it has no process. Those of main see the same
 * limits as the sandbox has, for it is the root of what they see.
 */
static int
v2_set_limits(const struct cgroup_host *host, const char *id,
    const struct cgroup_limits *limits, struct err *err)
{
	char memory[CGROUP_VALUE_SIZE], pids[CGROUP_VALUE_SIZE];
	char all[CGROUP_VALUE_SIZE], reserve[CGROUP_VALUE_SIZE];
	char cpu[CGROUP_VALUE_SIZE], burst[CGROUP_VALUE_SIZE];
	char group[CGROUP_GROUP_SIZE];
	char path[CGROUP_PATH_SIZE];
	uint32_t quota_us, period_us;
	struct setting settings[] = {
	    {"memory.max", memory, false},
	    {"memory.swap.max", "0", true},
	    {"memory.oom.group", "0", true},
	    {"cpu.max.burst", "0", true}, /* as v1's, and why */
	    {"cpu.max", cpu, false},
	    {"cpu.max.burst", burst, true},
	    {"pids.max", all, false},
	};
	const size_t n = sizeof settings / sizeof *settings;
	int r = cgroup_file_path(host, CGROUP_UNIFIED, id, NULL, path, err);

	(void)snprintf(memory, sizeof memory, "%" PRIu64, limits->memory_bytes);
	(void)snprintf(all, sizeof all, "%" PRIu32,
	    limits->pids + CGROUP_PIDS_RESERVE);
	(void)snprintf(pids, sizeof pids, "%" PRIu32, limits->pids);
	(void)snprintf(reserve, sizeof reserve, "%d", CGROUP_PIDS_RESERVE);
	cgroup_cpu_quota(limits->cpu_millis, &quota_us, &period_us);
	(void)snprintf(cpu, sizeof cpu, "%" PRIu32 " %" PRIu32, quota_us,
	    period_us);
	(void)snprintf(burst, sizeof burst, "%" PRIu32, quota_us);
	if (r == 0)
		r = set_all(host, id, settings, n, err);
	if (r == 0)
		r = cgroup_v2_delegate(path, err);
	settings[n - 1].value = pids;
	cgroup_leaf(id, CGROUP_MAIN, group);
	if (r == 0)
		r = set_all(host, group, settings, n, err);
	cgroup_leaf(id, CGROUP_RESCUE, group);
	return r < 0 ? r : cgroup_write(host, CGROUP_UNIFIED, group,
	    "pids.max", reserve, err);
}

static int
v2_set_total(const struct cgroup_host *host,
    const struct cgroup_limits *limits, struct err *err)
{
	char memory[CGROUP_VALUE_SIZE], pids[CGROUP_VALUE_SIZE];
	int r;

	(void)snprintf(memory, sizeof memory, "%" PRIu64, limits->memory_bytes);
	(void)snprintf(pids, sizeof pids, "%" PRIu32, limits->pids);
	r = cgroup_write(host, CGROUP_UNIFIED, NULL, "memory.max", memory, err);
	return r < 0 ? r : cgroup_write(host, CGROUP_UNIFIED, NULL, "pids.max",
	    pids, err);
}

static int
v2_set_weight(const struct cgroup_host *host, unsigned weight, struct err *err)
{
	char text[CGROUP_VALUE_SIZE];

	(void)snprintf(text, sizeof text, "%u", weight);
	return cgroup_write(
	    host, CGROUP_UNIFIED, NULL, "cpu.weight", text, err);
}

/*
 * A memory.max below what is in use kills. memory.high has the writer take back
 * what can be, and kills nobody.
 */
static int
v2_shrink(const struct cgroup_host *host, const char *id, uint64_t bytes,
    uint64_t *ret_used, struct err *err)
{
	char text[CGROUP_VALUE_SIZE];
	int r;

	(void)snprintf(text, sizeof text, "%" PRIu64, bytes);
	r = cgroup_write(host, CGROUP_UNIFIED, id, "memory.high", text, err);
	if (r < 0)
		return r;
	r = cgroup_read(host, CGROUP_UNIFIED, id, "memory.current", text,
	    sizeof text, err);
	*ret_used = r == 0 ? strtoull(text, NULL, 10) : 0;
	(void)cgroup_write(host, CGROUP_UNIFIED, id, "memory.high", "max",
	    NULL);
	return r;
}

static int
v2_oom_kills(const struct cgroup_host *host, const char *id, uint32_t *ret,
    struct err *err)
{
	char text[512];
	int r = cgroup_read(
	    host, CGROUP_UNIFIED, id, "memory.events", text, sizeof text, err);

	if (r == 0)
		*ret = (uint32_t)cgroup_value_of(text, "oom_kill");
	return r;
}

/* Waits until cgroup.events says so; the kernel wakes a poll at a change. */
static int
wait_frozen(const struct cgroup_host *host, const char *id, bool is_frozen,
    int wait_ms, struct err *err)
{
	int64_t left_ms, deadline_ms =
	    (int64_t)clock_monotonic_ms() + wait_ms;
	char path[CGROUP_PATH_SIZE], text[128];
	auto_close int fd = -1;
	struct pollfd event;
	ssize_t n;
	int r;

	r = cgroup_file_path(
	    host, CGROUP_UNIFIED, id, "cgroup.events", path, err);
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	event = (struct pollfd){.fd = fd, .events = POLLPRI};
	for (;;) {
		n = pread(fd, text, sizeof text - 1, 0);
		if (n < 0)
			return err_errno(err, "cannot read %s", path);
		text[n] = '\0';
		if ((cgroup_value_of(text, "frozen") == 1) == is_frozen)
			return 0;
		left_ms = deadline_ms - (int64_t)clock_monotonic_ms();
		if (left_ms <= 0)
			return err_set(err, ETIMEDOUT,
			    "cgroup %s is not %s after %d ms", id,
			    is_frozen ? "frozen" : "thawed", wait_ms);
		if (poll(&event, 1, (int)left_ms) < 0 && errno != EINTR)
			return err_errno(err, "cannot poll %s", path);
	}
}

static int
v2_freeze(const struct cgroup_host *host, const char *id, bool is_frozen,
    int wait_ms, struct err *err)
{
	int r = cgroup_write(host, CGROUP_UNIFIED, id, "cgroup.freeze",
	    is_frozen ? "1" : "0", err);

	return r < 0 ? r : wait_frozen(host, id, is_frozen, wait_ms, err);
}

static int
v2_unwritten(const struct cgroup_host *host, const char *id,
    uint64_t *ret_bytes, struct err *err)
{
	char text[4096];
	int r = cgroup_read(host, CGROUP_UNIFIED, id, "memory.stat", text,
	    sizeof text, err);

	if (r == 0)
		*ret_bytes = cgroup_value_of(text, "file_dirty") +
		    cgroup_value_of(text, "file_writeback");
	return r;
}

static bool
v2_is_frozen(const struct cgroup_host *host, const char *id)
{
	char text[CGROUP_VALUE_SIZE];

	return cgroup_read(host, CGROUP_UNIFIED, id, "cgroup.freeze", text,
		   sizeof text, NULL) == 0 &&
	       text[0] == '1';
}

static int
v2_open_oom(const struct cgroup_host *host, const char *id, int *ret_kills_fd,
    int *ret_oom_fd, struct err *err)
{
	char path[CGROUP_PATH_SIZE];
	auto_close int kills_fd = -1, oom_fd = -1;
	int r = cgroup_file_path(
	    host, CGROUP_UNIFIED, id, "memory.events", path, err);

	if (r < 0)
		return r;
	kills_fd = open(path, O_RDONLY | O_CLOEXEC);
	oom_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (kills_fd < 0 || oom_fd < 0)
		return err_errno(err, "cannot watch %s", path);
	*ret_kills_fd = take_fd(&kills_fd);
	*ret_oom_fd = take_fd(&oom_fd);
	return 0;
}

static int
v2_kill(const struct cgroup_host *host, const char *id, struct err *err)
{
	return cgroup_write(host, CGROUP_UNIFIED, id, "cgroup.kill", "1", err);
}

const struct cgroup_backend cgroup_v2 = {
    .set_limits = v2_set_limits,
    .shrink = v2_shrink,
    .set_total = v2_set_total,
    .set_weight = v2_set_weight,
    .oom_kills = v2_oom_kills,
    .unwritten = v2_unwritten,
    .freeze = v2_freeze,
    .is_frozen = v2_is_frozen,
    .open_oom = v2_open_oom,
    .kill = v2_kill,
};
