// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/view/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/paths.h"

#define CPUINFO	     "/proc/cpuinfo"
#define CPUINFO_MAX  (4 * 1024 * 1024)
#define CPUINFO_STEP 65536

static const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

static int
read_cpuinfo(char **ret, struct err *err)
{
	auto_close int fd = open(CPUINFO, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t length = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && length < CPUINFO_MAX) {
		char *more = realloc(text, length + CPUINFO_STEP + 1);

		if (more == NULL) {
			free(text);
			return err_set(err, ENOMEM, "%s: no memory", CPUINFO);
		}
		text = more;
		if ((n = read(fd, text + length, CPUINFO_STEP)) > 0)
			length += (size_t)n;
	}
	if (n < 0) {
		free(text);
		return err_errno(err, "%s", CPUINFO);
	}
	text[length] = '\0';
	*ret = text;
	return 0;
}

static bool
has_answers(void)
{
	auto_close int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC,
	    O_RDONLY | O_CLOEXEC);

	return fd >= 0;
}

static int
mount_place(const char *run_dir, const char *path, struct err *err)
{
	struct stat above, here;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "%s", path);
	if (stat(run_dir, &above) < 0 || stat(path, &here) < 0)
		return err_errno(err, "%s", path);
	if (above.st_dev != here.st_dev)
		return 0;
	if (mount("tmpfs", path, "tmpfs", flags, "mode=700") < 0)
		return err_errno(err, "tmpfs on %s", path);
	return 0;
}

int
view_place_open(const char *run_dir, uint64_t host_memory_bytes,
    unsigned n_host_cpus, struct view_place *ret, struct err *err)
{
	int r;

	*ret = (struct view_place){.host_memory_bytes = host_memory_bytes,
	    .n_host_cpus = n_host_cpus};
	if (!has_answers()) {
		log_warn("no fanotify (%s): free and top show the host's in "
		    "sandboxes", strerror(errno));
		return 0;
	}
	if ((r = read_cpuinfo(&ret->cpuinfo, err)) < 0 ||
	    (r = path_join(ret->path, sizeof ret->path, run_dir, "views",
	    err)) < 0 || (r = mount_place(run_dir, ret->path, err)) < 0) {
		view_place_close(ret);
		return r;
	}
	return 0;
}

void
view_place_close(struct view_place *place)
{
	free(place->cpuinfo);
	place->cpuinfo = NULL;
	place->path[0] = '\0';
}

int
view_place_unmount(const struct view_place *place, struct err *err)
{
	if (place->path[0] == '\0')
		return 0;
	if (umount2(place->path, MNT_DETACH) < 0 || rmdir(place->path) < 0)
		return err_errno(err, "%s", place->path);
	return 0;
}

/* Opens the folder of a slot; -1 and errno. */
static int
open_folder(const struct view_place *place, uint32_t slot)
{
	char path[VIEW_PATH_SIZE + 16];

	(void)snprintf(path, sizeof path, "%s/%u", place->path, slot);
	return open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int
unlink_all(int folder_fd, struct err *err)
{
	for (unsigned i = 0; i < N_VIEW_KIND; i++)
		if (unlinkat(folder_fd, view_names[i], 0) < 0 &&
		    errno != ENOENT)
			return err_errno(err, "view %s", view_names[i]);
	if (unlinkat(folder_fd, "about", 0) < 0 && errno != ENOENT)
		return err_errno(err, "view");
	return 0;
}

int
view_remove(const struct view_place *place, uint32_t slot, struct err *err)
{
	char path[VIEW_PATH_SIZE + 16];
	auto_close int folder_fd = -1;
	int r;

	if (place->path[0] == '\0')
		return 0;
	folder_fd = open_folder(place, slot);
	if (folder_fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, "view");
	if ((r = unlink_all(folder_fd, err)) < 0)
		return r;
	(void)snprintf(path, sizeof path, "%s/%u", place->path, slot);
	return rmdir(path) < 0 ? err_errno(err, "%s", path) : 0;
}

static int
make_file(int folder_fd, uint32_t slot, enum view_kind kind,
    const struct view_facts *facts, struct err *err)
{
	static char buffer[VIEW_TEXT_SIZE];
	const char *text;
	const size_t length = view_text(kind, facts, buffer, &text);
	auto_close int fd = openat(folder_fd, view_names[kind],
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

	if (fd < 0 || fchmod(fd, 0444) < 0 ||
	    fchown(fd, 0, VIEW_GROUP(slot, kind)) < 0 ||
	    write(fd, text, length) != (ssize_t)length)
		return err_errno(err, "view %s", view_names[kind]);
	return 0;
}

static int
make_files(const struct view_place *place, const struct view_start *start,
    int folder_fd, struct err *err)
{
	const struct view_facts facts = {
	    .memory.limit = start->limits->memory_bytes,
	    .cpu = {.limit_millis = start->limits->cpu_millis, .n_tasks = 1},
	    .host_memory_bytes = place->host_memory_bytes,
	    .n_host_cpus = place->n_host_cpus,
	    .boot_unix_s = (uint64_t)time(NULL), .cpuinfo = place->cpuinfo};
	int r = 0;

	for (unsigned i = 0; i < N_VIEW_KIND && r == 0; i++)
		r = make_file(folder_fd, start->slot, (enum view_kind)i, &facts,
		    err);
	return r;
}

int
view_make(const struct view_place *place, const struct view_start *start,
    struct err *err)
{
	char path[VIEW_PATH_SIZE + 16], about[VIEW_ABOUT_SIZE];
	auto_close int folder_fd = -1;
	int r;

	if (place->path[0] == '\0')
		return 0;
	(void)snprintf(path, sizeof path, "%s/%u", place->path, start->slot);
	(void)snprintf(about, sizeof about, "%s %lld.%09ld", start->id,
	    (long long)start->boot.tv_sec, start->boot.tv_nsec);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "%s", path);
	folder_fd = open_folder(place, start->slot);
	if (folder_fd < 0)
		return err_errno(err, "%s", path);
	if ((r = unlink_all(folder_fd, err)) < 0)
		return r;
	if (symlinkat(about, folder_fd, "about") < 0)
		return err_errno(err, "%s", path);
	return make_files(place, start, folder_fd, err);
}

int
view_mount(const struct view_place *place, uint32_t slot, struct err *err)
{
	char path[VIEW_PATH_SIZE + 32], over[32];

	for (unsigned i = 0; place->path[0] != '\0' && i < N_VIEW_KIND; i++) {
		(void)snprintf(path, sizeof path, "%s/%u/%s", place->path,
		    slot, view_names[i]);
		(void)snprintf(over, sizeof over, "proc/%s", view_names[i]);
		if (mount(path, over, NULL, MS_BIND, NULL) < 0 ||
		    mount(NULL, over, NULL, flags | MS_BIND | MS_REMOUNT |
		    MS_RDONLY, NULL) < 0)
			return err_errno(err, "%s on /%s", path, over);
	}
	return 0;
}
