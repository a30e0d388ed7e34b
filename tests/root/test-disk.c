// SPDX-License-Identifier: Apache-2.0
/*
 * Disks and their limits, in a mount namespace of our own: a pool file, a pool
 * on a btrfs that is there already, and plain folders.
 */
#include "sandboxd/disk/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/root/check.h"

#define ID_A	   "sb_0123456789aa"
#define ID_B	   "sb_0123456789ab"
#define SNAPSHOT   "sn_0123456789aa"
#define POOL_BYTES (512ull << 20)
#define LIMIT	   (32ull << 20)
#define DEPTH	   3000
#define CHUNK	   (1u << 20)

static char folder[] = "/var/tmp/test-disk-XXXXXX";

/* Whether a shell command succeeds. */
static bool
run(const char *fmt, const char *argument)
{
	char command[512];

	(void)snprintf(command, sizeof command, "f=%s; %s", argument, fmt);
	return system(command) == 0;
}

static struct disk_pool *
open_pool(const char *where, const char *backend)
{
	struct disk_pool *pool = NULL;
	struct err err = {0};

	CHECK(disk_pool_open(where, backend, POOL_BYTES, &pool, &err) == 0,
	    "%s", err.text);
	return pool;
}

/* Writes up to `bytes` into the disk; returns how many, and why no more. */
static uint64_t
fill(const struct disk_pool *pool, const char *id, uint64_t bytes, int *ret)
{
	static char chunk[CHUNK];
	char path[DISK_PATH_SIZE], file[DISK_PATH_SIZE + 16];
	auto_close int fd = -1;
	uint64_t written = 0;

	*ret = disk_path(pool, id, path, NULL);
	(void)snprintf(file, sizeof file, "%s/up/fill", path);
	fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	memset(chunk, 'x', sizeof chunk);
	while (written < bytes) {
		ssize_t n = write(fd, chunk, sizeof chunk);

		if (n < 0) {
			*ret = -errno;
			break;
		}
		written += (uint64_t)n;
	}
	if (fd >= 0 && fsync(fd) < 0 && *ret == 0)
		*ret = -errno;
	return written;
}

static void
found(const char *id, void *data)
{
	(void)id;
	++*(int *)data;
}

static int
count_disks(struct disk_pool *pool)
{
	struct err err = {0};
	int n = 0;

	CHECK(disk_list(pool, found, &n, &err) == 0, "%s", err.text);
	return n;
}

/* What overlayfs and the idmap expect to find. */
static void
check_layers(const struct disk_pool *pool, const char *id)
{
	char path[DISK_PATH_SIZE], layer[DISK_PATH_SIZE + 16];
	struct err err = {0};
	struct stat status;

	CHECK(disk_path(pool, id, path, &err) == 0, "%s", err.text);
	(void)snprintf(layer, sizeof layer, "%s/up", path);
	CHECK(stat(layer, &status) == 0 && status.st_uid == 0 &&
		  status.st_gid == 0 && status.st_mode == (S_IFDIR | 0755),
	    "%s", layer);
	(void)snprintf(layer, sizeof layer, "%s/work", path);
	CHECK(stat(layer, &status) == 0 && status.st_uid == 65536 &&
		  status.st_gid == 65536,
	    "%s", layer);
	(void)snprintf(layer, sizeof layer, "%s/" DISK_TMP, path);
	CHECK(stat(layer, &status) == 0 && status.st_uid == 0 &&
		  status.st_gid == 0 && status.st_mode == (S_IFDIR | 01777),
	    "%s", layer);
}

/* One of the kernel's counts of a disk; 0 where it has none. */
static unsigned long long
read_count(const struct disk_pool *pool, const char *id, const char *name)
{
	char folder_path[DISK_PATH_SIZE], path[DISK_PATH_SIZE + 32];
	unsigned long long bytes = 0;
	FILE *file;

	if (disk_counts(pool, id, folder_path, NULL) != 1)
		return 0;
	(void)snprintf(path, sizeof path, "%s/%s", folder_path, name);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	(void)!fscanf(file, "%llu", &bytes);
	(void)fclose(file);
	return bytes;
}

static void
test_limits(struct disk_pool *pool)
{
	struct err err = {0};
	uint64_t written;
	int r;

	CHECK(disk_create(pool, ID_A, LIMIT, &err) == 0, "%s", err.text);
	CHECK(disk_create(pool, ID_A, LIMIT, &err) == -EEXIST, "a second one");
	CHECK(disk_create(pool, ID_B, LIMIT, &err) == 0, "%s", err.text);
	CHECK(disk_create(pool, "sb_../../../etc", LIMIT, &err) == -EINVAL,
	    "an id that is a path");
	check_layers(pool, ID_A);
	CHECK(count_disks(pool) == 2, "two disks");
	written = fill(pool, ID_A, LIMIT * 2, &r);
	CHECK(r == -EDQUOT && written <= LIMIT && written > LIMIT / 2,
	    "%llu bytes into %llu: %s", (unsigned long long)written,
	    (unsigned long long)LIMIT, strerror(-r));
	written = fill(pool, ID_B, LIMIT / 2, &r);
	CHECK(
	    r == 0 && written == LIMIT / 2, "the other disk: %s", strerror(-r));
	CHECK(read_count(pool, ID_B, "max_referenced") == LIMIT &&
	    read_count(pool, ID_B, "referenced") +
	    read_count(pool, ID_B, "rsv_data") >= LIMIT / 2 &&
	    read_count(pool, ID_B, "referenced") +
	    read_count(pool, ID_B, "rsv_data") < LIMIT, "its counts");
}

static void
test_destroy(struct disk_pool *pool)
{
	struct err err = {0};

	int n = 0;

	CHECK(disk_destroy(pool, ID_A, &err) == 0, "%s", err.text);
	CHECK(disk_destroy(pool, ID_A, &err) == 0, "again: %s", err.text);
	CHECK(disk_discard(pool, ID_B, &err) >= 0, "%s", err.text);
	CHECK(disk_collect(pool, ID_B, &err) == 0, "%s", err.text);
	CHECK(disk_list_trash(pool, found, &n, &err) == 0 && n == 0,
	    "%d in the trash", n);
	CHECK(count_disks(pool) == 0, "none is left");
}

/* Another mount namespace that lost sight of the mount must not give the file
 * a second loop device, which would be two writers. */
static void
test_second_namespace(struct disk_pool *pool)
{
	struct err err = {0};
	int status = -1;
	pid_t pid = fork();

	(void)pool;
	if (pid == 0) {
		struct disk_pool *other;

		n_failed_checks = 0;
		if (unshare(CLONE_NEWNS) < 0 || !run("umount $f/disks", folder))
			_exit(2);
		other = open_pool(folder, "btrfs");
		if (other) {
			CHECK(count_disks(other) == 2, "the same disks");
			CHECK(disk_pool_unmount(other, &err) == 0, "%s",
			    err.text);
			disk_pool_free(other);
		}
		CHECK(run("test $(losetup -j $f/disks.btrfs | wc -l) = 1",
			  folder),
		    "one loop device");
		_exit(n_failed_checks > 0);
	}
	(void)waitpid(pid, &status, 0);
	CHECK(status == 0, "the second namespace: %x", status);
}

/* The kernel forgets a deleted disk's quota group, at once or soon after. */
static void
check_quota_groups(void)
{
	struct disk_pool *pool = open_pool(folder, "auto");
	struct err err = {0};

	CHECK(run("btrfs filesystem sync $f/disks && "
		  "timeout 50 btrfs subvolume sync $f/disks && "
		  "btrfs filesystem sync $f/disks", folder), "sync");
	CHECK(disk_tidy(pool, &err) == 0, "%s", err.text);
	disk_pool_free(pool);
	CHECK(run("btrfs filesystem sync $f/disks; for i in 1 2 3 4 5; do "
		  "test $(btrfs qgroup show $f/disks | grep -c ^0/[0-9]) = 1 "
		  "&& exit 0; sleep 1; done; btrfs qgroup show $f/disks; "
		  "exit 1",
		  folder),
	    "quota groups are left");
}

/* A folder so deep that its path is longer than any path may be. */
static void
build_deep(const struct disk_pool *pool, const char *id, const char *where)
{
	char path[DISK_PATH_SIZE], top[DISK_PATH_SIZE + 16];
	int fd, next;

	(void)disk_path(pool, id, path, NULL);
	(void)snprintf(top, sizeof top, "%s/%s", path, where);
	fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < DEPTH && fd >= 0; i++) {
		if (mkdirat(fd, "deep", 0700) < 0 ||
		    symlinkat("/etc", fd, "link") < 0)
			break;
		next = openat(fd, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		fd_close(&fd);
		fd = next;
	}
	CHECK(fd >= 0, "a deep folder");
	fd_close(&fd);
}

/* What was in /tmp is gone, what is beside it is not; and it is given up where
 * it takes too long. */
static void
test_tmp(struct disk_pool *pool)
{
	struct err err = {0};
	char path[DISK_PATH_SIZE];

	CHECK(disk_create(pool, ID_A, LIMIT, &err) == 0, "%s", err.text);
	CHECK(disk_path(pool, ID_A, path, &err) == 0, "%s", err.text);
	build_deep(pool, ID_A, DISK_TMP);
	CHECK(run("cd $f && mkdir up/kept && ln -s ../up tmp/other && "
		  "chmod 0700 tmp && seq 20000 | (cd tmp && xargs touch)",
		  path),
	    "files");
	CHECK(disk_empty_tmp(pool, ID_A, 1, &err) == -EBUSY, "at once");
	CHECK(disk_empty_tmp(pool, ID_A, 0, &err) == 0, "%s", err.text);
	CHECK(run("cd $f && test -z \"$(ls -A tmp)\" -a -d up/kept", path),
	    "it alone is empty");
	check_layers(pool, ID_A);
	/* As disks of an older version are. */
	CHECK(run("rmdir $f/tmp", path), "rmdir");
	CHECK(disk_empty_tmp(pool, ID_A, 0, &err) == 0, "%s", err.text);
	check_layers(pool, ID_A);
	CHECK(disk_destroy(pool, ID_A, &err) == 0, "%s", err.text);
}

/*
 * A copy has what the other has at that moment, and neither sees what the other
 * writes after; what they share counts for both. A snapshot takes no writes,
 * and outlives what it is of.
 */
static void
test_copies(struct disk_pool *pool)
{
	struct err err = {0};
	char a[DISK_PATH_SIZE], b[DISK_PATH_SIZE];
	uint64_t bytes = 0, written;
	int r, n = 0;

	CHECK(disk_create(pool, ID_A, LIMIT, &err) == 0, "%s", err.text);
	written = fill(pool, ID_A, LIMIT / 2, &r);
	CHECK(r == 0 && written == LIMIT / 2, "%s", strerror(-r));
	(void)disk_path(pool, ID_A, a, &err);
	(void)disk_path(pool, ID_B, b, &err);
	CHECK(run("echo one >$f/up/file", a), "echo");
	CHECK(disk_copy(pool, ID_A, LIMIT, ID_B, LIMIT, &bytes, &err) == 0,
	    "%s", err.text);
	CHECK(bytes >= LIMIT / 2 && bytes < LIMIT, "%llu bytes in it",
	    (unsigned long long)bytes);
	CHECK(disk_copy(pool, ID_A, LIMIT, ID_B, LIMIT, &bytes, &err) ==
		  -EEXIST, "a second one: %s", err.text);
	CHECK(run("test $(cat $f/up/file) = one && echo two >$f/up/file", b),
	    "not written out, and in the copy");
	CHECK(run("test $(cat $f/up/file) = one", a), "the other");
	check_layers(pool, ID_B);
	written = fill(pool, ID_B, LIMIT, &r);
	CHECK(r < 0 && written < LIMIT * 5 / 8, "%llu bytes beside what it "
	    "shares", (unsigned long long)written);
	CHECK(disk_snapshot(pool, ID_A, LIMIT, SNAPSHOT, &bytes, &err) == 0,
	    "%s", err.text);
	CHECK(run("! touch $f/disks/.snapshots/" SNAPSHOT "/up/new 2>&-",
	    folder), "a snapshot takes no writes");
	CHECK(disk_destroy(pool, ID_A, &err) == 0 &&
		  disk_destroy(pool, ID_B, &err) == 0, "%s", err.text);
	CHECK(disk_list_snapshots(pool, found, &n, &err) == 0 && n == 1,
	    "%d snapshots", n);
	CHECK(count_disks(pool) == 0, "no disks");
	CHECK(disk_create_from(pool, SNAPSHOT, LIMIT, ID_B, 2 * LIMIT,
		  &err) == 0, "%s", err.text);
	CHECK(run("test $(cat $f/up/file) = one", b), "as it was");
	CHECK(run("echo three >$f/up/file", b), "echo");
	CHECK(disk_restore(pool, SNAPSHOT, LIMIT, ID_B, 2 * LIMIT, &err) ==
		  0 && run("test $(cat $f/up/file) = one", b),
	    "restored: %s", err.text);
	CHECK(run("mkdir -p $f/disks/.restores && btrfs -q subvolume create "
		  "$f/disks/.restores/" ID_A, folder) &&
		  disk_drop_unfinished(pool, &err) == 0 &&
		  run("test -z \"$(ls $f/disks/.restores)\"", folder),
	    "nothing unfinished");
	written = fill(pool, ID_B, LIMIT, &r);
	CHECK(r == 0, "its higher limit: %s", strerror(-r));
	CHECK(disk_remove_snapshot(pool, SNAPSHOT, &err) == 0 &&
		  disk_remove_snapshot(pool, SNAPSHOT, &err) == 0, "%s",
	    err.text);
	CHECK(disk_create_from(pool, SNAPSHOT, LIMIT, ID_A, LIMIT, &err) ==
		  -ENOENT, "none: %s", err.text);
	CHECK(disk_copy(pool, ID_A, LIMIT, ID_B, LIMIT, &bytes, &err) ==
		  -ENOENT, "none: %s", err.text);
	CHECK(disk_destroy(pool, ID_B, &err) == 0, "%s", err.text);
}

static void
test_pool_file(void)
{
	struct err err = {0};
	struct disk_usage usage;
	struct disk_pool *pool;

	/* What a crash in the middle of mkfs leaves. */
	CHECK(run("echo half > $f/disks.btrfs.new", folder), "echo");
	pool = open_pool(folder, "auto");
	if (!pool)
		return;
	(void)printf("back end %s\n", disk_backend(pool));
	CHECK(strncmp(disk_backend(pool), "btrfs", 5) == 0, "%s",
	    disk_backend(pool));
	CHECK(access("disks.btrfs.new", F_OK) < 0, "nothing half-made");
	CHECK(disk_pool_usage(pool, &usage, &err) == 0 &&
		  usage.total_bytes == POOL_BYTES &&
		  usage.free_bytes > POOL_BYTES / 2,
	    "usage %s", err.text);
	test_tmp(pool);
	test_copies(pool);
	test_limits(pool);
	disk_pool_free(pool);
	/* sandboxd was killed: the mount is there, and used as it is. */
	pool = open_pool(folder, "auto");
	CHECK(count_disks(pool) == 2, "as it was");
	CHECK(run("test $(grep -c $f /proc/mounts) = 1", folder), "one mount");
	test_second_namespace(pool);
	/* The host was started anew: the file is there, and mounted again. */
	CHECK(disk_pool_unmount(pool, &err) == 0, "%s", err.text);
	CHECK(disk_pool_unmount(pool, &err) == 0, "again: %s", err.text);
	disk_pool_free(pool);
	pool = open_pool(folder, "auto");
	CHECK(count_disks(pool) == 2, "as it was");
	test_destroy(pool);
	check_quota_groups();
	CHECK(disk_pool_unmount(pool, &err) == 0, "%s", err.text);
	disk_pool_free(pool);
	CHECK(run("test -z \"$(losetup -j $f/disks.btrfs)\"", folder),
	    "the loop device is let go");
	/* A file that is no file system any more is not replaced. */
	CHECK(run("head -c 1M /dev/zero | dd of=$f/disks.btrfs conv=notrunc "
		  "status=none",
		  folder),
	    "dd");
	pool = NULL;
	CHECK(disk_pool_open(folder, "auto", POOL_BYTES, &pool, &err) < 0,
	    "a broken pool is an error");
	CHECK(run("test -z \"$(losetup -j $f/disks.btrfs)\"", folder),
	    "and no loop device stays");
	(void)run("rm $f/disks.btrfs", folder);
}

/* The state directory is on btrfs itself. */
static void
test_native(void)
{
	struct err err = {0};
	struct disk_pool *outer = open_pool(folder, "btrfs"), *pool;
	char inner[sizeof folder + 16];

	if (!outer)
		return;
	(void)snprintf(inner, sizeof inner, "%s/disks/state", folder);
	CHECK(mkdir(inner, 0700) == 0, "mkdir");
	pool = open_pool(inner, "auto");
	CHECK(strncmp(disk_backend(pool), "btrfs", 5) == 0, "%s",
	    disk_backend(pool));
	CHECK(run("test ! -e $f/disks.btrfs", inner), "no pool file");
	test_limits(pool);
	test_destroy(pool);
	CHECK(disk_pool_unmount(pool, &err) == 0, "%s", err.text);
	CHECK(access(inner, F_OK) == 0, "nothing of ours was unmounted");
	disk_pool_free(pool);
	CHECK(disk_pool_unmount(outer, &err) == 0, "%s", err.text);
	disk_pool_free(outer);
	(void)run("rm $f/disks.btrfs", folder);
}

/* Discarded it is out of the way, and stays so until it is collected. */
static void
test_trash(struct disk_pool *pool)
{
	struct err err = {0};
	int n = 0;

	CHECK(disk_list_trash(pool, found, &n, &err) == 0 && n == 0, "%s",
	    err.text);
	CHECK(disk_create(pool, ID_A, LIMIT, &err) == 0, "%s", err.text);
	build_deep(pool, ID_A, ".");
	CHECK(disk_discard(pool, ID_A, &err) == 1, "%s", err.text);
	CHECK(count_disks(pool) == 0, "no disk is left");
	CHECK(disk_discard(pool, ID_A, &err) == 1, "again: %s", err.text);
	CHECK(disk_discard(pool, ID_B, &err) == 0, "one that never was");
	CHECK(disk_list_trash(pool, found, &n, &err) == 0 && n == 1,
	    "%d in the trash", n);
	CHECK(disk_collect(pool, ID_A, &err) == 0, "%s", err.text);
	CHECK(disk_collect(pool, ID_A, &err) == 0, "again: %s", err.text);
	CHECK(disk_discard(pool, ID_A, &err) == 0, "after: %s", err.text);
	n = 0;
	CHECK(disk_list_trash(pool, found, &n, &err) == 0 && n == 0,
	    "%d in the trash", n);
}

static void
test_plain(void)
{
	struct disk_pool *pool = open_pool(folder, "plain"), *none = NULL;
	struct err err = {0};

	CHECK(
	    strcmp(disk_backend(pool), "plain") == 0, "%s", disk_backend(pool));
	CHECK(disk_create(pool, ID_A, LIMIT, &err) == 0, "%s", err.text);
	CHECK(disk_create(pool, ID_A, LIMIT, &err) == -EEXIST, "a second one");
	check_layers(pool, ID_A);
	CHECK(disk_check_copies(pool, &err) == -EOPNOTSUPP &&
		  disk_copy(pool, ID_A, LIMIT, ID_B, LIMIT, &(uint64_t){0},
		      &err) == -EOPNOTSUPP, "plain folders have no copies");
	CHECK(read_count(pool, ID_A, "max_referenced") == 0, "nor counts");
	build_deep(pool, ID_A, ".");
	test_destroy(pool);
	test_trash(pool);
	test_tmp(pool);
	CHECK(access("/etc/passwd", F_OK) == 0, "links are not followed");
	disk_pool_free(pool);
	CHECK(disk_pool_open(folder, "zfs", POOL_BYTES, &none, &err) == -EINVAL,
	    "an unknown back end");
	CHECK(disk_pool_open(folder, "btrfs", 1 << 20, &none, &err) == -ENOSPC,
	    "a pool of 1 MiB");
	CHECK(run("test $(ls $f | wc -l) = 1", folder), "nothing half-made");
}

int
main(void)
{
	skip_unless_root();
	if (!mkdtemp(folder) || chdir(folder) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		perror("set up");
		return 1;
	}
	test_plain();
	test_pool_file();
	test_native();
	CHECK(chdir("/") == 0 && run("rm -r $f", folder), "rm");
	return check_result();
}
