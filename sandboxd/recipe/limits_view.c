// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/limits_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/recipe/memory_place.h"

#define PLACE "sys/fs/cgroup"

#define ONLINE	    "sys/devices/system/cpu/online"
#define ONLINE_FILE "dev/.online"

static const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/* Something at a place of the sandbox's, where it cannot be written. */
static int
bind_read_only(const char *path, const char *place, struct err *err)
{
	if (mount(path, place, NULL, MS_BIND, NULL) < 0 ||
	    mount(NULL, place, NULL, flags | MS_BIND | MS_REMOUNT | MS_RDONLY,
	    NULL) < 0)
		return err_errno(err, "%s on /%s", path, place);
	return 0;
}

/* A folder for each controller, as everywhere version 1 is used. */
static int
bind_controller(const char *path, const char *name, struct err *err)
{
	char place[sizeof PLACE + 32];

	(void)snprintf(place, sizeof place, PLACE "/%s", name);
	if (mkdir(place, 0555) < 0 && errno != EEXIST)
		return err_errno(err, "/%s", place);
	return bind_read_only(path, place, err);
}

int
limits_view_mount(const struct runtime *runtime, const char *id,
    int place_fd, struct err *err)
{
	char path[CGROUP_PATH_SIZE];
	const char *name;
	int r;

	for (unsigned i = 0; (r = cgroup_view(runtime->cgroups, id, i, &name,
	    path, err)) > 0; i++) {
		if (name[0] == '\0')
			return bind_read_only(path, PLACE, err);
		if (i == 0 && (r = memory_place_put(place_fd,
		    MEMORY_PLACE_GROUPS, PLACE, MOUNT_ATTR_NODEV |
		    MOUNT_ATTR_NOEXEC, err)) < 0)
			return r;
		if ((r = bind_controller(path, name, err)) < 0)
			return r;
	}
	if (r == 0 && mount(NULL, PLACE, NULL,
	    flags | MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0)
		return err_errno(err, "/" PLACE);
	return r;
}

int
limits_view_cpus(uint32_t owner, struct err *err)
{
	auto_close int from_fd = open(ONLINE, O_RDONLY | O_CLOEXEC), fd = -1;
	char text[256];
	ssize_t n = from_fd < 0 ? -1 : read(from_fd, text, sizeof text);

	if (from_fd < 0 && errno == ENOENT)
		return 0; /* a kernel for one */
	fd = open(ONLINE_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (n < 0 || fd < 0 || write(fd, text, (size_t)n) != n ||
	    fchown(fd, owner, owner) < 0)
		return err_errno(err, "/" ONLINE_FILE);
	return bind_read_only(ONLINE_FILE, ONLINE, err);
}
