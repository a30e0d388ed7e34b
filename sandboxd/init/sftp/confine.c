// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/sftp/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/sftp/landlock.h"
#include "sandboxd/init/sftp/syscalls.h"

int
confine_enter(struct sftp_server *server, struct err *err)
{
	bool writes = !server->is_read_only;
	int r = landlock_check(err);

	quota_open(&server->quota);
	if (r == 0)
		r = landlock_enter(writes, &server->root, err);
	return r == 0 ? syscalls_limit(writes, err) : r;
}

/* Links of /proc that lead past what their text says are not followed. */
static int
open_plainly(const char *path, int flags, mode_t mode)
{
	const struct open_how how = {.flags = (uint64_t)flags | O_CLOEXEC,
	    .mode = (flags & O_CREAT) != 0 ? mode : 0,
	    .resolve = RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

static bool
is_plain(mode_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode);
}

int
confine_open(const char *path, int flags, mode_t mode)
{
	auto_close int fd = -1;
	struct stat st;

	if (stat(path, &st) == 0 && !is_plain(st.st_mode)) {
		errno = EACCES;
		return -1;
	}
	fd = open_plainly(path, flags | O_NONBLOCK, mode);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!is_plain(st.st_mode)) {
		errno = EACCES;
		return -1;
	}
	return take_fd(&fd);
}

static bool
is_hidden_type(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (fs.f_type == PROC_SUPER_MAGIC ||
	    fs.f_type == SYSFS_MAGIC || fs.f_type == DEVPTS_SUPER_MAGIC);
}

bool
confine_hides(const char *path, bool follows)
{
	auto_close int fd = open_plainly(path,
	    O_PATH | (follows ? 0 : O_NOFOLLOW), 0);

	return fd < 0 ? errno == ELOOP : is_hidden_type(fd);
}

static bool
is_root(const struct sftp_server *server, const char *path)
{
	struct stat st, root;

	return stat(path, &st) == 0 && fstat(dirfd(server->root), &root) == 0 &&
	    st.st_dev == root.st_dev && st.st_ino == root.st_ino;
}

DIR *
confine_opendir(const struct sftp_server *server, const char *path,
    bool *ret_shares)
{
	auto_close int fd = -1;
	DIR *dir;

	*ret_shares = is_root(server, path);
	if (!*ret_shares)
		return opendir(path);
	fd = fcntl(dirfd(server->root), F_DUPFD_CLOEXEC, 0);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir != NULL) {
		(void)take_fd(&fd);
		rewinddir(dir);
	}
	return dir;
}
