// SPDX-License-Identifier: Apache-2.0
/* The pool file: a sparse btrfs image on a loop device. */
#include "sandboxd/disk/backend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"

#define MKFS_TIMEOUT_MS	    60000
#define LOOP_ATTEMPTS	    20
#define POOL_FILE_BYTES_MIN (128ull << 20) /* less mkfs.btrfs refuses */

static const char *const mkfs_paths[] = {
    "/sbin/mkfs.btrfs", "/usr/sbin/mkfs.btrfs", "/usr/bin/mkfs.btrfs"};

/* Waits for a child of ours, and kills it where it takes too long. */
static int
wait_for_child(pid_t pid, int timeout_ms, int *ret_status, struct err *err)
{
	auto_close int pidfd = pidfd_open(pid, 0);
	struct pollfd event = {.fd = pidfd, .events = POLLIN};
	int n;

	do
		n = pidfd < 0 ? 0 : poll(&event, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, ret_status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, "cannot wait for mkfs.btrfs");
	if (n != 1)
		return err_set(err, ETIMEDOUT,
		    "mkfs.btrfs took longer than %d s", timeout_ms / 1000);
	return 0;
}

static int
run_mkfs(const char *file, struct err *err)
{
	const char *const arguments[] = {"mkfs.btrfs", "--quiet", "--force",
	    "--metadata", "single", "--label", "sandgate", "--", file, NULL};
	static const char *const environment[] = {
	    "PATH=/usr/sbin:/usr/bin", "LC_ALL=C", NULL};
	posix_spawn_file_actions_t actions;
	int status = 0, r = ENOENT;
	pid_t pid = -1;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return err_set(err, ENOMEM, "no memory for mkfs.btrfs");
	if (posix_spawn_file_actions_addopen(
		&actions, 0, "/dev/null", O_RDWR, 0) != 0 ||
	    posix_spawn_file_actions_adddup2(&actions, 0, 1) != 0 ||
	    posix_spawn_file_actions_adddup2(&actions, 0, 2) != 0)
		r = ENOMEM;
	for (size_t i = 0; i < sizeof mkfs_paths / sizeof *mkfs_paths; i++)
		if (r == ENOENT)
			r = posix_spawn(&pid, mkfs_paths[i], &actions, NULL,
			    (char *const *)(uintptr_t)arguments,
			    (char *const *)(uintptr_t)environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (r != 0) {
		errno = r;
		return err_errno(err, "cannot run mkfs.btrfs (btrfs-progs)");
	}
	r = wait_for_child(pid, MKFS_TIMEOUT_MS, &status, err);
	if (r < 0)
		return r;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err, EIO, "mkfs.btrfs failed on %s", file);
	return 0;
}

/* As much as was asked for, but at most half of what is free. */
static int
choose_size(int fd, uint64_t file_bytes, uint64_t *ret, struct err *err)
{
	struct statvfs status;
	uint64_t half;

	if (fstatvfs(fd, &status) < 0)
		return err_errno(err, "cannot look at the file system");
	half = (uint64_t)status.f_bavail * status.f_frsize / 2;
	if (file_bytes > half)
		file_bytes = half;
	file_bytes &= ~(uint64_t)4095;
	if (file_bytes < POOL_FILE_BYTES_MIN)
		return err_set(err, ENOSPC,
		    "no room for a disk pool: half of the free space is "
		    "%llu MiB, at least %llu are needed",
		    (unsigned long long)(file_bytes >> 20),
		    POOL_FILE_BYTES_MIN >> 20);
	*ret = file_bytes;
	return 0;
}

/*
 * The file gets its name only when it is whole, so that one whose making was
 * interrupted is never taken for a pool.
 */
static int
make_file(const char *file, uint64_t file_bytes, struct err *err)
{
	char unfinished[DISK_PATH_SIZE + 8];
	auto_close int fd = -1;
	uint64_t size;
	int r;

	(void)snprintf(unfinished, sizeof unfinished, "%s.new", file);
	fd = open(unfinished,
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "cannot make %s", unfinished);
	r = choose_size(fd, file_bytes, &size, err);
	if (r == 0 && ftruncate(fd, (off_t)size) < 0)
		r = err_errno(err, "cannot size %s", unfinished);
	if (r == 0)
		r = run_mkfs(unfinished, err);
	if (r == 0 && (fsync(fd) < 0 || rename(unfinished, file) < 0))
		r = err_errno(err, "cannot finish %s", file);
	if (r < 0)
		(void)unlink(unfinished);
	return r;
}

/* Opens the loop device of a name in /sys/block if its file is `file`: its
 * descriptor, or -1. */
static int
open_loop_of(
    const char *name, const struct stat *file, char *device, size_t size)
{
	struct loop_info64 info;
	auto_close int fd = -1;
	int n = snprintf(device, size, "/dev/%s", name);

	if (n < 0 || (size_t)n >= size)
		return -1;
	fd = open(device, O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, LOOP_GET_STATUS64, &info) < 0 ||
	    info.lo_device != file->st_dev || info.lo_inode != file->st_ino)
		return -1;
	return take_fd(&fd);
}

/*
 * A loop device that has the file already: another mount namespace, or a
 * running sandbox, may hold the pool mounted after we lost sight of it. A
 * second device of one file would be two file systems writing to it.
 */
static int
find_loop(int file_fd, char *device, size_t size)
{
	struct dirent *entry;
	struct stat status;
	int fd = -1;
	DIR *dir;

	if (fstat(file_fd, &status) < 0)
		return -1;
	dir = opendir("/sys/block");
	while (dir && fd < 0 && (entry = readdir(dir)))
		if (strncmp(entry->d_name, "loop", 4) == 0)
			fd = open_loop_of(entry->d_name, &status, device, size);
	if (dir)
		(void)closedir(dir);
	return fd;
}

/*
 * A loop device of the file which goes away with its last user: the caller's
 * descriptor, then the mount. The free device the kernel names may be taken
 * by somebody else meanwhile, hence the attempts.
 */
static int
attach_loop(
    int file_fd, char *device, size_t size, int *ret_fd, struct err *err)
{
	struct loop_config config = {.fd = (uint32_t)file_fd,
	    .info = {.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO}};
	auto_close int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (control < 0)
		return err_errno(err, "cannot open /dev/loop-control");
	for (int attempt = 0; attempt < LOOP_ATTEMPTS; attempt++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		auto_close int fd = -1;

		if (number < 0)
			return err_errno(err, "no free loop device");
		(void)snprintf(device, size, "/dev/loop%d", number);
		fd = open(device, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return err_errno(err, "cannot open %s", device);
		if (ioctl(fd, LOOP_CONFIGURE, &config) == 0) {
			*ret_fd = take_fd(&fd);
			return 0;
		}
		if (errno != EBUSY)
			return err_errno(err, "cannot set up %s", device);
	}
	return err_set(err, EBUSY, "every loop device was taken meanwhile");
}

int
disk_btrfs_mount_file(
    const char *file, uint64_t file_bytes, const char *path, struct err *err)
{
	auto_close int file_fd = -1, loop_fd = -1;
	char device[32];
	int r;

	if (access(file, F_OK) < 0) {
		r = make_file(file, file_bytes, err);
		if (r < 0)
			return r;
	}
	file_fd = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (file_fd < 0)
		return err_errno(err, "cannot open %s", file);
	loop_fd = find_loop(file_fd, device, sizeof device);
	if (loop_fd < 0) {
		r = attach_loop(file_fd, device, sizeof device, &loop_fd, err);
		if (r < 0)
			return r;
	}
	if (mount(device, path, "btrfs", MS_NOATIME | MS_NOSUID | MS_NODEV,
		NULL) < 0)
		return err_errno(err, "cannot mount %s at %s", file, path);
	return 0;
}
