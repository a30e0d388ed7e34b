// SPDX-License-Identifier: Apache-2.0
/*
 * Runs in a worker, as the host's root. Everything that confines is made here
 * and owned by the host's user namespace: the clone has no CLONE_NEWUSER, the
 * new process enters the sandbox's user namespace last (inside.c).
 */
#include "sandboxd/recipe/create.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/disk/layer.h"
#include "sandboxd/disk/log.h"
#include "sandboxd/recipe/blank.h"
#include "sandboxd/recipe/copy.h"
#include "sandboxd/recipe/disk_mount.h"
#include "sandboxd/recipe/firewall.h"
#include "sandboxd/recipe/init_process.h"
#include "sandboxd/recipe/inside.h"
#include "sandboxd/recipe/time_view.h"
#include "sandboxd/recipe/userns.h"
#include "sandboxd/template/base.h"

/* From the go to the exec; it takes well under a millisecond. */
#define EXEC_TIMEOUT_MS 10000

/* How long emptying /tmp may keep a quick worker; worker.h. */
#define TMP_HASTE_MS 100

/* Connections to init that wait while it is busy: as many as it can have at
 * once (INIT_PEERS_MAX), and who comes as others leave. */
#define INIT_BACKLOG 512

/* Which steps are done: all, those that make a blank, or those that make a
 * sandbox of one. */
enum create_mode { WHOLE = 1, AHEAD = 2, REST = 4 };

struct create {
	enum create_mode mode;
	const struct runtime *runtime;
	const struct job *job;
	uint32_t uid_base;
	struct net_link link;
	struct job_result *result;
	struct timespec boot; /* when it was; time_view.h */
	int userns_fd, idmap_fd, root_fd, tmp_fd;
	int cgroup_fd, listener_fd, netns_fd, log_fd;
	int group_fds[N_CGROUP_INIT_FILE];
	struct disk_mount_fds mounts;
	int talk_fds[2]; /* [0] is the worker's; [1] closes with the exec */
	int pid_fd;
	pid_t pid;
};

static int
take(struct create *c, struct err *err)
{
	const struct job *job = c->job;
	int r = blank_take(job->pid, job->start_ticks, &c->pid_fd,
	    &c->talk_fds[0], &c->idmap_fd, err);

	c->pid = job->pid;
	return r < 0 ? r : process_open_network(c->pid, c->pid_fd,
	    &c->netns_fd, err);
}

/* Its groups were made with others. */
static int
set_limits(struct create *c, struct err *err)
{
	return cgroup_change(c->runtime->cgroups, c->job->id, &c->job->limits,
	    err);
}

static int
announce(struct create *c, struct err *err)
{
	(void)err;
	if (cgroup_announce(c->runtime->cgroups))
		fd_close(&c->cgroup_fd);
	return 0;
}

/* A disk like another's, but that nothing has been written in here yet. */
static int
copy_disk(struct create *c, struct err *err)
{
	int r = copy_to_disk(c->runtime, c->job, c->result, err);

	return r < 0 ? r : disk_log_drop(c->runtime->disks, c->job->id, err);
}

static int
find_disk(struct create *c, struct err *err)
{
	const struct job *job = c->job;
	int r;

	if (job->kind == JOB_CREATE && job->source[0] != '\0')
		return copy_disk(c, err);
	if (job->kind == JOB_CREATE)
		return disk_create(c->runtime->disks, job->id,
		    job->disk_limit_bytes, err);
	r = disk_empty_tmp(c->runtime->disks, job->id,
	    job->is_patient ? 0 : TMP_HASTE_MS, err);
	c->result->wants_patience = r == -EBUSY;
	return r;
}

static int
make_disk(struct create *c, struct err *err)
{
	int r = find_disk(c, err);

	if (r < 0)
		return r;
	c->log_fd = disk_log_open(c->runtime->disks, c->job->id, err);
	return c->log_fd < 0 ? c->log_fd : 0;
}

static int
make_user_namespaces(struct create *c, struct err *err)
{
	int r = c->job->is_nesting ?
	    userns_make_nesting(c->uid_base, &c->userns_fd, err) :
	    userns_make(c->uid_base, USERNS_SANDBOX, &c->userns_fd, err);

	return r < 0 ? r : userns_make(c->uid_base, USERNS_IDMAP, &c->idmap_fd,
	    err);
}

static int
find_lowers(const struct create *c, struct rootfs_lowers *ret,
    struct err *err)
{
	const struct job *job = c->job;
	int r = 0;

	_Static_assert(TEMPLATE_PATH_SIZE == DISK_PATH_SIZE,
	    "either is a lower's path");
	ret->n = 0;
	while (ret->n < job->n_layers && ret->n < TEMPLATE_LAYERS_MAX &&
	    r == 0) {
		r = layer_path(c->runtime->disks, job->layers[ret->n],
		    ret->paths[ret->n], err);
		ret->n++;
	}
	if (r == 0)
		r = base_path_of_version(c->runtime->settings->paths.state_dir,
		    job->template_name, job->base_version,
		    ret->paths[ret->n++], err);
	return r;
}

static int
make_root(struct create *c, struct err *err)
{
	const struct runtime *runtime = c->runtime;
	struct rootfs_lowers lowers;
	char disk[DISK_PATH_SIZE];
	int r;

	if ((r = find_lowers(c, &lowers, err)) < 0 ||
	    (r = disk_path(runtime->disks, c->job->id, disk, err)) < 0)
		return r;
	r = rootfs_mount(&lowers, disk, c->idmap_fd, runtime->rootfs_way,
	    runtime->scratch, &c->root_fd, err);
	if (r == 0)
		r = rootfs_open_tmp(disk, c->idmap_fd, &c->tmp_fd, err);
	return r < 0 ? r : disk_mounts_open(runtime, c->job, c->idmap_fd,
	    &c->mounts, err);
}

static int
make_cgroups(struct create *c, struct err *err)
{
	const struct cgroup_host *host = c->runtime->cgroups;
	int r = cgroup_create(host, c->job->id, &c->job->limits, err);

	if (r == 0)
		r = cgroup_open_for_init(host, c->job->id, c->uid_base,
		    c->group_fds, err);
	return r < 0 ? r : cgroup_open(host, c->job->id, &c->cgroup_fd, err);
}

static int
make_views(struct create *c, struct err *err)
{
	const struct view_start start = {.id = c->job->id,
	    .slot = c->job->slot, .boot = c->boot,
	    .limits = &c->job->limits};

	return view_make(&c->runtime->views, &start, err);
}

/* Only root reaches the path: its folder is 0700. */
static int
make_listener(struct create *c, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[RUNTIME_PATH_SIZE];
	int r = runtime_init_path(c->runtime, c->job->id, path, err);

	if (r < 0)
		return r;
	if (strlen(path) >= sizeof address.sun_path)
		return err_set(err, ENAMETOOLONG, "%s", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, "%s", path);
	c->listener_fd = socket(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->listener_fd < 0 || bind(c->listener_fd,
	    (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(c->listener_fd, INIT_BACKLOG) < 0)
		return err_errno(err, "%s", path);
	return 0;
}

/* In the child: the other ends must be closed, or their end is never seen. */
static void
run_inside(struct create *c)
{
	struct inside inside = {.runtime = c->runtime, .id = c->job->id,
	    .slot = c->job->slot, .uid_base = c->uid_base,
	    .group_fds = c->group_fds, .userns_fd = c->userns_fd,
	    .talk_fd = c->talk_fds[1], .root_fd = -1, .tmp_fd = -1,
	    .listener_fd = -1, .log_fd = -1};

	fd_close(&c->talk_fds[0]);
	/* What it is sent is its own copy of these. */
	fd_close(&c->root_fd);
	fd_close(&c->tmp_fd);
	fd_close(&c->listener_fd);
	fd_close(&c->log_fd);
	disk_mounts_close(&c->mounts);
	inside_run(&inside);
}

/*
 * CLONE_PARENT: init is sandboxd's child, so that sandboxd reaps it and a
 * worker that dies takes nothing along.
 */
static int
clone_init(struct create *c, struct err *err)
{
	struct clone_args args = {
	    .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS |
		CLONE_NEWIPC | CLONE_PIDFD | CLONE_PARENT,
	    .pidfd = (uint64_t)(uintptr_t)&c->pid_fd};
	int home_fd, r;

	if ((r = fd_seqpacket_pair(c->talk_fds)) < 0)
		return err_set(err, -r, "socket: %s", strerror(-r));
	if (c->cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)c->cgroup_fd;
	}
	if ((r = time_view_enter(&c->boot, &home_fd, err)) < 0)
		return r;
	c->pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (c->pid == 0)
		run_inside(c);
	time_view_leave(&home_fd);
	if (c->pid < 0) {
		c->pid_fd = -1;
		return err_errno(err, "clone3");
	}
	fd_close(&c->talk_fds[1]);
	return 0;
}

static int
send_parts(struct create *c, struct err *err)
{
	const struct blank_parts parts = {
	    .memory_limit_bytes = c->job->limits.memory_bytes,
	    .is_nesting = c->job->is_nesting, .root_fd = c->root_fd,
	    .tmp_fd = c->tmp_fd, .listener_fd = c->listener_fd,
	    .log_fd = c->log_fd, .disks = c->job->disks,
	    .mounts = &c->mounts};

	return blank_send(c->talk_fds[0], &parts, err);
}

static int
park(struct create *c, struct err *err)
{
	return blank_park(c->talk_fds[0], c->idmap_fd, err);
}

static int
join_cgroups(struct create *c, struct err *err)
{
	return cgroup_attach(c->runtime->cgroups, c->job->id, c->pid,
	    c->cgroup_fd >= 0, err);
}

static int
make_link(struct create *c, struct err *err)
{
	int r = process_open_network(c->pid, c->pid_fd, &c->netns_fd, err);

	return r < 0 ? r : net_link_up(&c->link, c->netns_fd, err);
}

static int
make_firewall(struct create *c, struct err *err)
{
	return firewall_install(c->runtime, c->job, c->netns_fd, err);
}

/*
 * What the other half says, within timeout_ms: 0 for the exec (end of file
 * without a word), its error in *err, or -ETIMEDOUT.
 */
static int
hear_inside(struct create *c, int timeout_ms, struct err *err)
{
	struct pollfd pollfd = {.fd = c->talk_fds[0], .events = POLLIN};
	struct err inside = {0};
	ssize_t n;

	do
		n = poll(&pollfd, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return err_set(err, ETIMEDOUT, "no exec within %d ms",
		    timeout_ms);
	n = read(c->talk_fds[0], &inside, sizeof inside);
	if (n == 0)
		return 0;
	if (n != sizeof inside)
		return err_set(err, EIO, "init died on its way");
	inside.text[sizeof inside.text - 1] = '\0';
	return err_set(err, inside.code > 0 ? inside.code : EIO, "%s",
	    inside.text);
}

static int
let_go(struct create *c, struct err *err)
{
	/* Where nobody reads it any more, it has said why. */
	if (write(c->talk_fds[0], "g", 1) != 1 && errno != EPIPE &&
	    errno != ECONNRESET)
		return err_errno(err, "go");
	return hear_inside(c, EXEC_TIMEOUT_MS, err);
}

/* In order. fail_at counts them from 1. The attach waits for what was
 * announced, so everything that can comes in between. */
static const struct {
	const char *name;
	unsigned modes;
	int (*run)(struct create *c, struct err *err);
} steps[] = {
    {"take", REST, take},
    {"cgroup", WHOLE | AHEAD, make_cgroups},
    {"limits", REST, set_limits},
    {"announce", WHOLE | AHEAD, announce},
    {"disk", WHOLE | REST, make_disk},
    {"userns", WHOLE | AHEAD, make_user_namespaces},
    {"rootfs", WHOLE | REST, make_root},
    {"views", WHOLE | REST, make_views},
    {"listener", WHOLE | REST, make_listener},
    {"clone", WHOLE | AHEAD, clone_init},
    {"parts", WHOLE | REST, send_parts},
    {"link", WHOLE | AHEAD, make_link},
    {"firewall", WHOLE | REST, make_firewall},
    {"attach", WHOLE | AHEAD, join_cgroups},
    {"park", AHEAD, park},
    {"exec", WHOLE | REST, let_go},
};
#define N_STEPS (sizeof steps / sizeof *steps)
_Static_assert(N_STEPS <= JOB_STEPS_MAX, "a result has room for all steps");

const char *
create_step_name(unsigned step)
{
	return step < N_STEPS ? steps[step].name : NULL;
}

static int
run_steps(struct create *c, struct job_result *ret, struct err *err)
{
	uint64_t fail_at = c->runtime->settings->fail_at, since = job_now_us();

	for (size_t i = 0; i < N_STEPS; i++) {
		const bool is_done = (steps[i].modes & c->mode) != 0;
		struct err inside = {0};
		int r = is_done ? steps[i].run(c, err) : 0;

		if (r == 0 && is_done && fail_at == i + 1)
			r = err_set(err, EIO, "fail_at=%zu", i + 1);
		/* That the other half died explains what failed here. */
		if (r < 0 && c->talk_fds[0] >= 0)
			hear_inside(c, 0, &inside);
		if (r < 0 && inside.code != 0 && inside.code != ETIMEDOUT)
			return err_set(err, inside.code, "%s", inside.text);
		if (r < 0)
			return err_wrap(err, "%s", steps[i].name);
		if (is_done)
			job_step_done(ret, &since);
		else
			job_step_left_out(ret);
	}
	return 0;
}

/* One that was not attached yet is in no group that could be killed. It has
 * nothing to do without us, and runs nothing of the sandbox's. */
static void
end_init(struct create *c)
{
	struct pollfd end = {.fd = c->pid_fd, .events = POLLIN};

	if (c->pid_fd < 0)
		return;
	syscall(SYS_pidfd_send_signal, c->pid_fd, SIGKILL, NULL, 0);
	poll(&end, 1, EXEC_TIMEOUT_MS);
}

static void
close_all(struct create *c)
{
	fd_close(&c->userns_fd);
	fd_close(&c->idmap_fd);
	fd_close(&c->root_fd);
	fd_close(&c->tmp_fd);
	fd_close(&c->cgroup_fd);
	fd_close(&c->listener_fd);
	fd_close(&c->netns_fd);
	fd_close(&c->log_fd);
	disk_mounts_close(&c->mounts);
	fd_close(&c->pid_fd);
	for (int i = 0; i < N_CGROUP_INIT_FILE; i++)
		fd_close(&c->group_fds[i]);
	for (int i = 0; i < 2; i++)
		fd_close(&c->talk_fds[i]);
}

static enum create_mode
mode_of(const struct job *job)
{
	if (job->kind == JOB_BLANK)
		return AHEAD;
	return job->kind == JOB_CREATE && job->pid != 0 ? REST : WHOLE;
}

int
create_sandbox(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd, struct err *err)
{
	struct create c = {.mode = mode_of(job), .runtime = runtime,
	    .job = job, .result = ret,
	    .userns_fd = -1,
	    .idmap_fd = -1, .root_fd = -1, .tmp_fd = -1, .cgroup_fd = -1,
	    .listener_fd = -1,
	    .netns_fd = -1, .log_fd = -1, .pid_fd = -1,
	    .talk_fds = {-1, -1}, .group_fds = {-1, -1, -1, -1, -1, -1, -1}};
	int r = net_link_of_slot(&runtime->egress.range, job->slot, &c.link,
	    err);

	if (r < 0)
		return r;
	c.uid_base = (uint32_t)(runtime->settings->uid_base +
	    (uint64_t)job->slot * SANDBOX_UID_COUNT);
	c.boot = c.mode == REST ? job->boot : time_view_now();
	ret->boot = c.boot;
	r = run_steps(&c, ret, err);
	if (r == 0)
		r = process_start_ticks(c.pid, &ret->start_ticks, err);
	if (r == 0) {
		ret->pid = c.pid;
		*ret_pid_fd = take_fd(&c.pid_fd);
	} else {
		end_init(&c);
	}
	close_all(&c);
	return r;
}
