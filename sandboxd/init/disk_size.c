// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/disk_size.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/statfs_plain.h"
#include "sandboxd/init/init.h"

/* What the kernel has of either may be more than our headers know. */
#define QUESTION_SIZE 1024

#define PAGE_BYTES 4096

/* SECCOMP_IOCTL_NOTIF_SET_FLAGS and SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, of
 * Linux 6.6, which older headers have not: who asks and who answers take turns
 * on one CPU. */
#define SET_FLAGS    SECCOMP_IOW(4, uint64_t)
#define SYNC_WAKE_UP 1UL

union question {
	struct seccomp_notif head;
	char room[QUESTION_SIZE];
};

union answer {
	struct seccomp_notif_resp head;
	char room[QUESTION_SIZE];
};

/* One who asks. */
struct asker {
	const struct seccomp_data *data;
	int folder_fd; /* its /proc/ID */
	int memory_fd;
};

static bool
is_listener(int fd)
{
	char link[32], what[64] = "";

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return readlink(link, what, sizeof what - 1) > 0 &&
	    strcmp(what, "anon_inode:seccomp notify") == 0;
}

/* With 1, as only debuggers of the host would have it, who takes another's
 * file rights for a moment could be traced then. */
static bool
is_traceable(void)
{
	auto_close int fd = open("/proc/sys/fs/suid_dumpable",
	    O_RDONLY | O_CLOEXEC);
	char digit = '0';

	return fd >= 0 && read(fd, &digit, 1) == 1 && digit == '1';
}

static bool
fits(void)
{
	struct seccomp_notif_sizes sizes;

	return syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
	    sizes.seccomp_notif <= QUESTION_SIZE &&
	    sizes.seccomp_notif_resp <= QUESTION_SIZE;
}

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

static int
open_asked(const struct disk_size *size, const struct asker *asker)
{
	char path[PATH_MAX], name[32];

	if (asker->data->nr == SYS_fstatfs) {
		snprintf(name, sizeof name, "fd/%d", (int)asker->data->args[0]);
		return openat(asker->folder_fd, name, O_PATH | O_CLOEXEC);
	}
	return read_path(asker->memory_fd, asker->data->args[0], path) ?
	    open_named(size, asker, path) : -1;
}

/* With the caller's rights to files, and nobody's capabilities: as root of the
 * sandbox, where it is that. */
static int
open_as_caller(const struct disk_size *size, struct asker *asker,
    bool (*is_still_there)(const void *arg), const void *arg)
{
	struct stat st;
	int fd = -1;

	if (fstat(asker->folder_fd, &st) < 0)
		return -1;
	(void)setfsgid(st.st_gid);
	(void)setfsuid(st.st_uid);
	asker->memory_fd = openat(asker->folder_fd, "mem",
	    O_RDWR | O_CLOEXEC);
	/* Its number may be another's by now; not once it still waits. */
	if (asker->memory_fd >= 0 && is_still_there(arg))
		fd = open_asked(size, asker);
	(void)setfsuid(0);
	(void)setfsgid(0);
	(void)prctl(PR_SET_DUMPABLE, 0);
	return fd;
}

static bool
is_of_disk(const struct disk_size *size, int fd)
{
	const uint64_t mount = mount_of(fd, "");

	return mount != 0 &&
	    (mount == size->mounts[0] || mount == size->mounts[1]);
}

static bool
tell(const struct disk_size *size, int fd, struct statfs *ret)
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

struct waiting {
	int listener_fd;
	uint64_t id;
};

static bool
is_still_there(const void *arg)
{
	const struct waiting *waiting = arg;
	uint64_t id = waiting->id;

	return ioctl(waiting->listener_fd, SECCOMP_IOCTL_NOTIF_ID_VALID,
	    &id) == 0;
}

/* Whether the caller has its answer. */
static bool
answer(const struct disk_size *size, const struct seccomp_notif *question)
{
	const struct waiting waiting = {size->watch.fd, question->id};
	struct asker asker = {&question->data, -1, -1};
	char name[32];
	struct statfs status;
	int fd = -1;
	bool is_told;

	snprintf(name, sizeof name, "/proc/%u", question->pid);
	asker.folder_fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (asker.folder_fd >= 0)
		fd = open_as_caller(size, &asker, is_still_there, &waiting);
	/* A signal may have taken it back to where it has other uses for what
	 * we write to: asked as late as can be. */
	is_told = tell(size, fd, &status) && is_still_there(&waiting) &&
	    pwrite(asker.memory_fd, &status, sizeof status,
	    (off_t)question->data.args[1]) == sizeof status;
	fd_close(&fd);
	fd_close(&asker.memory_fd);
	fd_close(&asker.folder_fd);
	return is_told;
}

/* One whose caller was killed meanwhile is not there to be taken. */
static void
answer_next(const struct disk_size *size)
{
	union question question;
	union answer reply;

	memset(&question, 0, sizeof question);
	memset(&reply, 0, sizeof reply);
	if (ioctl(size->watch.fd, SECCOMP_IOCTL_NOTIF_RECV, &question) < 0)
		return;
	reply.head.id = question.head.id;
	if (!answer(size, &question.head))
		reply.head.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	(void)ioctl(size->watch.fd, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

static void
asked(struct watch *watch, uint32_t events)
{
	if ((events & EPOLLIN) != 0)
		answer_next((const struct disk_size *)watch);
}

void
disk_size_answer(struct init *init)
{
	struct pollfd pollfd = {.fd = init->disk_size.watch.fd,
	    .events = POLLIN};

	while (pollfd.fd >= 0 && poll(&pollfd, 1, 0) == 1 &&
	    (pollfd.revents & POLLIN) != 0)
		answer_next(&init->disk_size);
}

void
disk_size_init(struct init *init, int fd)
{
	struct disk_size *size = &init->disk_size;
	struct stat root;

	*size = (struct disk_size){.watch = {-1, asked}};
	quota_init(&size->quota);
	if (!is_listener(fd) || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return;
	if (stat("/", &root) == 0 && fits() && !is_traceable()) {
		size->mounts[0] = mount_of(AT_FDCWD, "/");
		size->mounts[1] = mount_of(AT_FDCWD, "/tmp");
		size->root_device = root.st_dev;
		size->root_file = root.st_ino;
	}
	/* Whatever we have to tell, who asks waits; once it is closed they are
	 * refused. */
	size->watch.fd = fd;
	(void)ioctl(fd, SET_FLAGS, SYNC_WAKE_UP);
	if (loop_add(&init->loop, &size->watch, EPOLLIN) < 0)
		fd_close(&size->watch.fd);
}
