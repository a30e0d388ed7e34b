// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/reap.h"

#include <errno.h>
#include <unistd.h>

static int
remove_link(const struct runtime *runtime, int64_t slot, struct err *err)
{
	struct net_link link;
	int r;

	if (slot < 0)
		return 0;
	r = net_link_of_slot(&runtime->egress.range, (uint32_t)slot, &link,
	    err);
	if (r < 0)
		return r;
	/* It dies with its namespace, but at the kernel's leisure, and the
	 * slot's next owner wants the name. */
	if ((r = net_link_exists(&link, err)) <= 0)
		return r;
	return net_link_down(&link, err);
}

static int
remove_socket(const struct runtime *runtime, const char *id, struct err *err)
{
	char path[RUNTIME_PATH_SIZE];
	int r = runtime_init_path(runtime, id, path, err);

	if (r < 0)
		return r;
	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, "%s", path);
	return 0;
}

/* A create that failed early, or a reap that was cut short, has no groups. */
static int
kill_all(const struct runtime *runtime, const char *id, struct err *err)
{
	int r = cgroup_kill(runtime->cgroups, id, err);

	return r == -ENOENT ? 0 : r;
}

/* The first error stays; later steps run all the same. */
static void
keep_first(struct err *first, int r, const struct err *now)
{
	if (r < 0 && first->code == 0)
		*first = *now;
}

int
reap_processes(const struct runtime *runtime, const char *id, int64_t slot,
    struct err *err)
{
	struct err first = {0}, now = {0};

	keep_first(&first, kill_all(runtime, id, &now), &now);
	keep_first(&first, cgroup_remove(runtime->cgroups, id,
	    REAP_TIMEOUT_MS, &now), &now);
	keep_first(&first, remove_link(runtime, slot, &now), &now);
	keep_first(&first, remove_socket(runtime, id, &now), &now);
	if (first.code == 0)
		return 0;
	return err_set(err, first.code, "%s", first.text);
}

int
reap_sandbox(const struct runtime *runtime, const char *id, int64_t slot,
    struct err *err)
{
	struct err first = {0}, now = {0};

	keep_first(&first, reap_processes(runtime, id, slot, &now), &now);
	keep_first(&first, disk_destroy(runtime->disks, id, &now), &now);
	if (first.code == 0)
		return 0;
	return err_set(err, first.code, "%s", first.text);
}
