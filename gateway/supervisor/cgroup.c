// SPDX-License-Identifier: Apache-2.0
#include "gateway/supervisor/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "common/cgroup_mount.h"
#include "common/fd.h"

#define MEMORY_PARTS 8 /* of the host's: the gateway gets one */
#define PATH_SIZE    (CGROUP_MOUNT_SIZE + 128)
#define VALUE_SIZE   32

/* One controller: its name, and the file of its limit in each version. */
struct limit {
	const char *controller;
	const char *v1_file, *v2_file;
	uint64_t value;
};

static int
write_file(const char *folder, const char *file, const char *value,
    struct err *err)
{
	char path[PATH_SIZE];
	auto_close int fd = -1;

	snprintf(path, sizeof path, "%s/%s", folder, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		return err_errno(err, "%s: \"%s\"", path, value);
	return 0;
}

static int
make_folder(const char *mount, const char *name, char folder[PATH_SIZE],
    struct err *err)
{
	snprintf(folder, PATH_SIZE, "%s/%s", mount, name);
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return err_errno(err, "%s", folder);
	return 0;
}

/* In the version 2 tree, where that has the controller. */
static int
set_v2(const char *mount, const struct limit *limit, const char *name,
    struct err *err)
{
	char folder[PATH_SIZE], text[VALUE_SIZE];
	int r;

	snprintf(text, sizeof text, "+%s", limit->controller);
	if ((r = write_file(mount, "cgroup.subtree_control", text, err)) < 0 ||
	    (r = make_folder(mount, name, folder, err)) < 0)
		return r;
	snprintf(text, sizeof text, "%" PRIu64, limit->value);
	return write_file(folder, limit->v2_file, text, err);
}

static int
set_v1(const char *mount, const struct limit *limit, const char *name,
    struct err *err)
{
	char folder[PATH_SIZE], text[VALUE_SIZE];
	int r = make_folder(mount, name, folder, err);

	if (r < 0)
		return r;
	snprintf(text, sizeof text, "%" PRIu64, limit->value);
	if ((r = write_file(folder, limit->v1_file, text, err)) < 0)
		return r;
	return write_file(folder, "cgroup.procs", "0", err);
}

static int
join_v2(const char *mount, const char *name, struct err *err)
{
	char folder[PATH_SIZE];
	int r = make_folder(mount, name, folder, err);

	return r < 0 ? r : write_file(folder, "cgroup.procs", "0", err);
}

static int
set(const char *unified, const struct limit *limit, const char *name,
    struct err *err)
{
	char mount[CGROUP_MOUNT_SIZE];
	int r = cgroup_mount_find("/proc/self/mountinfo", limit->controller,
	    mount, err);

	if (r < 0)
		return r;
	if (*mount != '\0')
		return set_v1(mount, limit, name, err);
	if (*unified != '\0')
		return set_v2(unified, limit, name, err);
	return err_set(err, ENOTSUP, "no cgroup controller \"%s\"",
	    limit->controller);
}

int
cgroup_join(const char *name, uint64_t memory_bytes, uint64_t pids,
    struct err *err)
{
	struct limit limits[] = {
	    {"memory", "memory.limit_in_bytes", "memory.max", memory_bytes},
	    {"pids", "pids.max", "pids.max", pids},
	};
	char unified[CGROUP_MOUNT_SIZE];
	struct sysinfo info;
	int r = cgroup_mount_find("/proc/self/mountinfo", NULL, unified, err);

	if (memory_bytes == 0 && sysinfo(&info) == 0)
		limits[0].value = (uint64_t)info.totalram * info.mem_unit /
		    MEMORY_PARTS;
	for (size_t i = 0; r == 0 && i < sizeof limits / sizeof *limits; i++)
		r = set(unified, &limits[i], name, err);
	if (r == 0 && *unified != '\0')
		r = join_v2(unified, name, err);
	return r;
}
