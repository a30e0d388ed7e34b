// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/disk_size.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/statfs_plain.h"

#define PAGE_BYTES 4096

/* The number of the mount that a path is in; 0: unknown. */
static uint64_t
mount_of(int fd, const char *path)
{
	struct statx st;

	return statx(fd, path, AT_EMPTY_PATH, STATX_MNT_ID, &st) == 0 &&
	    (st.stx_mask & STATX_MNT_ID) != 0 ? st.stx_mnt_id : 0;
}

/* What it asks of, as the caller would have opened it; -1: none of our
 * business. */
static int
open_named(const struct disk_size *size, const struct asker *asker,
    const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
	    .resolve = RESOLVE_NO_MAGICLINKS};
	auto_close int base_fd = -1;
	struct stat root;

	if (fstatat(asker->folder_fd, "root", &root, 0) < 0 ||
	    root.st_dev != size->root_device || root.st_ino != size->root_file)
		return -1;
	base_fd = openat(asker->folder_fd, "cwd",
	    O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base_fd < 0)
		return -1;
	return (int)syscall(SYS_openat2, base_fd, path, &how, sizeof how);
}

/* A string of the caller's; false: too long, or not there. A page at a time,
 * for the next may be none of its. */
static bool
read_path(int memory_fd, uint64_t at, char ret[PATH_MAX])
{
	size_t used = 0;

	while (used < PATH_MAX) {
		size_t n = PAGE_BYTES - (at + used) % PAGE_BYTES;
		ssize_t got;

		if (n > PATH_MAX - used)
			n = PATH_MAX - used;
		got = pread(memory_fd, ret + used, n, (off_t)(at + used));
		if (got <= 0)
			return false;
		if (memchr(ret + used, '\0', (size_t)got) != NULL)
			return true;
		used += (size_t)got;
	}
	return false;
}

int
disk_size_open(const struct disk_size *size, const struct asker *asker)
{
	char path[PATH_MAX], name[32];

	if (asker->data->nr == SYS_fstatfs) {
		snprintf(name, sizeof name, "fd/%d", (int)asker->data->args[0]);
		return openat(asker->folder_fd, name, O_PATH | O_CLOEXEC);
	}
	return read_path(asker->memory_fd, asker->data->args[0], path) ?
	    open_named(size, asker, path) : -1;
}

static bool
is_of_disk(const struct disk_size *size, int fd)
{
	const uint64_t mount = mount_of(fd, "");

	return mount != 0 &&
	    (mount == size->mounts[0] || mount == size->mounts[1]);
}

bool
disk_size_tell(const struct disk_size *size, int fd, struct statfs *ret)
{
	uint64_t blocks, free_blocks, available;

	if (fd < 0 || !is_of_disk(size, fd) || fstatfs_plain(fd, ret) < 0)
		return false;
	blocks = ret->f_blocks;
	free_blocks = ret->f_bfree;
	available = ret->f_bavail;
	if (!quota_apply(&size->quota, (uint64_t)ret->f_frsize, &blocks,
	    &free_blocks, &available))
		return false;
	ret->f_blocks = blocks;
	ret->f_bfree = free_blocks;
	ret->f_bavail = available;
	return true;
}

void
disk_size_init(struct disk_size *size)
{
	struct stat root;

	*size = (struct disk_size){0};
	quota_init(&size->quota);
	if (stat("/", &root) < 0)
		return;
	size->mounts[0] = mount_of(AT_FDCWD, "/");
	size->mounts[1] = mount_of(AT_FDCWD, "/tmp");
	size->root_device = root.st_dev;
	size->root_file = root.st_ino;
}
