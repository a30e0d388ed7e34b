// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <stdint.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/files/tree.h"
#include "sandboxd/init/files/walk.h"

#define BLOCK_BYTES 65536
#define HOLE_BYTES  (1024 * 1024)

struct pack {
	struct archive *archive;
	struct archive_entry *entry;
	int (*put)(void *arg, const void *data, size_t size);
	void *arg;
	int broken; /* what put said */
};

static la_ssize_t
on_bytes(struct archive *archive, void *arg, const void *data, size_t size)
{
	struct pack *pack = arg;

	if (pack->broken == 0)
		pack->broken = pack->put(pack->arg, data, size);
	if (pack->broken == 0)
		return (la_ssize_t)size;
	archive_set_error(archive, EPIPE, "nobody takes it");
	return -1;
}

static int
fail(const struct pack *pack, struct err *err)
{
	const char *words = archive_error_string(pack->archive);

	return err_set(err, pack->broken < 0 ? -pack->broken : EIO,
	    "archive: %.128s", words != NULL ? words : "it cannot be made");
}

/* What is in a file from an offset on. */
static int
put_data(const struct pack *pack, const struct walk_entry *entry, int fd,
    uint64_t at, uint64_t left, struct err *err)
{
	static uint8_t block[BLOCK_BYTES];
	ssize_t n;

	for (; left > 0; at += (uint64_t)n, left -= (uint64_t)n) {
		n = pread(fd, block, left < sizeof block ? (size_t)left :
		    sizeof block, (off_t)at);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return tree_fail(err, errno, entry->path);
		else if (n == 0)
			return err_set(err, EIO, "path: \"%.128s\" became "
			    "shorter", entry->path);
		else if (archive_write_data(pack->archive, block,
		    (size_t)n) != n)
			return fail(pack, err);
	}
	return 0;
}

/* A hole: the archive counts these bytes, and does not write them. */
static int
put_hole(const struct pack *pack, uint64_t left, struct err *err)
{
	static uint8_t zeros[HOLE_BYTES]; /* not of the program's file */
	la_ssize_t n;

	for (; left > 0; left -= (uint64_t)n) {
		n = archive_write_data(pack->archive, zeros,
		    left < sizeof zeros ? (size_t)left : sizeof zeros);
		if (n <= 0)
			return fail(pack, err);
	}
	return 0;
}

/* As it was described: whole, or what is between its holes. */
static int
put_bytes(const struct pack *pack, const struct walk_entry *entry, int fd,
    struct err *err)
{
	const uint64_t size = (uint64_t)entry->st->st_size;
	la_int64_t from, n;
	uint64_t at = 0;
	int r = 0;

	if (archive_entry_sparse_reset(pack->entry) == 0)
		return put_data(pack, entry, fd, 0, size, err);
	while (r == 0 && archive_entry_sparse_next(pack->entry, &from, &n) ==
	    ARCHIVE_OK) {
		r = put_hole(pack, (uint64_t)from - at, err);
		if (r == 0)
			r = put_data(pack, entry, fd, (uint64_t)from,
			    (uint64_t)n, err);
		at = (uint64_t)from + (uint64_t)n;
	}
	return r < 0 ? r : put_hole(pack, size - at, err);
}

/* Where the file has data, if it has holes as well. A file system that does
 * not know says that it is all data. */
static void
describe_holes(struct archive_entry *member, const struct stat *st, int fd)
{
	off_t from = -1, to = 0;

	if (st->st_blocks >= (st->st_size + 511) / 512)
		return;
	while (to < st->st_size && (from = lseek(fd, to, SEEK_DATA)) >= 0 &&
	    from < st->st_size) {
		to = lseek(fd, from, SEEK_HOLE);
		if (to <= from || to > st->st_size)
			to = st->st_size;
		archive_entry_sparse_add_entry(member, from, to - from);
	}
	if (to == 0 && (from >= 0 || errno == ENXIO)) /* nothing but a hole */
		archive_entry_sparse_add_entry(member, 0, 0);
}

static void
describe(struct archive_entry *member, const struct walk_entry *entry)
{
	char target[PATH_MAX] = "";
	ssize_t n;

	archive_entry_clear(member);
	archive_entry_copy_stat(member, entry->st);
	archive_entry_set_nlink(member, 1);
	archive_entry_copy_pathname(member, entry->path);
	if (S_ISREG(entry->st->st_mode))
		return;
	archive_entry_set_size(member, 0);
	if (!S_ISLNK(entry->st->st_mode))
		return;
	n = readlinkat(entry->folder_fd, entry->name, target,
	    sizeof target - 1);
	target[n > 0 ? n : 0] = '\0';
	archive_entry_copy_symlink(member, target);
}

static int
visit(void *arg, const struct walk_entry *entry, struct err *err)
{
	const struct pack *pack = arg;
	auto_close int fd = -1;

	if (!S_ISREG(entry->st->st_mode) && !S_ISDIR(entry->st->st_mode) &&
	    !S_ISLNK(entry->st->st_mode))
		return 0;
	if (S_ISREG(entry->st->st_mode)) {
		fd = openat(entry->folder_fd, entry->name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT) /* gone meanwhile */
			return 0;
		if (fd < 0)
			return tree_fail(err, errno, entry->path);
	}
	describe(pack->entry, entry);
	if (fd >= 0)
		describe_holes(pack->entry, entry->st, fd);
	if (archive_write_header(pack->archive, pack->entry) < ARCHIVE_WARN)
		return fail(pack, err);
	return fd >= 0 ? put_bytes(pack, entry, fd, err) : 0;
}

static int
open_archive(struct pack *pack, bool is_compressed, struct err *err)
{
	struct archive *archive = pack->archive;

	if (archive == NULL || pack->entry == NULL)
		return err_set(err, ENOMEM, "out of memory");
	/* pax has holes, and with ustar's headers wherever those suffice. */
	if (archive_write_set_format_pax_restricted(archive) != ARCHIVE_OK ||
	    (is_compressed && archive_write_add_filter_gzip(archive) !=
	    ARCHIVE_OK) ||
	    archive_write_set_bytes_per_block(archive, BLOCK_BYTES) !=
	    ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(archive, 1) != ARCHIVE_OK ||
	    archive_write_open(archive, pack, NULL, on_bytes, NULL) !=
	    ARCHIVE_OK)
		return fail(pack, err);
	return 0;
}

int
pack_folder(const char *path, bool is_compressed,
    int (*put)(void *arg, const void *data, size_t size), void *arg,
    struct err *err)
{
	struct pack pack = {archive_write_new(), archive_entry_new(), put,
	    arg, 0};
	int r;

	/* Names that are UTF-8 are pax's own then; others are marked, and as
	 * they are. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	r = open_archive(&pack, is_compressed, err);

	if (r == 0)
		r = walk_folder(path, true, visit, &pack, err);
	if (r == 0 && archive_write_close(pack.archive) != ARCHIVE_OK)
		r = fail(&pack, err);
	if (r < 0 && pack.archive != NULL) /* so that no end is written */
		(void)archive_write_fail(pack.archive);
	archive_entry_free(pack.entry);
	(void)archive_write_free(pack.archive);
	(void)setlocale(LC_CTYPE, "C");
	return r;
}
