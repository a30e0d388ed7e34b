// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/fit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/recipe/firewall.h"
#include "sandboxd/recipe/init_process.h"
#include "sandboxd/recipe/memory_folders.h"

static int
fit_folder(const struct job *job, const struct memory_folder *folder,
    struct err *err)
{
	char path[64], size[32];
	auto_close int fd = -1;

	snprintf(path, sizeof path, "/proc/%d/root/%s", (int)job->pid,
	    folder->path);
	snprintf(size, sizeof size, "%" PRIu64,
	    memory_folder_bytes(folder, job->limits.memory_bytes));
	fd = fspick(AT_FDCWD, path, FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW |
	    FSPICK_NO_AUTOMOUNT);
	if (fd < 0 || fsconfig(fd, FSCONFIG_SET_STRING, "size", size, 0) < 0 ||
	    fsconfig(fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		return err_errno(err, "size of /%s", folder->path);
	return 0;
}

static int
fit_folders(const struct job *job, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_MEMORY_FOLDER; i++)
		r = fit_folder(job, &memory_folders[i], err);
	return r;
}

int
fit_sandbox(const struct runtime *runtime, const struct job *job,
    struct err *err)
{
	auto_close int pid_fd = -1;
	int r;

	if ((r = process_open(job->pid, job->start_ticks, &pid_fd,
	    err)) < 0 ||
	    (r = cgroup_change(runtime->cgroups, job->id, &job->limits,
	    err)) < 0 ||
	    (r = disk_limit(runtime->disks, job->id, job->disk_limit_bytes,
	    err)) < 0 ||
	    (r = fit_folders(job, err)) < 0)
		return r;
	return firewall_change(runtime, job, err);
}
