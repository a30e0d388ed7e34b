// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/answers.h"

#include <fcntl.h>
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
#include "sandboxd/init/init.h"

/* What the kernel has of either may be more than our headers know. */
#define QUESTION_SIZE 1024

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

/* Opens its memory, and of what it asks *ret_fd, where that is a file; with its
 * rights to files, and nobody's capabilities: as root of the sandbox, where it
 * is that. */
static void
open_as_caller(const struct disk_size *size, struct asker *asker,
    const struct waiting *waiting, int *ret_fd)
{
	struct stat st;

	if (fstat(asker->folder_fd, &st) < 0)
		return;
	(void)setfsgid(st.st_gid);
	(void)setfsuid(st.st_uid);
	asker->memory_fd = openat(asker->folder_fd, "mem",
	    O_RDWR | O_CLOEXEC);
	/* Its number may be another's by now; not once it still waits. */
	if (asker->memory_fd >= 0 && is_still_there(waiting) &&
	    asker->data->nr != SYS_sysinfo)
		*ret_fd = disk_size_open(size, asker);
	(void)setfsuid(0);
	(void)setfsgid(0);
	(void)prctl(PR_SET_DUMPABLE, 0);
}

struct told {
	union {
		struct statfs status;
		struct sysinfo info;
	} data;
	size_t size; /* 0: the kernel is to tell */
	uint64_t at; /* where the caller wants it */
};

static void
tell(struct answers *answers, const struct seccomp_data *data, int fd,
    struct told *ret)
{
	*ret = (struct told){.size = 0};
	if (data->nr == SYS_sysinfo) {
		ret->at = data->args[0];
		if (self_info_tell(&answers->self_info, &ret->data.info))
			ret->size = sizeof ret->data.info;
	} else {
		ret->at = data->args[1];
		if (disk_size_tell(&answers->disk_size, fd, &ret->data.status))
			ret->size = sizeof ret->data.status;
	}
}

/* Whether the caller has its answer. */
static bool
answer(struct answers *answers, const struct seccomp_notif *question)
{
	const struct waiting waiting = {answers->watch.fd, question->id};
	struct asker asker = {&question->data, -1, -1};
	struct told told;
	char name[32];
	int fd = -1;
	bool is_told;

	if (!answers->is_able)
		return false;
	snprintf(name, sizeof name, "/proc/%u", question->pid);
	asker.folder_fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (asker.folder_fd >= 0)
		open_as_caller(&answers->disk_size, &asker, &waiting, &fd);
	told.size = 0;
	if (asker.memory_fd >= 0)
		tell(answers, &question->data, fd, &told);
	/* A signal may have taken it back to where it has other uses for what
	 * we write to: asked as late as can be. */
	is_told = told.size > 0 && is_still_there(&waiting) &&
	    pwrite(asker.memory_fd, &told.data, told.size, (off_t)told.at) ==
	    (ssize_t)told.size;
	fd_close(&fd);
	fd_close(&asker.memory_fd);
	fd_close(&asker.folder_fd);
	return is_told;
}

/* One whose caller was killed meanwhile is not there to be taken. */
static void
answer_next(struct answers *answers)
{
	union question question;
	union answer reply;

	memset(&question, 0, sizeof question);
	memset(&reply, 0, sizeof reply);
	if (ioctl(answers->watch.fd, SECCOMP_IOCTL_NOTIF_RECV, &question) < 0)
		return;
	reply.head.id = question.head.id;
	if (!answer(answers, &question.head))
		reply.head.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	(void)ioctl(answers->watch.fd, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

static void
asked(struct watch *watch, uint32_t events)
{
	if ((events & EPOLLIN) != 0)
		answer_next((struct answers *)watch);
}

void
answers_give(struct init *init)
{
	struct pollfd pollfd = {.fd = init->answers.watch.fd,
	    .events = POLLIN};

	while (pollfd.fd >= 0 && poll(&pollfd, 1, 0) == 1 &&
	    (pollfd.revents & POLLIN) != 0)
		answer_next(&init->answers);
}

void
answers_init(struct init *init, int fd)
{
	struct answers *answers = &init->answers;

	*answers = (struct answers){.watch = {-1, asked}};
	disk_size_init(&answers->disk_size);
	if (!is_listener(fd) || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return;
	answers->is_able = fits() && !is_traceable();
	/* Whatever we have to tell, who asks waits; once it is closed they are
	 * refused. */
	answers->watch.fd = fd;
	(void)ioctl(fd, SET_FLAGS, SYNC_WAKE_UP);
	if (loop_add(&init->loop, &answers->watch, EPOLLIN) < 0)
		fd_close(&answers->watch.fd);
}
