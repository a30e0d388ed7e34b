// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/quota.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/fd.h"

#define FOLDER "/sys/fs/btrfs/disk/"

/* The limit, and all that the kernel takes for used of it. */
static const char *const files[QUOTA_FILES] = {
    FOLDER "max_referenced", FOLDER "referenced", FOLDER "rsv_data",
    FOLDER "rsv_meta_pertrans", FOLDER "rsv_meta_prealloc",
};

void
quota_init(struct quota *quota)
{
	for (int i = 0; i < QUOTA_FILES; i++)
		quota->fds[i] = -1;
}

void
quota_open(struct quota *quota)
{
	for (int i = 0; i < QUOTA_FILES; i++)
		quota->fds[i] = open(files[i], O_RDONLY | O_CLOEXEC);
}

void
quota_close(struct quota *quota)
{
	for (int i = 0; i < QUOTA_FILES; i++)
		fd_close(&quota->fds[i]);
}

/* A file of /sys is made anew for each reading from its start. */
static bool
read_number(const struct quota *quota, int which, uint64_t *ret)
{
	const int kept = quota->fds[which];
	int fd = kept >= 0 ? kept : open(files[which], O_RDONLY | O_CLOEXEC);
	char text[32] = "", *end;
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);

	if (kept < 0)
		fd_close(&fd);
	*ret = n > 0 ? strtoull(text, &end, 10) : 0;
	return n > 0 && end != text;
}

static bool
read_quota(const struct quota *quota, uint64_t *ret_limit, uint64_t *ret_used)
{
	uint64_t part;

	if (!read_number(quota, 0, ret_limit) || *ret_limit == 0)
		return false;
	*ret_used = 0;
	for (int i = 1; i < QUOTA_FILES; i++) {
		if (!read_number(quota, i, &part))
			return false;
		*ret_used += part;
	}
	return true;
}

/* The disk is the overlay's upper folder, and /tmp; nobody inside mounts
 * others of these where we are. */
static bool
is_of_disk(const char *path, int fd)
{
	struct statfs fs;

	return (path != NULL ? statfs(path, &fs) : fstatfs(fd, &fs)) == 0 &&
	    (fs.f_type == OVERLAYFS_SUPER_MAGIC ||
	    fs.f_type == BTRFS_SUPER_MAGIC);
}

bool
quota_apply(const struct quota *quota, uint64_t block_bytes, uint64_t *blocks,
    uint64_t *free_blocks, uint64_t *available)
{
	uint64_t limit, used, left;

	if (block_bytes == 0 || !read_quota(quota, &limit, &used))
		return false;
	*blocks = limit / block_bytes;
	left = used < limit ? (limit - used) / block_bytes : 0;
	if (*free_blocks > left)
		*free_blocks = left;
	if (*available > left)
		*available = left;
	return true;
}

int
quota_statvfs(const struct quota *quota, const char *path, int fd,
    struct statvfs *ret)
{
	int r = path != NULL ? statvfs(path, ret) : fstatvfs(fd, ret);
	uint64_t blocks = ret->f_blocks, free_blocks = ret->f_bfree,
		 available = ret->f_bavail;

	if (r == 0 && is_of_disk(path, fd) && quota_apply(quota, ret->f_frsize,
	    &blocks, &free_blocks, &available)) {
		ret->f_blocks = blocks;
		ret->f_bfree = free_blocks;
		ret->f_bavail = available;
	}
	return r;
}
