// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/settings.h"

/* Of what makes a namespace; a few functions deep. */
#define MAKER_STACK_BYTES (64 * 1024)

/* There where the build has it. */
#pragma weak __asan_unpoison_memory_region
void __asan_unpoison_memory_region(const volatile void *memory, size_t size);

/* What user.max_NAME_namespaces is to be. */
static const struct {
	const char *name;
	unsigned nested;
} kinds[] = {
    {"user", USERNS_NESTED_MAX}, {"mnt", USERNS_NESTED_MAX},
    {"pid", USERNS_NESTED_MAX}, {"net", USERNS_NESTED_NET_MAX},
    {"ipc", USERNS_NESTED_MAX}, {"uts", USERNS_NESTED_MAX},
    {"cgroup", USERNS_NESTED_MAX}, {"time", 0},
};

/*
 * In a process of the namespace that has its capabilities: the kernel shows
 * each its own of these files, whatever procfs they are seen through. sys_fd is
 * its /proc/sys. 0 or -1 and errno.
 */
static int
limit_namespaces(int sys_fd, bool is_nesting)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char path[64], text[16];
		auto_close int fd = -1;
		int n = snprintf(text, sizeof text, "%u",
		    is_nesting ? kinds[i].nested : 0);

		snprintf(path, sizeof path, "user/max_%s_namespaces",
		    kinds[i].name);
		fd = openat(sys_fd, path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue; /* not on this kernel */
		if (fd < 0 || write(fd, text, (size_t)n) != n)
			return -1;
	}
	return 0;
}

int
userns_close(int sys_fd, struct err *err)
{
	return limit_namespaces(sys_fd, false) < 0 ?
	    err_errno(err, "limits of namespaces") : 0;
}

/* By the host's procfs, which has few that nest. */
static int
limit_nested(void)
{
	auto_close int fd = open("/proc/sys", O_PATH | O_DIRECTORY |
	    O_CLOEXEC);

	return fd < 0 ? -1 : limit_namespaces(fd, true);
}

static int
write_map(pid_t pid, const char *file, const char *map, struct err *err)
{
	char path[64];
	auto_close int fd = -1;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, map, strlen(map)) != (ssize_t)strlen(map))
		return err_errno(err, "%s", path);
	return 0;
}

static int
write_maps(pid_t pid, const char *map, struct err *err)
{
	int r = write_map(pid, "uid_map", map, err);

	return r < 0 ? r : write_map(pid, "gid_map", map, err);
}

static int
open_of(pid_t pid, int *ret_fd, struct err *err)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? err_errno(err, "%s", path) : 0;
}

/* The uid changes, the capabilities stay. */
static int
become(uint32_t uid)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_setresuid, -1, uid, -1) < 0 ||
	    syscall(SYS_capget, &header, data) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++)
		data[i].effective = data[i].permitted;
	return (int)syscall(SYS_capset, &header, data);
}

/* Ends with its parent, also where that has ended already. Once the ids are
 * what they will be: a change of them undoes it (prctl(2)). */
static int
end_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -1;
	errno = ESRCH;
	return getppid() == parent ? 0 : -1;
}

/*
 * In the child, whose end is the worker's. What users of the namespace use up
 * the kernel counts against its maker too: inotify instances and watches,
 * queued signals, message queues. Were that root, all sandboxes and the host's
 * own daemons would share root's limits. So the maker is nobody on the host.
 */
static void
make_and_stop(pid_t worker, uint32_t uid_base)
{
	if (become(uid_base) < 0 || unshare(CLONE_NEWUSER) < 0 ||
	    end_with(worker) < 0)
		_exit(errno);
	for (;;)
		kill(getpid(), SIGSTOP);
}

struct maker {
	pid_t worker;
	uint32_t uid_base;
};

static int
run_maker(void *data)
{
	const struct maker *maker = data;

	make_and_stop(maker->worker, maker->uid_base);
	return 1;
}

/*
 * As vfork(2): it has the worker's memory, of which a copy would take longer
 * than all that it does. Nobody sees that: until it has stopped, or ended, the
 * worker waits, and then kills it. Its stack, descriptors and ids are its own.
 * The kernel marks memory whose ids change as not to be dumped, which is undone
 * afterwards.
 */
static pid_t
start_maker(struct maker *maker)
{
	static _Alignas(16) char stack[MAKER_STACK_BYTES];

	/* What the one before had in there is gone with it. */
	if (__asan_unpoison_memory_region != NULL)
		__asan_unpoison_memory_region(stack, sizeof stack);
	return clone(run_maker, stack + sizeof stack, CLONE_VM | SIGCHLD,
	    maker);
}

static int
wait_until_made(pid_t pid, struct err *err)
{
	int status = 0;

	while (waitpid(pid, &status, WUNTRACED) < 0)
		if (errno != EINTR)
			return err_errno(err, "user namespace");
	if (WIFSTOPPED(status))
		return 0;
	return err_set(err, WIFEXITED(status) && WEXITSTATUS(status) != 0 ?
	    WEXITSTATUS(status) : EIO, "user namespace: its maker died");
}

/* Its only purpose was to be named in /proc. */
static void
end_maker(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int
userns_make(uint32_t uid_base, enum userns_kind kind, int *ret_fd,
    struct err *err)
{
	struct maker maker = {.worker = getpid(), .uid_base = uid_base};
	const int is_dumpable = prctl(PR_GET_DUMPABLE) == 1;
	char map[128];
	pid_t pid;
	int r;

	snprintf(map, sizeof map,
	    kind == USERNS_IDMAP ? "0 %u %u\n%u 0 1" : "0 %u %u", uid_base,
	    SANDBOX_UID_COUNT, USERNS_HOST_ROOT);
	pid = start_maker(&maker);
	if (pid < 0)
		return err_errno(err, "user namespace");
	r = wait_until_made(pid, err);
	if (r == 0)
		r = write_maps(pid, map, err);
	if (r == 0)
		r = open_of(pid, ret_fd, err);
	end_maker(pid);
	prctl(PR_SET_DUMPABLE, is_dumpable);
	return r;
}

/* In the inner namespace's maker: id 0 of the outer one. */
static void
make_inner_and_stop(pid_t parent)
{
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0 ||
	    unshare(CLONE_NEWUSER) < 0 || end_with(parent) < 0)
		_exit(errno);
	for (;;)
		kill(getpid(), SIGSTOP);
}

/* In the outer namespace. The maker's pid, or -errno. */
static pid_t
make_inner(pid_t worker, int outer_fd)
{
	const pid_t parent = getpid();
	struct err err = {0};
	char map[32];
	pid_t pid;
	int r;

	if (setns(outer_fd, CLONE_NEWUSER) < 0 || end_with(worker) < 0 ||
	    limit_nested() < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		make_inner_and_stop(parent);
	if (pid < 0)
		return -errno;
	snprintf(map, sizeof map, "0 0 %u", SANDBOX_UID_COUNT);
	r = wait_until_made(pid, &err);
	if (r == 0)
		r = write_maps(pid, map, &err);
	return r < 0 ? r : pid;
}

/*
 * From the outer namespace alone the inner one can be mapped: all of the outer
 * ids are the inner ones. By its ids it still is the host's root, whose the
 * maker's files in /proc are. Until it is killed, and the maker with it.
 */
static void
make_inner_and_wait(pid_t worker, int outer_fd, int pipe_fd)
{
	pid_t pid = make_inner(worker, outer_fd);

	(void)fd_write_all(pipe_fd, &pid, sizeof pid);
	while (pid > 0)
		pause();
	_exit(1);
}

int
userns_make_nesting(uint32_t uid_base, int *ret_fd, struct err *err)
{
	auto_close int outer_fd = -1, read_fd = -1, write_fd = -1;
	const pid_t worker = getpid();
	int pipe_fds[2], r;
	pid_t pid, maker = -1;

	r = userns_make(uid_base, USERNS_SANDBOX, &outer_fd, err);
	if (r < 0)
		return r;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_errno(err, "nested user namespace");
	read_fd = pipe_fds[0];
	write_fd = pipe_fds[1];
	pid = fork();
	if (pid == 0)
		make_inner_and_wait(worker, outer_fd, write_fd);
	if (pid < 0)
		return err_errno(err, "nested user namespace");
	fd_close(&write_fd);
	if (fd_read_all(read_fd, &maker, sizeof maker) < 0)
		maker = -EIO;
	r = maker > 0 ? open_of(maker, ret_fd, err) :
	    err_set(err, -maker, "nested user namespace: %s",
	    strerror(-maker));
	end_maker(pid);
	return r;
}
