// SPDX-License-Identifier: Apache-2.0
/* The two groups below a sandbox's that its processes are in. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "common/fd.h"
#include "sandboxd/cgroup/backend.h"

/* Names and ways to open the first files of enum cgroup_init_file. */
static const struct {
	const char *leaf, *name;
	int flags;
} init_files[CGROUP_INIT_KILLS] = {
    [CGROUP_INIT_MAIN] = {CGROUP_MAIN, "cgroup.procs", O_WRONLY},
    [CGROUP_INIT_RESCUE] = {CGROUP_RESCUE, "cgroup.procs", O_WRONLY},
    [CGROUP_INIT_USED] = {CGROUP_MAIN, "pids.current", O_RDONLY},
    [CGROUP_INIT_MAX] = {CGROUP_MAIN, "pids.max", O_RDONLY},
};

static const char *const leaves[] = {CGROUP_MAIN, CGROUP_RESCUE};

enum cgroup_tree
cgroup_leaf_tree(const struct cgroup_host *host)
{
	return host->backend == &cgroup_v2 ? CGROUP_UNIFIED : CGROUP_PIDS;
}

void
cgroup_leaf(const char *id, const char *leaf, char *group)
{
	(void)snprintf(group, CGROUP_GROUP_SIZE, "%s/%s", id, leaf);
}

void
cgroup_of_processes(const struct cgroup_host *host, enum cgroup_tree tree,
    const char *id, char *group)
{
	if (tree == cgroup_leaf_tree(host))
		cgroup_leaf(id, CGROUP_MAIN, group);
	else
		(void)snprintf(group, CGROUP_GROUP_SIZE, "%s", id);
}

int
cgroup_make_leaves(
    const struct cgroup_host *host, const char *id, struct err *err)
{
	char group[CGROUP_GROUP_SIZE], path[CGROUP_PATH_SIZE];
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof leaves / sizeof *leaves; i++) {
		cgroup_leaf(id, leaves[i], group);
		r = cgroup_file_path(
		    host, cgroup_leaf_tree(host), group, NULL, path, err);
		if (r == 0)
			r = cgroup_make_folder(path, err);
	}
	return r;
}

int
cgroup_open_for_init(const struct cgroup_host *host, const char *id,
    uid_t owner, int ret_fds[N_CGROUP_INIT_FILE], struct err *err)
{
	char path[CGROUP_PATH_SIZE], group[CGROUP_GROUP_SIZE];
	int r = cgroup_check_id(id, err), n = 0;

	for (; r == 0 && n < CGROUP_INIT_KILLS; n++) {
		cgroup_leaf(id, init_files[n].leaf, group);
		r = cgroup_file_path(host, cgroup_leaf_tree(host), group,
		    init_files[n].name, path, err);
		if (r < 0)
			break;
		ret_fds[n] = open(path, init_files[n].flags | O_CLOEXEC);
		if (ret_fds[n] < 0) {
			r = err_errno(err, "cannot open %s", path);
			break;
		}
	}
	if (r == 0)
		r = host->backend->open_oom(host, id,
		    &ret_fds[CGROUP_INIT_KILLS], &ret_fds[CGROUP_INIT_OOM],
		    err);
	if (r == 0) {
		n = CGROUP_INIT_TASKS;
		r = cgroup_open_tasks(host, id, owner,
		    &ret_fds[CGROUP_INIT_TASKS], err);
	}
	while (r < 0 && n-- > 0)
		fd_close(&ret_fds[n]);
	return r;
}

int
cgroup_remove_leaves(const struct cgroup_host *host, const char *id,
    uint64_t *left_us, struct err *err)
{
	char group[CGROUP_GROUP_SIZE], path[CGROUP_PATH_SIZE];
	int first = 0;

	for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
		int r;

		cgroup_leaf(id, leaves[i], group);
		r = cgroup_file_path(host, cgroup_leaf_tree(host), group, NULL,
		    path, first == 0 ? err : NULL);
		if (r == 0)
			r = cgroup_remove_folder(
			    path, left_us, first == 0 ? err : NULL);
		if (first == 0)
			first = r;
	}
	return first;
}

int
cgroup_view(const struct cgroup_host *host, const char *id, unsigned i,
    const char **ret_name, char *path, struct err *err)
{
	static const struct {
		enum cgroup_tree tree;
		const char *name;
	} shown[] = {{CGROUP_MEMORY, "memory"}, {CGROUP_PIDS, "pids"},
	    {CGROUP_CPU, "cpu"}, {CGROUP_CPUACCT, "cpuacct"},
	    {CGROUP_CPUSET, "cpuset"}};
	char group[CGROUP_GROUP_SIZE];
	int tree = -1, r = cgroup_check_id(id, err);

	if (host->backend == &cgroup_v2)
		tree = i == 0 ? CGROUP_UNIFIED : -1;
	for (size_t k = 0; host->backend != &cgroup_v2 && tree < 0 &&
	     k < sizeof shown / sizeof *shown; k++)
		if (host->mounts[shown[k].tree][0] != '\0' && i-- == 0) {
			tree = (int)shown[k].tree;
			*ret_name = shown[k].name;
		}
	if (r < 0 || tree < 0)
		return r;
	if (tree == CGROUP_UNIFIED)
		*ret_name = "";
	cgroup_of_processes(host, tree, id, group);
	r = cgroup_file_path(host, tree, group, NULL, path, err);
	return r < 0 ? r : 1;
}
