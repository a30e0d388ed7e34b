// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/disk/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/disk_mounts.h"
#include "common/fd.h"
#include "common/parse.h"
#include "common/paths.h"
#include "sandboxd/disk/backend.h"
#include "sandboxd/disk/log.h"
#include "sandboxd/disk/tree.h"

#define POOL_FOLDER "disks"
#define POOL_FILE   "disks.btrfs"

/* Who owns `work`, which overlayfs must write to as the mounter: the uid the
 * disk's idmap takes to the host's root. See rootfs.c. */
#define WORK_OWNER 65536

/* Whether something is mounted at path itself: 1, 0 or -errno. */
static int
is_mount_point(const char *path, struct err *err)
{
	struct statx status;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) < 0)
		return err_errno(err, "cannot look at %s", path);
	return (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/* Uses the btrfs that path is on. */
static int
use_btrfs(struct disk_pool *pool, struct err *err)
{
	pool->backend = &disk_btrfs;
	return disk_btrfs_enable_quota(pool->path, &pool->name, err);
}

static void
use_plain(struct disk_pool *pool)
{
	pool->backend = &disk_plain;
	pool->name = "plain";
}

/* Mounts the pool file. With `auto` a host that cannot have one at all gets
 * plain folders, but disks that are in a file are never hidden that way. */
static int
use_pool_file(struct disk_pool *pool, const char *file, uint64_t file_bytes,
    bool is_auto, struct err *err)
{
	bool had_file = access(file, F_OK) == 0;
	int r = disk_btrfs_mount_file(file, file_bytes, pool->path, err);

	if (r < 0 && is_auto && !had_file) {
		(void)unlink(file);
		use_plain(pool);
		return 0;
	}
	if (r < 0)
		return r;
	pool->is_pool_file = true;
	return use_btrfs(pool, err);
}

static int
open_backend(struct disk_pool *pool, const char *file, const char *backend,
    uint64_t file_bytes, struct err *err)
{
	int mounted, r;

	r = disk_is_btrfs(pool->path, err);
	if (r < 0)
		return r;
	if (strcmp(backend, "plain") == 0) {
		use_plain(pool);
		return 0;
	}
	if (strcmp(backend, "auto") != 0 && strcmp(backend, "btrfs") != 0)
		return err_set(err, EINVAL,
		    "disk_backend \"%s\": must be auto, btrfs or plain",
		    backend);
	if (r == 0)
		return use_pool_file(
		    pool, file, file_bytes, strcmp(backend, "auto") == 0, err);
	mounted = is_mount_point(pool->path, err);
	if (mounted < 0)
		return mounted;
	pool->is_pool_file = mounted == 1 && access(file, F_OK) == 0;
	return use_btrfs(pool, err);
}

int
disk_pool_open(const char *folder, const char *backend, uint64_t file_bytes,
    struct disk_pool **ret, struct err *err)
{
	auto_free struct disk_pool *pool = calloc(1, sizeof *pool);
	char file[DISK_PATH_SIZE];
	int r;

	if (!pool)
		return err_set(err, ENOMEM, "no memory for the disk pool");
	if ((r = path_join(pool->path, sizeof pool->path, folder, POOL_FOLDER,
		 err)) < 0 ||
	    (r = path_join(file, sizeof file, folder, POOL_FILE, err)) < 0)
		return r;
	if (mkdir(pool->path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "cannot make %s", pool->path);
	r = open_backend(pool, file, backend, file_bytes, err);
	if (r < 0)
		return err_wrap(err, "disk pool %s", pool->path);
	/* What is in a disk is the sandbox's, setuid files and all. */
	if (chmod(pool->path, 0700) < 0)
		return err_errno(err, "cannot close %s", pool->path);
	*ret = pool;
	pool = NULL;
	return 0;
}

void
disk_pool_free(struct disk_pool *pool)
{
	free(pool);
}

int
disk_pool_unmount(struct disk_pool *pool, struct err *err)
{
	if (!pool->is_pool_file)
		return 0;
	if (umount2(pool->path, UMOUNT_NOFOLLOW) < 0 && errno != EINVAL)
		return err_errno(err, "cannot unmount %s", pool->path);
	pool->is_pool_file = false;
	return 0;
}

const char *
disk_backend(const struct disk_pool *pool)
{
	return pool->name;
}

int
disk_pool_usage(
    const struct disk_pool *pool, struct disk_usage *ret, struct err *err)
{
	struct statvfs status;

	if (statvfs(pool->path, &status) < 0)
		return err_errno(err, "cannot look at %s", pool->path);
	ret->total_bytes = (uint64_t)status.f_blocks * status.f_frsize;
	ret->free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
	return 0;
}

int
disk_path(
    const struct disk_pool *pool, const char *id, char *path, struct err *err)
{
	/* An id becomes a path: nothing but one of ours may. */
	if (!sandbox_id_is_valid(id) && !disk_id_is_valid(id))
		return err_set(err, EINVAL, "not a sandbox id: \"%s\"", id);
	return path_join(path, DISK_PATH_SIZE, pool->path, id, err);
}

int
disk_limit(
    struct disk_pool *pool, const char *id, uint64_t limit_bytes,
    struct err *err)
{
	return pool->backend->limit == NULL ? 0 :
	    pool->backend->limit(pool, id, limit_bytes, err);
}

int
disk_counts(
    const struct disk_pool *pool, const char *id, char *ret, struct err *err)
{
	return pool->backend->counts == NULL ? 0 :
	    pool->backend->counts(pool, id, ret, err);
}

/* As every user's: it is theirs to write, and their files each other's. */
static int
make_tmp(int disk_fd, const char *path, struct err *err)
{
	if ((mkdirat(disk_fd, DISK_TMP, 0700) < 0 && errno != EEXIST) ||
	    fchmodat(disk_fd, DISK_TMP, 01777, 0) < 0 ||
	    fchownat(disk_fd, DISK_TMP, 0, 0, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, "cannot make %s/%s", path, DISK_TMP);
	return 0;
}

int
disk_sync(const struct disk_pool *pool, const char *id, struct err *err)
{
	char path[DISK_PATH_SIZE];
	auto_close int fd = -1;
	int r = disk_path(pool, id, path, err);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || syncfs(fd) < 0)
		return err_errno(err, "cannot write out %s", path);
	return 0;
}

/* The two folders of overlayfs. A new subvolume is ours until we return. */
static int
make_layers(const char *path, struct err *err)
{
	auto_close int fd =
	    open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	if (fchmod(fd, 0755) < 0)
		return err_errno(err, "cannot set the mode of %s", path);
	if (mkdirat(fd, DISK_UP, 0755) < 0 ||
	    fchmodat(fd, DISK_UP, 0755, 0) < 0 ||
	    mkdirat(fd, "work", 0700) < 0 ||
	    fchownat(fd, "work", WORK_OWNER, WORK_OWNER, AT_SYMLINK_NOFOLLOW) <
		0)
		return err_errno(err, "cannot make the layers in %s", path);
	return make_tmp(fd, path, err);
}

int
disk_create(struct disk_pool *pool, const char *id, uint64_t limit_bytes,
    struct err *err)
{
	char path[DISK_PATH_SIZE];
	int r;

	if ((r = disk_path(pool, id, path, err)) < 0 ||
	    (r = pool->backend->create(pool, id, limit_bytes, err)) < 0)
		return r;
	r = make_layers(path, err);
	if (r < 0)
		(void)disk_destroy(pool, id, NULL);
	return r;
}

int
disk_empty_tmp(struct disk_pool *pool, const char *id, unsigned timeout_ms,
    struct err *err)
{
	auto_close int disk_fd = -1, fd = -1;
	char path[DISK_PATH_SIZE];
	int r = disk_path(pool, id, path, err);

	if (r < 0)
		return r;
	disk_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (disk_fd < 0)
		return err_errno(err, "cannot open %s", path);
	fd = openat(disk_fd, DISK_TMP,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT)
		return err_errno(err, "cannot open %s/%s", path, DISK_TMP);
	r = fd < 0 ? 0 : tree_empty(fd, timeout_ms);
	if (r < 0)
		return err_set(err, -r, "cannot empty %s/%s: %s", path,
		    DISK_TMP, strerror(-r));
	return make_tmp(disk_fd, path, err);
}

int
disk_discard(struct disk_pool *pool, const char *id, struct err *err)
{
	char path[DISK_PATH_SIZE];
	int r = disk_path(pool, id, path, err);

	return r < 0 ? r : pool->backend->discard(pool, id, err);
}

int
disk_collect(struct disk_pool *pool, const char *id, struct err *err)
{
	char path[DISK_PATH_SIZE];
	int r = disk_path(pool, id, path, err);

	if (r < 0 || pool->backend->collect == NULL)
		return r;
	return pool->backend->collect(pool, id, err);
}

int
disk_destroy(struct disk_pool *pool, const char *id, struct err *err)
{
	int r = disk_discard(pool, id, err);

	return r <= 0 ? r : disk_collect(pool, id, err);
}

static int
list_folder(const char *path, bool (*is_id)(const char *name),
    void (*found)(const char *id, void *data), void *data, struct err *err)
{
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (!dir)
		return err_errno(err, "cannot list %s", path);
	while ((entry = readdir(dir)))
		if (is_id(entry->d_name))
			found(entry->d_name, data);
	(void)closedir(dir);
	return 0;
}

int
disk_check_copies(const struct disk_pool *pool, struct err *err)
{
	if (pool->backend->copy != NULL)
		return 0;
	return err_set(err, EOPNOTSUPP,
	    "this host's disk back end (%s) has no snapshots and no forks",
	    pool->name);
}

static int
copy(struct disk_pool *pool, const struct disk_copy *wanted,
    uint64_t *ret_bytes, struct err *err)
{
	int r = disk_check_copies(pool, err);

	return r < 0 ? r : pool->backend->copy(pool, wanted, ret_bytes, err);
}

/* A folder of the pool's own, which is made where there is none. */
static int
own_folder(const struct disk_pool *pool, const char *name, char *path,
    struct err *err)
{
	int r = path_join(path, DISK_PATH_SIZE, pool->path, name, err);

	if (r < 0)
		return r;
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "cannot make %s", path);
	return 0;
}

static int
check_ids(const char *disk, const char *snapshot, struct err *err)
{
	if (disk != NULL && !sandbox_id_is_valid(disk))
		return err_set(err, EINVAL, "not a sandbox id: \"%s\"", disk);
	if (snapshot != NULL && !snapshot_id_is_valid(snapshot))
		return err_set(err, EINVAL, "not a snapshot id: \"%s\"",
		    snapshot);
	return 0;
}

int
disk_copy(struct disk_pool *pool, const char *from, uint64_t was_bytes,
    const char *id, uint64_t limit_bytes, uint64_t *ret_bytes,
    struct err *err)
{
	const struct disk_copy wanted = {.from_folder = pool->path,
	    .from_name = from, .to_folder = pool->path, .to_name = id,
	    .was_bytes = was_bytes, .limit_bytes = limit_bytes};
	int r = check_ids(from, NULL, err);

	if (r == 0)
		r = check_ids(id, NULL, err);
	return r < 0 ? r : copy(pool, &wanted, ret_bytes, err);
}

int
disk_snapshot(struct disk_pool *pool, const char *from, uint64_t limit_bytes,
    const char *snapshot, uint64_t *ret_bytes, struct err *err)
{
	char folder[DISK_PATH_SIZE];
	const struct disk_copy wanted = {.from_folder = pool->path,
	    .from_name = from, .to_folder = folder, .to_name = snapshot,
	    .was_bytes = limit_bytes, .limit_bytes = limit_bytes,
	    .is_readonly = true};
	int r = check_ids(from, snapshot, err);

	if (r == 0)
		r = own_folder(pool, DISK_SNAPSHOTS, folder, err);
	return r < 0 ? r : copy(pool, &wanted, ret_bytes, err);
}

int
disk_create_from(struct disk_pool *pool, const char *snapshot,
    uint64_t was_bytes, const char *id, uint64_t limit_bytes,
    struct err *err)
{
	char folder[DISK_PATH_SIZE];
	const struct disk_copy wanted = {.from_folder = folder,
	    .from_name = snapshot, .to_folder = pool->path, .to_name = id,
	    .was_bytes = was_bytes, .limit_bytes = limit_bytes};
	uint64_t bytes;
	int r = check_ids(id, snapshot, err);

	if (r == 0)
		r = own_folder(pool, DISK_SNAPSHOTS, folder, err);
	return r < 0 ? r : copy(pool, &wanted, &bytes, err);
}

/* The new one has the old one's place, and the other way round. */
static int
exchange(const struct disk_pool *pool, const char *folder, const char *id,
    struct err *err)
{
	char from[DISK_PATH_SIZE], to[DISK_PATH_SIZE];
	int r;

	if ((r = path_join(from, sizeof from, folder, id, err)) < 0 ||
	    (r = disk_path(pool, id, to, err)) < 0)
		return r;
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) < 0)
		return err_errno(err, "cannot exchange %s", to);
	return 0;
}

/* What its processes wrote is not of the disk, but of the sandbox. A disk that
 * has no room for it is taken without. */
static void
hand_log_on(const struct disk_pool *pool, const char *id, const char *folder)
{
	char from[DISK_PATH_SIZE], to[DISK_PATH_SIZE];

	if (disk_path(pool, id, from, NULL) == 0 &&
	    path_join(to, sizeof to, folder, id, NULL) == 0)
		(void)disk_log_hand_on(from, to, NULL);
}

/* Who reads the one that is deleted is to see that it has no name. */
static void
drop_log(const char *folder, const char *id)
{
	char disk[DISK_PATH_SIZE], path[DISK_PATH_SIZE];

	if (path_join(disk, sizeof disk, folder, id, NULL) == 0 &&
	    path_join(path, sizeof path, disk, DISK_LOG, NULL) == 0)
		(void)unlink(path);
}

int
disk_restore(struct disk_pool *pool, const char *snapshot, uint64_t was_bytes,
    const char *id, uint64_t limit_bytes, struct err *err)
{
	char from[DISK_PATH_SIZE], to[DISK_PATH_SIZE];
	const struct disk_copy wanted = {.from_folder = from,
	    .from_name = snapshot, .to_folder = to, .to_name = id,
	    .was_bytes = was_bytes, .limit_bytes = limit_bytes};
	uint64_t bytes;
	int r = check_ids(id, snapshot, err);

	if (r < 0 ||
	    (r = own_folder(pool, DISK_SNAPSHOTS, from, err)) < 0 ||
	    (r = own_folder(pool, DISK_RESTORES, to, err)) < 0 ||
	    (r = copy(pool, &wanted, &bytes, err)) < 0)
		return r;
	hand_log_on(pool, id, to);
	r = exchange(pool, to, id, err);
	drop_log(to, id);
	/* The one or the other; who cannot be deleted now is at the start. */
	(void)pool->backend->remove_copy(to, id, NULL);
	return r;
}

struct unfinished {
	struct disk_pool *pool;
	const char *folder;
};

static void
drop_one(const char *id, void *data)
{
	const struct unfinished *unfinished = data;
	const struct disk_backend *backend = unfinished->pool->backend;

	if (backend->remove_copy != NULL)
		(void)backend->remove_copy(unfinished->folder, id, NULL);
}

int
disk_drop_unfinished(struct disk_pool *pool, struct err *err)
{
	char path[DISK_PATH_SIZE];
	struct unfinished unfinished = {pool, path};
	int r = path_join(path, sizeof path, pool->path, DISK_RESTORES, err);

	if (r == 0)
		r = list_folder(path, sandbox_id_is_valid, drop_one,
		    &unfinished, err);
	return r == -ENOENT ? 0 : r;
}

int
disk_remove_snapshot(
    struct disk_pool *pool, const char *snapshot, struct err *err)
{
	char folder[DISK_PATH_SIZE];
	int r = check_ids(NULL, snapshot, err);

	if (r == 0)
		r = own_folder(pool, DISK_SNAPSHOTS, folder, err);
	if (r < 0 || pool->backend->remove_copy == NULL)
		return r;
	return pool->backend->remove_copy(folder, snapshot, err);
}

int
disk_list(struct disk_pool *pool, void (*found)(const char *id, void *data),
    void *data, struct err *err)
{
	return list_folder(
	    pool->path, sandbox_id_is_valid, found, data, err);
}

int
disk_list_trash(struct disk_pool *pool,
    void (*found)(const char *id, void *data), void *data, struct err *err)
{
	char path[DISK_PATH_SIZE];
	int r = path_join(path, sizeof path, pool->path, DISK_TRASH, err);

	if (r < 0)
		return r;
	r = list_folder(path, sandbox_id_is_valid, found, data, err);
	return r == -ENOENT ? 0 : r;
}

int
disk_tidy(struct disk_pool *pool, struct err *err)
{
	return pool->backend->tidy != NULL ? pool->backend->tidy(pool, err) :
	    0;
}

int
disk_list_snapshots(struct disk_pool *pool,
    void (*found)(const char *id, void *data), void *data, struct err *err)
{
	char path[DISK_PATH_SIZE];
	int r = path_join(path, sizeof path, pool->path, DISK_SNAPSHOTS, err);

	if (r < 0)
		return r;
	r = list_folder(path, snapshot_id_is_valid, found, data, err);
	return r == -ENOENT ? 0 : r;
}
