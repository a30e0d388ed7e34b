// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/limits_view.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define PLACE "sys/fs/cgroup"

static const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/* One group of the host at a place of the sandbox's. */
static int
bind_group(const char *path, const char *place, struct err *err)
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
	return bind_group(path, place, err);
}

int
limits_view_mount(const struct runtime *runtime, const char *id,
    struct err *err)
{
	char path[CGROUP_PATH_SIZE];
	const char *name;
	int r;

	for (unsigned i = 0; (r = cgroup_view(runtime->cgroups, id, i, &name,
	    path, err)) > 0; i++) {
		if (name[0] == '\0')
			return bind_group(path, PLACE, err);
		if (i == 0 && mount("tmpfs", PLACE, "tmpfs", flags,
		    "mode=555,size=4k") < 0)
			return err_errno(err, "/" PLACE);
		if ((r = bind_controller(path, name, err)) < 0)
			return r;
	}
	if (r == 0 && mount(NULL, PLACE, NULL,
	    flags | MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0)
		return err_errno(err, "/" PLACE);
	return r;
}
