// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/memory_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/recipe/memory_folders.h"

static const struct {
	const char *name;
	unsigned mode;
	bool is_owned;
} folders[] = {
    {MEMORY_PLACE_DEV, 0755, true},
    {MEMORY_PLACE_RUN, 0755, true},
    {MEMORY_PLACE_EMPTY, 0555, false},
    {MEMORY_PLACE_GROUPS, 0555, false},
    {MEMORY_PLACE_DISK, 0555, false},
};

static int
make_folders(int place_fd, uint32_t owner, struct err *err)
{
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		const char *name = folders[i].name;

		if (mkdirat(place_fd, name, folders[i].mode) < 0 ||
		    (folders[i].is_owned && fchownat(place_fd, name, owner,
		    owner, AT_SYMLINK_NOFOLLOW) < 0))
			return err_errno(err, "folder %s in memory", name);
	}
	return 0;
}

int
memory_place_make(const char *place, uint32_t owner,
    uint64_t memory_limit_bytes, int *ret_fd, struct err *err)
{
	auto_close int fd = -1;
	char options[64];
	int r;

	(void)snprintf(options, sizeof options, "mode=700,size=%llu",
	    (unsigned long long)memory_folder_bytes(
	    &memory_folders[MEMORY_FOLDER_RUN], memory_limit_bytes));
	if (mount("tmpfs", place, "tmpfs", MS_NOSUID, options) < 0 ||
	    (fd = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		return err_errno(err, "tmpfs at %s", place);
	if ((r = make_folders(fd, owner, err)) < 0)
		return r;
	*ret_fd = take_fd(&fd);
	return 0;
}

int
memory_place_put(int place_fd, const char *folder, const char *path,
    uint64_t attributes, struct err *err)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_NOSUID | attributes};
	auto_close int fd = open_tree(place_fd, folder,
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 ||
	    mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0 ||
	    move_mount(fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH |
	    MOVE_MOUNT_T_SYMLINKS) < 0)
		return err_errno(err, "memory on /%s", path);
	return 0;
}
