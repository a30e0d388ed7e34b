// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/files/beneath.h"
#include "sandboxd/init/files/place.h"
#include "sandboxd/init/files/tree.h"

/* Owners are not kept, so a set-user-ID bit would mean somebody else. */
#define FILE_MODES   01777
#define FOLDER_MODES 01777

/* A folder that is to have its mode and its time once all is in it. */
struct folder {
	struct folder *next;
	mode_t mode;
	struct timespec modified;
	char path[];
};

struct unpack {
	struct archive *archive;
	struct beneath beneath;
	struct folder *folders; /* the last first */
	struct unpacked done;
	ssize_t (*get)(void *arg, const void **ret);
	void *arg;
	int broken; /* what get said */
};

static la_ssize_t
on_wanted(struct archive *archive, void *arg, const void **ret)
{
	struct unpack *unpack = arg;
	ssize_t n = unpack->get(unpack->arg, ret);

	if (n >= 0)
		return n;
	unpack->broken = (int)n;
	archive_set_error(archive, (int)-n, "%s", strerror((int)-n));
	return -1;
}

static int
fail(const struct unpack *unpack, struct err *err)
{
	const char *words = archive_error_string(unpack->archive);

	if (unpack->broken < 0)
		return err_set(err, -unpack->broken, "archive: %s",
		    strerror(-unpack->broken));
	return err_set(err, EINVAL, "archive: %.128s", words != NULL ? words :
	    "it is none");
}

static struct timespec
modified(struct archive_entry *entry)
{
	if (archive_entry_mtime_is_set(entry) == 0)
		return (struct timespec){.tv_nsec = UTIME_NOW};
	return (struct timespec){archive_entry_mtime(entry),
	    archive_entry_mtime_nsec(entry)};
}

static void
set_time(int fd, struct timespec time)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, time};

	/* One that the file system cannot have is no reason to refuse it. */
	(void)futimens(fd, times);
}

static int
copy_bytes(struct unpack *unpack, struct place *place, struct err *err)
{
	const void *data;
	size_t size;
	la_int64_t at;
	int r, got;

	while ((got = archive_read_data_block(unpack->archive, &data, &size,
	    &at)) == ARCHIVE_OK || got == ARCHIVE_WARN) {
		r = place_skip(place, (uint64_t)at, err);
		if (r == 0)
			r = place_write(place, data, size, err);
		if (r < 0)
			return r;
	}
	return got == ARCHIVE_EOF ? 0 : fail(unpack, err);
}

/* Takes over folder_fd. */
static int
make_file(struct unpack *unpack, struct archive_entry *entry, int folder_fd,
    const char *name, struct err *err)
{
	struct place place = {.fd = -1, .folder_fd = -1};
	const uint64_t size = (uint64_t)archive_entry_size(entry);
	int r = place_begin_in(&place, folder_fd, name,
	    archive_entry_perm(entry) & FILE_MODES, size, err);

	if (r == 0)
		r = copy_bytes(unpack, &place, err);
	if (r == 0)
		r = place_skip(&place, size, err); /* a hole at the end */
	if (r == 0) {
		set_time(place.fd, modified(entry));
		r = place_commit(&place, err);
	}
	place_undo(&place);
	unpack->done.files += r == 0;
	unpack->done.size += r == 0 ? size : 0;
	return r;
}

static int
make_folder(struct unpack *unpack, struct archive_entry *entry, int folder_fd,
    const char *name, const char *path, struct err *err)
{
	struct folder *folder = malloc(sizeof *folder + strlen(path) + 1);
	struct stat st;

	if (folder == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (mkdirat(folder_fd, name, 0700) < 0 && (errno != EEXIST ||
	    fstatat(folder_fd, name, &st, 0) < 0 ||
	    (!S_ISDIR(st.st_mode) && (errno = ENOTDIR) != 0))) {
		free(folder);
		return tree_fail(err, errno, path);
	}
	*folder = (struct folder){unpack->folders,
	    archive_entry_perm(entry) & FOLDER_MODES, modified(entry)};
	memcpy(folder->path, path, strlen(path) + 1);
	unpack->folders = folder;
	unpack->done.folders++;
	return 0;
}

/* A name that is there already by another, which is unlinked or becomes it. */
static int
put_link(struct unpack *unpack, int folder_fd, const char *hidden,
    const char *name, struct err *err)
{
	int r = renameat(folder_fd, hidden, folder_fd, name) < 0 ? errno : 0;

	/* Of two names of one file it does nothing. */
	(void)unlinkat(folder_fd, hidden, 0);
	unpack->done.links += r == 0;
	return r != 0 ? tree_fail(err, r, name) : 0;
}

static void
choose_hidden(char ret[NAME_MAX + 1])
{
	uint64_t number = 0;

	arc4random_buf(&number, sizeof number);
	snprintf(ret, NAME_MAX + 1, ".sandgate-%016llx",
	    (unsigned long long)number);
}

static int
make_symlink(struct unpack *unpack, struct archive_entry *entry, int folder_fd,
    const char *name, struct err *err)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
	    modified(entry)};
	char hidden[NAME_MAX + 1];

	choose_hidden(hidden);
	if (symlinkat(archive_entry_symlink(entry), folder_fd, hidden) < 0)
		return tree_fail(err, errno, name);
	(void)utimensat(folder_fd, hidden, times, AT_SYMLINK_NOFOLLOW);
	return put_link(unpack, folder_fd, hidden, name, err);
}

/* Of a file that is in the folder, and nothing that a link leads to. */
static int
make_hard_link(struct unpack *unpack, const char *target, int folder_fd,
    const char *name, struct err *err)
{
	char path[PATH_MAX], hidden[NAME_MAX + 1];
	auto_close int fd = -1;
	const char *of;
	int r;

	if (snprintf(path, sizeof path, "%s", target) >= (int)sizeof path)
		return err_set(err, ENAMETOOLONG, "archive: \"%.128s\": the "
		    "path of what it links is too long", name);
	r = beneath_find(&unpack->beneath, path, false, &fd, &of, err);
	if (r < 0)
		return r;
	choose_hidden(hidden);
	if (linkat(fd, of, folder_fd, hidden, 0) < 0)
		return tree_fail(err, errno, target);
	return put_link(unpack, folder_fd, hidden, name, err);
}

static int
make_member(struct unpack *unpack, struct archive_entry *entry, struct err *err)
{
	const char *path = archive_entry_pathname(entry);
	auto_free char *copy = path != NULL ? strdup(path) : NULL;
	auto_close int folder_fd = -1;
	const char *name;
	int r;

	if (copy == NULL)
		return path == NULL ? err_set(err, EINVAL, "archive: a member "
		    "has no name") : err_set(err, ENOMEM, "out of memory");
	r = beneath_find(&unpack->beneath, copy, true, &folder_fd, &name, err);
	if (r < 0)
		return r;
	if (name[0] == '\0') /* the folder itself, which is as it was */
		return archive_entry_filetype(entry) == AE_IFDIR ? 0 :
		    err_set(err, EINVAL, "archive: a member has no name");
	if (archive_entry_hardlink(entry) != NULL)
		return make_hard_link(unpack, archive_entry_hardlink(entry),
		    folder_fd, name, err);
	if (archive_entry_filetype(entry) == AE_IFREG)
		return make_file(unpack, entry, take_fd(&folder_fd), name,
		    err);
	if (archive_entry_filetype(entry) == AE_IFDIR)
		return make_folder(unpack, entry, folder_fd, name, path, err);
	if (archive_entry_filetype(entry) == AE_IFLNK &&
	    archive_entry_symlink(entry) != NULL)
		return make_symlink(unpack, entry, folder_fd, name, err);
	return err_set(err, EINVAL, "archive: \"%.128s\" is no file, folder "
	    "or link, and nothing else is made", path);
}

static int
make_all(struct unpack *unpack, struct err *err)
{
	struct archive_entry *entry;
	uint64_t n = 0;
	int r = 0, got = ARCHIVE_OK;

	while (r == 0 && ((got = archive_read_next_header(unpack->archive,
	    &entry)) == ARCHIVE_OK || got == ARCHIVE_WARN))
		r = n++ == UNPACK_MEMBERS_MAX ? err_set(err, E2BIG,
		    "archive: it may have at most %d members",
		    UNPACK_MEMBERS_MAX) : make_member(unpack, entry, err);
	return r < 0 || got == ARCHIVE_EOF ? r : fail(unpack, err);
}

/* All of it, so that whoever sends it is not left with a part. */
static int
drain(struct unpack *unpack, struct err *err)
{
	const void *data;
	ssize_t n;

	while ((n = unpack->get(unpack->arg, &data)) > 0)
		;
	return n < 0 ? err_set(err, (int)-n, "archive: %s",
	    strerror((int)-n)) : 0;
}

/* Those in others before these; one that is gone again is let go. */
static void
finish_folders(struct unpack *unpack)
{
	struct folder *folder;
	struct err err;
	const char *path;
	int fd;

	while ((folder = unpack->folders) != NULL) {
		path = folder->path + strspn(folder->path, "/");
		fd = beneath_open(&unpack->beneath, path, &err);
		if (fd >= 0) {
			set_time(fd, folder->modified);
			(void)fchmod(fd, folder->mode);
			fd_close(&fd);
		}
		unpack->folders = folder->next;
		free(folder);
	}
}

static int
open_archive(struct unpack *unpack, struct err *err)
{
	struct archive *archive = unpack->archive;

	if (archive == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (archive_read_support_filter_gzip(archive) != ARCHIVE_OK ||
	    archive_read_support_format_tar(archive) != ARCHIVE_OK ||
	    archive_read_open(archive, unpack, NULL, on_wanted, NULL) !=
	    ARCHIVE_OK)
		return fail(unpack, err);
	return 0;
}

int
unpack_folder(const char *path, ssize_t (*get)(void *arg, const void **ret),
    void *arg, struct unpacked *ret, struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct unpack unpack = {.beneath = {fd, -1, ""}, .get = get,
	    .arg = arg};
	int r;

	if (fd < 0)
		return tree_fail(err, errno, path);
	unpack.archive = archive_read_new();
	r = open_archive(&unpack, err);
	if (r == 0)
		r = make_all(&unpack, err);
	if (r == 0)
		r = drain(&unpack, err);
	finish_folders(&unpack);
	beneath_fini(&unpack.beneath);
	(void)archive_read_free(unpack.archive);
	*ret = unpack.done;
	return r;
}
