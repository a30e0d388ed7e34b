// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/host/shared.h"
#include "sandboxd/net/net.h"
#include "sandboxd/recipe/blank.h"
#include "sandboxd/recipe/caps.h"
#include "sandboxd/recipe/disk_mount.h"
#include "sandboxd/recipe/disk_view.h"
#include "sandboxd/recipe/limits_view.h"
#include "sandboxd/recipe/masks.h"
#include "sandboxd/recipe/memory_folders.h"
#include "sandboxd/recipe/memory_place.h"
#include "sandboxd/recipe/userns.h"

#define TTY_GROUP 5 /* Debian's */

/* What a process of the sandbox may open at once; the soft limit is what
 * programs that select(2) expect. */
#define OPEN_FILES_SOFT 1024
#define OPEN_FILES_HARD 65536

/*
 * Init comes before all that it starts, which goes back to 0 (child.c): its
 * group may be full of processes that each want the CPU. Root of a sandbox has
 * no capability to do the same.
 */
#define INIT_NICE (-20)

/* What init is born with: its listener, then files of its groups, and its
 * log. */
#define LISTENER_FD   3
#define N_INIT_FDS    (1 + N_CGROUP_INIT_FILE + 2)
#define FIRST_FREE_FD (LISTENER_FD + N_INIT_FDS)

/* The limit at which the kernel pipes no core dump (core(5)); 0 is not it. */
#define CORE_NOT_PIPED 1

struct device {
	const char *path;
	unsigned major, minor;
};

static const struct device devices[] = {
    {"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7},
    {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0},
};

static const char *const device_links[][2] = {
    {"pts/ptmx", "dev/ptmx"},
    {"/proc/self/fd", "dev/fd"},
    {"/proc/self/fd/0", "dev/stdin"},
    {"/proc/self/fd/1", "dev/stdout"},
    {"/proc/self/fd/2", "dev/stderr"},
};

/* Neither limit above what the daemon itself has: that takes a capability. */
static int
lower_limit(__rlimit_resource_t which, rlim_t soft, rlim_t hard)
{
	struct rlimit limit;

	if (getrlimit(which, &limit) < 0)
		return -1;
	if (limit.rlim_max > hard)
		limit.rlim_max = hard;
	limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
	return setrlimit(which, &limit);
}

/*
 * For the kernel counts processes of a user too. Init may start as many as any
 * sandbox may have, as its own limit can become another, and gives what is not
 * the owner's rescue that one, which `ulimit -u` shows.
 */
static int
limit_processes(const struct inside *inside)
{
	const rlim_t all = (rlim_t)inside->runtime->ceilings.pids.value +
	    CGROUP_PIDS_RESERVE;

	return lower_limit(RLIMIT_NPROC, all, all);
}

/* What the worker was keeps nothing here: signals, limits, keys, a terminal. */
static int
shed_worker(const struct inside *inside, struct err *err)
{
	sigset_t none;

	for (int signal = 1; signal < NSIG; signal++)
		if (signal != SIGKILL && signal != SIGSTOP)
			sigaction(signal,
			    &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	setsid();
	if (lower_limit(RLIMIT_NOFILE, OPEN_FILES_SOFT, OPEN_FILES_HARD) < 0 ||
	    (inside->runtime->are_cores_piped ?
	    lower_limit(RLIMIT_CORE, CORE_NOT_PIPED, CORE_NOT_PIPED) :
	    lower_limit(RLIMIT_CORE, 0, RLIM_INFINITY)) < 0 ||
	    limit_processes(inside) < 0 ||
	    setpriority(PRIO_PROCESS, 0, INIT_NICE) < 0)
		return err_errno(err, "limits");
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 &&
	    errno != ENOSYS)
		return err_errno(err, "session keyring");
	return 0;
}

static int
attach_root(const struct inside *inside, struct err *err)
{
	const char *place = inside->runtime->scratch;
	int r;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_errno(err, "private mounts");
	/* Below the root, and so gone with the host's. */
	if ((r = memory_place_make(place, inside->uid_base,
	    inside->memory_limit_bytes, inside->place_fd, err)) < 0)
		return r;
	if (move_mount(inside->root_fd, "", AT_FDCWD, place,
	    MOVE_MOUNT_F_EMPTY_PATH) < 0 || chdir(place) < 0)
		return err_errno(err, "root at %s", place);
	return 0;
}

static int
mount_one(const char *type, const char *path, unsigned long flags,
    const char *options, struct err *err)
{
	if (mount(type, path, type, flags | MS_NOSUID | MS_NOEXEC, options) < 0)
		return err_errno(err, "%s on %s", type, path);
	return 0;
}

static int
mount_kernel(const struct inside *inside, struct err *err)
{
	int r;

	if ((r = mount_one("proc", "proc", MS_NODEV, NULL, err)) < 0)
		return r;
	*inside->sys_fd = open("proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*inside->sys_fd < 0)
		return err_errno(err, "/proc/sys");
	return mount_one("sysfs", "sys", MS_NODEV | MS_RDONLY, NULL, err);
}

static int
mount_limits(const struct inside *inside, struct err *err)
{
	const struct runtime *runtime = inside->runtime;
	int place_fd = *inside->place_fd, r;

	if ((r = limits_view_mount(runtime, inside->id, place_fd, err)) < 0 ||
	    (r = disk_view_mount(runtime, inside->id, place_fd, err)) < 0)
		return r;
	return view_mount(&runtime->views, inside->slot, err);
}

/* A device node or link of the sandbox's root. */
static int
make_devices(uint32_t owner, struct err *err)
{
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
		const struct device *d = &devices[i];

		if (mknod(d->path, S_IFCHR, makedev(d->major, d->minor)) < 0 ||
		    lchown(d->path, owner, owner) < 0 ||
		    chmod(d->path, 0666) < 0)
			return err_errno(err, "%s", d->path);
	}
	for (size_t i = 0; i < sizeof device_links / sizeof *device_links; i++)
		if (symlink(device_links[i][0], device_links[i][1]) < 0 ||
		    lchown(device_links[i][1], owner, owner) < 0)
			return err_errno(err, "%s", device_links[i][1]);
	return 0;
}

/*
 * FUSE, which the kernel mounts for root of a user namespace, and a procfs that
 * nothing lies on: it lets them mount one of their own only where there is such
 * a one to be seen. No process reaches it: the folder is the host's root's.
 */
static int
mount_for_nesting(uint32_t owner, struct err *err)
{
	static const char path[] = "dev/fuse";

	if (mknod(path, S_IFCHR, makedev(10, 229)) < 0 ||
	    lchown(path, owner, owner) < 0 || chmod(path, 0666) < 0)
		return err_errno(err, "%s", path);
	if (mkdir("dev/.nesting", 0700) < 0 ||
	    mkdir("dev/.nesting/proc", 0) < 0)
		return err_errno(err, "dev/.nesting");
	return mount_one("proc", "dev/.nesting/proc", MS_NODEV, NULL, err);
}

static int
mount_dev(const struct inside *inside, struct err *err)
{
	uint32_t owner = inside->uid_base;
	char options[128];
	int r;

	if ((r = memory_place_put(*inside->place_fd, MEMORY_PLACE_DEV, "dev",
	    MOUNT_ATTR_NOEXEC, err)) < 0 ||
	    (r = make_devices(owner, err)) < 0)
		return r;
	if (mkdir("dev/pts", 0755) < 0 || mkdir("dev/shm", 01777) < 0 ||
	    mkdir("dev/mqueue", 01777) < 0)
		return err_errno(err, "folders of /dev");
	snprintf(options, sizeof options,
	    "newinstance,ptmxmode=0666,mode=0620,gid=%u,max=%u",
	    owner + TTY_GROUP, shared_terminals());
	if ((r = mount_one("devpts", "dev/pts", 0, options, err)) < 0)
		return r;
	if (inside->is_nesting && (r = mount_for_nesting(owner, err)) < 0)
		return r;
	/* Not every kernel has message queues. */
	if ((r = mount_one("mqueue", "dev/mqueue", MS_NODEV, NULL, err)) < 0 &&
	    r != -ENODEV)
		return r;
	return limits_view_cpus(owner, err);
}

static int
mount_tmp(const struct inside *inside, struct err *err)
{
	if (move_mount(inside->tmp_fd, "", AT_FDCWD, "tmp",
	    MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_errno(err, "/tmp");
	return disk_mounts_attach(inside->disks, inside->mount_fds,
	    inside->uid_base, err);
}

static int
mount_memory(const struct inside *inside, struct err *err)
{
	const struct memory_folder *shm = &memory_folders[MEMORY_FOLDER_SHM];
	char options[128];

	snprintf(options, sizeof options, "mode=%o,uid=%u,gid=%u,size=%llu",
	    shm->mode, inside->uid_base, inside->uid_base,
	    (unsigned long long)memory_folder_bytes(shm,
	    inside->memory_limit_bytes));
	if (mount("tmpfs", shm->path, "tmpfs", MS_NOSUID | MS_NODEV,
	    options) < 0)
		return err_errno(err, "tmpfs on %s", shm->path);
	return memory_place_put(*inside->place_fd, MEMORY_PLACE_RUN, "run",
	    MOUNT_ATTR_NODEV, err);
}

static int
hide_kernel(const struct inside *inside, struct err *err)
{
	return masks_mount(inside->runtime->settings->masked_paths,
	    *inside->place_fd, err);
}

/* The old root goes below the new one and away, and the host with it. */
static int
enter_root(const struct inside *inside, struct err *err)
{
	if (syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_errno(err, "pivot_root");
	if (sethostname(inside->id, strlen(inside->id)) < 0)
		return err_errno(err, "sethostname");
	return 0;
}

/*
 * 0, whatever sandboxd runs with. A negative value would also become the
 * floor that every process of the sandbox may lower itself to, and so be
 * spared by the kernel while the host's daemons are killed.
 */
static int
reset_oom_score(const struct inside *inside, struct err *err)
{
	auto_close int fd = open("/proc/self/oom_score_adj",
	    O_WRONLY | O_CLOEXEC);

	(void)inside;
	if (fd < 0 || write(fd, "0", 1) != 1)
		return err_errno(err, "oom_score_adj");
	return 0;
}

/* Until here the host could still put things in place from outside. */
static int
wait_for_host(const struct inside *inside, struct err *err)
{
	char go;
	ssize_t n;

	do
		n = read(inside->talk_fd, &go, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		return err_set(err, ECANCELED, "the host gave up");
	/* After the cgroups were joined, so that they are the root seen. */
	if (unshare(CLONE_NEWCGROUP) < 0)
		return err_errno(err, "cgroup namespace");
	return 0;
}

static int
settle_network(const struct inside *inside, struct err *err)
{
	return net_settle(*inside->sys_fd, inside->uid_base, err);
}

static int
become_sandbox_root(const struct inside *inside, struct err *err)
{
	if (setns(inside->userns_fd, CLONE_NEWUSER) < 0)
		return err_errno(err, "user namespace");
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0)
		return err_errno(err, "uid 0 of the sandbox");
	/* Where it may nest its limits are the outer one's. */
	return inside->is_nesting ? 0 : userns_close(*inside->sys_fd, err);
}

static int
load_filters(const struct inside *inside, struct err *err)
{
	const struct runtime *runtime = inside->runtime;
	int r;

	if (!inside->is_nesting)
		return seccomp_filter_load(&runtime->filter, inside->size_fd,
		    err);
	if (runtime->nesting[1].instructions == NULL)
		return err_set(err, EPERM, "nesting: allow_nesting of "
		    "[sandboxd] is no");
	r = seccomp_filter_load(&runtime->nesting[0], NULL, err);
	return r < 0 ? r : seccomp_filter_load(&runtime->nesting[1], NULL,
	    err);
}

static int
confine(const struct inside *inside, struct err *err)
{
	int r = load_filters(inside, err);

	return r < 0 ? r : caps_drop(err);
}

/* Descriptors 0 to 2 are /dev/null; exec_init has those from 3 on ready. */
static int
arrange_descriptors(const struct inside *inside, struct err *err)
{
	int null_fd = open("/dev/null", O_RDWR);

	(void)inside;
	for (int fd = 0; fd <= 2; fd++)
		if (null_fd < 0 || (null_fd != fd && dup2(null_fd, fd) < 0))
			return err_errno(err, "/dev/null");
	if (null_fd > 2)
		close(null_fd);
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return err_errno(err, "close_range");
	return 0;
}

/* In order; fail_at counts them from INSIDE_FIRST_STEP. */
static const struct {
	const char *name;
	int (*run)(const struct inside *inside, struct err *err);
} steps[] = {
    {"shed", shed_worker},
    {"root", attach_root},
    {"kernel file systems", mount_kernel},
    {"limits", mount_limits},
    {"dev", mount_dev},
    {"tmp", mount_tmp},
    {"tmpfs", mount_memory},
    {"mask", hide_kernel},
    {"pivot", enter_root},
    {"oom score", reset_oom_score},
    {"wait", wait_for_host},
    {"network", settle_network},
    {"descriptors", arrange_descriptors},
    {"user", become_sandbox_root},
    {"confine", confine},
};

static void
report(const struct inside *inside, struct err *err, const char *step)
{
	err_wrap(err, "inside: %s", step);
	fd_write_all(inside->talk_fd, err, sizeof *err);
	_exit(1);
}

/* Out of the way of what init is to find at its numbers. */
static int
move_up(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
}

/* Those that init finds, the listener first; all are above their places. */
static int
place_descriptors(const int *from, struct err *err)
{
	for (int i = 0; i < N_INIT_FDS; i++)
		if (from[i] < 0 || dup2(from[i], LISTENER_FD + i) < 0)
			return err_errno(err, "descriptor %d", LISTENER_FD + i);
	return 0;
}

/* dup2 last of all: the places may be any of the descriptors until now. What
 * there is none of is /dev/null. */
static void
exec_init(const struct inside *inside)
{
	char name[] = "sandbox-init";
	char *argv[] = {name, NULL}, *envp[] = {NULL};
	int init_fd = move_up(inside->runtime->init_fd);
	int talk_fd = move_up(inside->talk_fd);
	int from[N_INIT_FDS] = {move_up(inside->listener_fd)};
	struct inside moved = *inside;
	struct err err = {0};

	if (init_fd < 0 || talk_fd < 0)
		report(inside, &err, "descriptors");
	moved.talk_fd = talk_fd;
	for (int i = 0; i < N_CGROUP_INIT_FILE; i++)
		from[i + 1] = move_up(inside->group_fds[i] >= 0 ?
		    inside->group_fds[i] : STDIN_FILENO);
	from[N_INIT_FDS - 2] = move_up(inside->log_fd);
	from[N_INIT_FDS - 1] = move_up(*inside->size_fd >= 0 ?
	    *inside->size_fd : STDIN_FILENO);
	(void)place_descriptors(from, &err);
	if (err.code == 0) {
		syscall(SYS_execveat, init_fd, "", argv, envp, AT_EMPTY_PATH);
		err_errno(&err, "sandbox-init");
	}
	report(&moved, &err, "exec");
}

void
inside_run(struct inside *inside)
{
	uint64_t fail_at = inside->runtime->settings->fail_at;
	struct err gone = {0};
	int place_fd = -1, sys_fd = -1, size_fd = -1;

	if (blank_wait(inside, &gone) < 0)
		report(inside, &gone, "parts");
	inside->place_fd = &place_fd;
	inside->sys_fd = &sys_fd;
	inside->size_fd = &size_fd;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct err err = {0};

		if (steps[i].run(inside, &err) < 0)
			report(inside, &err, steps[i].name);
		if (fail_at == INSIDE_FIRST_STEP + i) {
			err_set(&err, EIO, "fail_at=%llu",
			    (unsigned long long)fail_at);
			report(inside, &err, steps[i].name);
		}
	}
	exec_init(inside);
	_exit(1);
}
