// SPDX-License-Identifier: Apache-2.0
/*
 * A folder below a sandbox's v2 group in which its init makes groups, one a
 * process that lives on, so that such a process ends with all that it started
 * (docs/PROCESSES.md). They are threaded: a new process goes into one by
 * itself, by cgroup.threads, without the kernel's wait for all processors.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/cgroup/backend.h"

#define GROUPS_MAX "512"

/* The path of it; -ENOENT where the host has no v2 tree. */
static int
find_folder(const struct cgroup_host *host, const char *id, const char *file,
    char path[CGROUP_PATH_SIZE], struct err *err)
{
	char group[CGROUP_GROUP_SIZE];

	if (host->mounts[CGROUP_UNIFIED][0] == '\0')
		return -ENOENT;
	cgroup_of_processes(host, CGROUP_UNIFIED, id, group);
	return cgroup_file_path(host, CGROUP_UNIFIED, group, file, path, err);
}

static int
write_file(const char *folder, const char *name, const char *value,
    struct err *err)
{
	char path[CGROUP_PATH_SIZE + 32];
	auto_close int fd = -1;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		return err_errno(err, "cannot write \"%s\" to %s", value, path);
	return 0;
}

/*
 * Its own are all that init may move, and the folder all that it may make
 * groups in: moving asks for the right to write cgroup.procs of the group above
 * both, which is the sandbox's.
 */
static int
give(const struct cgroup_host *host, const char *id, const char *folder,
    uid_t owner, struct err *err)
{
	char path[CGROUP_PATH_SIZE];
	int r = find_folder(host, id, "cgroup.procs", path, err);

	if (r < 0)
		return r;
	if (chown(path, owner, owner) < 0 || chown(folder, owner, owner) < 0)
		return err_errno(err, "cannot give %s to %u", folder, owner);
	return 0;
}

int
cgroup_open_tasks(const struct cgroup_host *host, const char *id, uid_t owner,
    int *ret_fd, struct err *err)
{
	char folder[CGROUP_PATH_SIZE];
	int r = find_folder(host, id, CGROUP_TASKS, folder, err), fd;

	*ret_fd = -1;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if ((r = cgroup_make_folder(folder, err)) < 0 ||
	    (r = write_file(folder, "cgroup.type", "threaded", err)) < 0 ||
	    (r = write_file(folder, "cgroup.max.descendants", GROUPS_MAX,
		 err)) < 0 ||
	    (r = give(host, id, folder, owner, err)) < 0)
		return r;
	/* A mount of its own, with nothing of the host's above it. */
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, folder,
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open %s", folder);
	*ret_fd = fd;
	return 0;
}

int
cgroup_remove_tasks(const struct cgroup_host *host, const char *id,
    uint64_t *left_us, struct err *err)
{
	char folder[CGROUP_PATH_SIZE], path[CGROUP_PATH_SIZE + 256];
	int first = 0, r = find_folder(host, id, CGROUP_TASKS, folder, err);
	const struct dirent *entry;
	DIR *dir = r == 0 ? opendir(folder) : NULL;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", folder,
		    entry->d_name);
		r = cgroup_remove_folder(path, left_us, first == 0 ? err :
		    NULL);
		first = first == 0 ? r : first;
	}
	if (dir == NULL)
		return 0;
	(void)closedir(dir);
	return first < 0 ? first : cgroup_remove_folder(folder, left_us, err);
}
