// SPDX-License-Identifier: Apache-2.0
/*
 * Who holds a sandbox's root file system while it dies: one child with that and
 * a pipe open and nothing else, for an overlay alone, as many as there may be,
 * and no longer than it is wanted.
 */
#include "sandboxd/recipe/hold.h"

#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "common/fd.h"
#include "tests/root/check.h"

#define ID	   "sb_0123456789ab"
#define TURN_US	   10000
#define TURNS_MAX  6000
#define REMOVE_MS  60000

static const struct cgroup_limits limits = {.memory_bytes = 64 << 20,
    .pids = 16, .cpu_millis = 1000};
static char folder[] = "/tmp/test-hold-root-XXXXXX";

/* What the sandbox's process does: it has an overlay as its root, or not. */
static void
live(bool has_overlay, int ready_fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (has_overlay && (unshare(CLONE_NEWNS) < 0 || chdir(folder) < 0 ||
	    mount("overlay", "root", "overlay", 0,
	    "lowerdir=lower,upperdir=upper,workdir=work") < 0 ||
	    chroot("root") < 0))
		_exit(1);
	(void)!write(ready_fd, "x", 1);
	for (;;)
		(void)pause();
}

static bool
start(const struct cgroup_host *host, bool has_overlay, pid_t *ret)
{
	struct err err = {0};
	int fds[2];
	char byte;
	bool is_ready;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	*ret = fork();
	if (*ret == 0)
		live(has_overlay, fds[1]);
	(void)close(fds[1]);
	is_ready = read(fds[0], &byte, 1) == 1;
	(void)close(fds[0]);
	return CHECK(is_ready, "no overlay") &&
	    CHECK(cgroup_attach(host, ID, *ret, false, &err) == 0, "%s",
	    err.text);
}

/* Our children, one a line of `ps`; the first but `other` in *ret. */
static unsigned
count_children(pid_t other, pid_t *ret)
{
	FILE *file = fopen("/proc/thread-self/children", "re");
	unsigned n = 0;
	int pid;

	while (file != NULL && fscanf(file, "%d", &pid) == 1) {
		if (pid != (int)other)
			*ret = pid;
		n++;
	}
	if (file != NULL)
		(void)fclose(file);
	return n;
}

static bool
await_children(unsigned wanted)
{
	pid_t pid;

	for (int i = 0; i < TURNS_MAX; i++) {
		if (count_children(-1, &pid) == wanted)
			return true;
		(void)usleep(TURN_US);
	}
	return false;
}

static bool
holds_overlay(pid_t pid)
{
	char path[64];
	struct statfs status;

	(void)snprintf(path, sizeof path, "/proc/%d/fd/0", (int)pid);
	return statfs(path, &status) == 0 &&
	    status.f_type == OVERLAYFS_SUPER_MAGIC;
}

/* The descriptors it has: the root file system and the end of a pipe. */
static bool
has_two_open(pid_t pid)
{
	char path[64];
	struct stat st;

	for (int fd = 0; fd < 64; fd++) {
		(void)snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid,
		    fd);
		if ((lstat(path, &st) == 0) != (fd < 2))
			return false;
	}
	return true;
}

/* It has just been forked: what it inherited is closed in a moment. */
static bool
is_set_up(pid_t pid)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		if (holds_overlay(pid) && has_two_open(pid))
			return true;
		(void)usleep(TURN_US);
	}
	return false;
}

static void
test_nothing_to_hold(const struct cgroup_host *host)
{
	struct err err = {0};
	pid_t pid;

	CHECK(hold_root(host, ID) < 0, "holds what has no process");
	CHECK(hold_root(host, "sb_zzzzzzzzzzzz") < 0, "holds what is not");
	if (!start(host, false, &pid))
		return;
	CHECK(hold_root(host, ID) < 0, "holds what is no overlay");
	CHECK(cgroup_kill(host, ID, &err) == 0, "%s", err.text);
	CHECK(await_children(0), "a child stays");
}

static void
test_hold(const struct cgroup_host *host)
{
	struct err err = {0};
	pid_t pid, holder = -1;
	int fd;

	if (!start(host, true, &pid))
		return;
	fd = hold_root(host, ID);
	if (!CHECK(fd >= 0, "nothing is held"))
		return;
	CHECK(count_children(pid, &holder) == 2 && is_set_up(holder),
	    "the one that holds has other things open");
	CHECK(cgroup_kill(host, ID, &err) == 0, "%s", err.text);
	CHECK(await_children(1), "the sandbox does not die");
	CHECK(holds_overlay(holder), "it is not held beyond its death");
	fd_close(&fd);
	CHECK(await_children(0), "it is held for ever");
}

static void
test_most(const struct cgroup_host *host)
{
	int fds[HOLDS_MAX];
	struct err err = {0};
	pid_t pid;

	if (!start(host, true, &pid))
		return;
	for (int i = 0; i < HOLDS_MAX; i++)
		CHECK((fds[i] = hold_root(host, ID)) >= 0, "no place %d", i);
	CHECK(hold_root(host, ID) < 0, "more than HOLDS_MAX");
	fd_close(&fds[3]);
	CHECK(await_children(HOLDS_MAX), "one goes on");
	CHECK((fds[3] = hold_root(host, ID)) >= 0, "its place is lost");
	CHECK(cgroup_kill(host, ID, &err) == 0, "%s", err.text);
	for (int i = 0; i < HOLDS_MAX; i++)
		fd_close(&fds[i]);
	CHECK(await_children(0), "some go on");
}

static bool
make_folders(void)
{
	static const char *const names[] = {"lower", "upper", "work", "root"};

	if (mkdtemp(folder) == NULL || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", folder, "tmpfs", 0, NULL) < 0 || chdir(folder) < 0)
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (mkdir(names[i], 0755) < 0)
			return false;
	return chdir("/") == 0;
}

int
main(void)
{
	struct cgroup_host *host = NULL;
	struct err err = {0};
	char parent[64];

	skip_unless_root();
	signal(SIGCHLD, SIG_IGN); /* as workers do */
	(void)snprintf(parent, sizeof parent, "sandgate-test-%d",
	    (int)getpid());
	if (CHECK(make_folders(), "folders") &&
	    CHECK(cgroup_detect(parent, &host, &err) == 0, "%s", err.text) &&
	    CHECK(cgroup_create(host, ID, &limits, &err) == 0, "%s",
	    err.text)) {
		test_nothing_to_hold(host);
		test_hold(host);
		test_most(host);
		CHECK(cgroup_remove(host, ID, REMOVE_MS, &err) == 0, "%s",
		    err.text);
		CHECK(cgroup_remove_parent(host, &err) == 0, "%s", err.text);
	}
	cgroup_host_free(host);
	(void)umount2(folder, MNT_DETACH);
	(void)rmdir(folder);
	return check_result();
}
