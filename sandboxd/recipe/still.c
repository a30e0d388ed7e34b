// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/still.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/parse.h"

#define MARK ".still"

static int
mark_path(const struct runtime *runtime, const char *id,
    char path[RUNTIME_PATH_SIZE], struct err *err)
{
	char name[SANDBOX_ID_SIZE + sizeof MARK];

	snprintf(name, sizeof name, "%.31s" MARK, id);
	return path_join(path, RUNTIME_PATH_SIZE, runtime->init_folder, name,
	    err);
}

static int
set_mark(const struct still *still, struct err *err)
{
	char path[RUNTIME_PATH_SIZE];
	auto_close int fd = -1;
	int r = mark_path(still->runtime, still->id, path, err);

	if (r < 0)
		return r;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd < 0 ? err_errno(err, "%s", path) : 0;
}

/* Whether there was one. */
static bool
take_mark(const struct runtime *runtime, const char *id)
{
	char path[RUNTIME_PATH_SIZE];

	return mark_path(runtime, id, path, NULL) == 0 && unlink(path) == 0;
}

int
still_begin(struct still *still, const struct runtime *runtime,
    const char *id, struct err *err)
{
	char path[DISK_PATH_SIZE];
	auto_close int fd = -1;
	int r = disk_path(runtime->disks, id, path, err);

	*still = (struct still){.runtime = runtime, .id = id, .lock_fd = -1};
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "the disk of %s", id);
	if (flock(fd, LOCK_EX) < 0)
		return err_errno(err, "the turn of %s", id);
	still->lock_fd = take_fd(&fd);
	if (take_mark(runtime, id))
		(void)cgroup_thaw(runtime->cgroups, id, NULL);
	return 0;
}

/* One that is paused, or has no processes, stands still already. */
int
still_freeze(struct still *still, struct err *err)
{
	const struct cgroup_host *cgroups = still->runtime->cgroups;
	int r;

	if (cgroup_is_frozen(cgroups, still->id))
		return 0;
	if ((r = set_mark(still, err)) < 0)
		return r;
	still->is_frozen = true;
	r = cgroup_freeze_within(cgroups, still->id, STILL_WAIT_MS, err);
	return r == -ETIMEDOUT || r == -ENOENT ? 0 : r;
}

void
still_end(struct still *still)
{
	struct err err = {0};

	if (still->is_frozen && cgroup_thaw(still->runtime->cgroups, still->id,
	    &err) < 0 && err.code != ENOENT)
		log_error("stands still id=%s: %s", still->id, err.text);
	if (still->is_frozen)
		(void)take_mark(still->runtime, still->id);
	still->is_frozen = false;
	fd_close(&still->lock_fd);
}

int
still_release(const struct runtime *runtime, const char *id, struct err *err)
{
	struct still still;
	int r = still_begin(&still, runtime, id, err);

	if (r == -ENOENT) {
		(void)take_mark(runtime, id);
		return 0;
	}
	still_end(&still);
	return r;
}

void
still_release_all(const struct runtime *runtime)
{
	DIR *folder = opendir(runtime->init_folder);
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		char id[NAME_MAX + 1];
		struct err err = {0};
		char *dot;

		snprintf(id, sizeof id, "%s", entry->d_name);
		if ((dot = strrchr(id, '.')) == NULL || strcmp(dot, MARK) != 0)
			continue;
		*dot = '\0';
		if (sandbox_id_is_valid(id) &&
		    still_release(runtime, id, &err) < 0)
			log_error("stands still id=%s: %s", id, err.text);
	}
	if (folder != NULL)
		closedir(folder);
}
