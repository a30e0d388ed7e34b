// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/recording/recordings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/timestamp.h"

#define FOLDER_MODE 0750
#define FILE_MODE   0640

struct walk {
	DIR *folder;
};

static void
walk_end(struct walk *walk)
{
	if (walk->folder != NULL)
		(void)closedir(walk->folder);
}

#define auto_walk __attribute__((cleanup(walk_end)))

static int
open_folder(int at_fd, const char *name)
{
	int fd = openat(at_fd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The folder, made where it is missing. */
static int
make_folder(int at_fd, const char *name)
{
	if (mkdirat(at_fd, name, FOLDER_MODE) < 0 && errno != EEXIST)
		return -errno;
	return open_folder(at_fd, name);
}

/* Starts reading names; -errno where there is no such folder. */
static int
walk_begin(struct walk *walk, int at_fd, const char *name)
{
	auto_close int fd = open_folder(at_fd, name);

	if (fd < 0)
		return fd;
	walk->folder = fdopendir(fd);
	if (walk->folder == NULL)
		return -errno;
	(void)take_fd(&fd);
	return 0;
}

/* The next name that is not hidden; NULL at the end. */
static const char *
walk_next(struct walk *walk)
{
	const struct dirent *entry;

	do
		entry = readdir(walk->folder);
	while (entry != NULL && entry->d_name[0] == '.');
	return entry != NULL ? entry->d_name : NULL;
}

static bool
is_day(const char *name)
{
	char text[TIMESTAMP_SIZE];
	uint64_t unix_ms;

	if (strlen(name) != RECORDING_DAY_SIZE - 1)
		return false;
	snprintf(text, sizeof text, "%sT00:00:00Z", name);
	return timestamp_parse(text, &unix_ms) == 0;
}

int
recordings_create(const char *dir, const char *org,
    const struct recording_name *name, int *ret_fd, struct err *err)
{
	char id[RECORDING_ID_SIZE], day[RECORDING_DAY_SIZE];
	char file[RECORDING_FILE_SIZE];
	auto_close int top_fd = open_folder(AT_FDCWD, dir), org_fd = -1;
	auto_close int day_fd = -1;
	int fd;

	recording_name_format(name, id);
	recording_name_day(id, day);
	recording_name_file(id, name->kind, file);
	if (top_fd >= 0)
		org_fd = make_folder(top_fd, org);
	if (org_fd >= 0)
		day_fd = make_folder(org_fd, day);
	if (day_fd < 0) {
		int code = top_fd < 0 ? top_fd : org_fd < 0 ? org_fd : day_fd;

		return err_set(err, -code, "%s", strerror(-code));
	}
	fd = openat(day_fd, file, O_WRONLY | O_APPEND | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return err_set(err, errno, "%s", strerror(errno));
	*ret_fd = fd;
	return 0;
}

/* dir/org/day, with the file's name in `file`. */
static int
open_day_of(const char *dir, const char *org, const char *id,
    struct recording_name *ret_name, char file[RECORDING_FILE_SIZE])
{
	char day[RECORDING_DAY_SIZE];
	auto_close int top_fd = -1, org_fd = -1;

	if (recording_name_parse(id, ret_name) < 0)
		return -ENOENT;
	recording_name_day(id, day);
	recording_name_file(id, ret_name->kind, file);
	top_fd = open_folder(AT_FDCWD, dir);
	if (top_fd >= 0)
		org_fd = open_folder(top_fd, org);
	return org_fd < 0 ? -ENOENT : open_folder(org_fd, day);
}

void
recordings_remove(const char *dir, const char *org, const char *id)
{
	char file[RECORDING_FILE_SIZE];
	struct recording_name name;
	auto_close int day_fd = open_day_of(dir, org, id, &name, file);

	if (day_fd >= 0)
		(void)unlinkat(day_fd, file, 0);
}

static void
describe(const struct stat *st, struct recording_file *file)
{
	file->bytes = (uint64_t)st->st_size;
	file->written_ms = (uint64_t)st->st_mtim.tv_sec * 1000 +
	    (uint64_t)st->st_mtim.tv_nsec / 1000000;
}

int
recordings_open(const char *dir, const char *org, const char *id,
    int *ret_fd, struct recording_file *ret, struct err *err)
{
	char file[RECORDING_FILE_SIZE];
	auto_close int day_fd = open_day_of(dir, org, id, &ret->name, file);
	auto_close int fd = day_fd < 0 ? -1 : openat(day_fd, file,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, ENOENT, "no such recording");
	snprintf(ret->id, sizeof ret->id, "%s", id);
	describe(&st, ret);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* The newest files of one day come to files[n] and after, in order. */
static int
list_day(int org_fd, const char *day, const char *before,
    struct recording_file *files, int n)
{
	auto_walk struct walk walk = {NULL};
	struct recording_file file = {.id = ""};
	int first = n, at, r = walk_begin(&walk, org_fd, day);
	const char *name;
	struct stat st;

	while (r == 0 && (name = walk_next(&walk)) != NULL) {
		if (recording_name_of_file(name, file.id, &file.name) < 0 ||
		    (*before != '\0' && strcmp(file.id, before) >= 0))
			continue;
		for (at = n; at > first &&
		    strcmp(files[at - 1].id, file.id) < 0; at--)
			;
		if (at == RECORDINGS_PAGE ||
		    fstatat(dirfd(walk.folder), name, &st,
		    AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
			continue;
		describe(&st, &file);
		if (n < RECORDINGS_PAGE)
			n++;
		memmove(&files[at + 1], &files[at],
		    (size_t)(n - 1 - at) * sizeof *files);
		files[at] = file;
	}
	return n;
}

/* The latest day before `day` (or of all); "" where there is none. */
static int
find_day_before(int org_fd, char day[RECORDING_DAY_SIZE])
{
	auto_walk struct walk walk = {NULL};
	char latest[RECORDING_DAY_SIZE] = "";
	int r = walk_begin(&walk, org_fd, ".");
	const char *name;

	while (r == 0 && (name = walk_next(&walk)) != NULL)
		if (is_day(name) && strcmp(name, latest) > 0 &&
		    (*day == '\0' || strcmp(name, day) < 0))
			snprintf(latest, sizeof latest, "%.*s",
			    RECORDING_DAY_SIZE - 1, name);
	memcpy(day, latest, sizeof latest);
	return *day != '\0';
}

int
recordings_list(const char *dir, const char *org, const char *before,
    struct recording_file files[RECORDINGS_PAGE], struct err *err)
{
	auto_close int top_fd = open_folder(AT_FDCWD, dir), org_fd = -1;
	char day[RECORDING_DAY_SIZE] = "";
	struct recording_name name;
	int n = 0;

	if (*before != '\0' && recording_name_parse(before, &name) < 0)
		return err_set(err, EINVAL,
		    "before: must be the id of a recording");
	if (top_fd < 0)
		return err_set(err, -top_fd, "recordings: %s",
		    strerror(-top_fd));
	org_fd = open_folder(top_fd, org);
	if (org_fd < 0)
		return 0; /* nothing was recorded yet */
	if (*before != '\0') {
		recording_name_day(before, day);
		n = list_day(org_fd, day, before, files, n);
	}
	while (n < RECORDINGS_PAGE && find_day_before(org_fd, day))
		n = list_day(org_fd, day, "", files, n);
	return n;
}

/* Empties one day as far as `max` allows. */
static int
expire_day(int org_fd, const char *day, int max)
{
	auto_walk struct walk walk = {NULL};
	int n = 0;
	const char *name;

	if (walk_begin(&walk, org_fd, day) < 0)
		return 0;
	while (n < max && (name = walk_next(&walk)) != NULL)
		if (unlinkat(dirfd(walk.folder), name, 0) == 0)
			n++;
	if (n < max)
		(void)unlinkat(org_fd, day, AT_REMOVEDIR);
	return n;
}

int
recordings_expire(const char *dir, uint64_t before_ms, int max)
{
	auto_walk struct walk orgs = {NULL};
	char limit[TIMESTAMP_SIZE];
	const char *org, *day;
	int n = 0;

	timestamp_format(before_ms, limit);
	limit[RECORDING_DAY_SIZE - 1] = '\0';
	if (walk_begin(&orgs, AT_FDCWD, dir) < 0)
		return 0;
	while (n < max && (org = walk_next(&orgs)) != NULL) {
		auto_walk struct walk days = {NULL};

		if (walk_begin(&days, dirfd(orgs.folder), org) < 0)
			continue;
		while (n < max && (day = walk_next(&days)) != NULL)
			if (is_day(day) && strcmp(day, limit) < 0)
				n += expire_day(dirfd(days.folder), day,
				    max - n);
		if (n < max)
			(void)unlinkat(dirfd(orgs.folder), org, AT_REMOVEDIR);
	}
	return n;
}
