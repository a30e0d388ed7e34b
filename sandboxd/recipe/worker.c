// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/recipe/create.h"
#include "sandboxd/recipe/reap.h"

/* Descriptors a worker may have at its birth; few, in fact. */
#define EARLY_FDS_MAX 256

struct worker {
	struct worker_pool *pool;
	pid_t pid;
	int fd;
	sd_event_source *source;
	struct job job; /* kind JOB_NONE: it is free */
};

struct queued_job {
	struct queued_job *next;
	struct job job;
};

struct worker_pool {
	const struct runtime *runtime;
	struct worker_listener listener;
	sd_event *event;
	struct queued_job *first, **last;
	bool is_early[EARLY_FDS_MAX]; /* open when the pool was started */
	unsigned n;
	struct worker workers[];
};

static int
do_job(const struct runtime *runtime, const struct job *job,
    struct job_result *result, int *pid_fd)
{
	switch ((enum job_kind)job->kind) {
	case JOB_CREATE:
	case JOB_START:
		return create_sandbox(runtime, job, result, pid_fd,
		    &result->err);
	case JOB_STOP:
		return reap_processes(runtime, job->id, job->slot,
		    &result->err);
	case JOB_DESTROY:
		return reap_sandbox(runtime, job->id, job->slot,
		    &result->err);
	case JOB_NONE:
		break;
	}
	return err_set(&result->err, EINVAL, "job %u", job->kind);
}

/* Its mounts are its own: what a create attaches for a moment is never seen
 * on the host, nor by a sandbox another worker is making. */
static void
prepare_worker(const struct worker_pool *pool, int fd, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	prctl(PR_SET_NAME, "sandboxd-worker");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* A pipe's reader may be a sandbox that is already dead. */
	signal(SIGPIPE, SIG_IGN);
	for (int i = 3; i < EARLY_FDS_MAX; i++)
		if (i != fd && !pool->is_early[i])
			close(i);
	close_range(fd >= EARLY_FDS_MAX ? (unsigned)fd + 1 : EARLY_FDS_MAX,
	    ~0U, 0);
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		fatal("worker: mounts of its own: %s", strerror(errno));
}

static void
run_worker(const struct runtime *runtime, int fd)
{
	for (;;) {
		int fds[FD_PASS_MAX], pid_fd = -1;
		struct job_result result = {0};
		struct job job;
		size_t n_fds = 0;
		ssize_t n = fd_receive(fd, &job, sizeof job, fds, &n_fds, 0);
		int r;

		if (n == -EINTR)
			continue;
		if (n != sizeof job)
			_exit(n == 0 ? 0 : 1);
		r = do_job(runtime, &job, &result, &pid_fd);
		/* Success may leave words of a first try behind. */
		if (r == 0)
			result.err = (struct err){0};
		else if (result.err.code == 0)
			result.err.code = EIO;
		if (fd_send(fd, &result, sizeof result, &pid_fd,
		    pid_fd >= 0 ? 1 : 0, 0) < 0)
			_exit(1);
		fd_close(&pid_fd);
	}
}

static int
fork_worker(struct worker *worker, struct err *err)
{
	pid_t parent = getpid();
	int fds[2], r = fd_seqpacket_pair(fds);

	if (r < 0)
		return err_set(err, -r, "worker: %s", strerror(-r));
	worker->pid = fork();
	if (worker->pid == 0) {
		prepare_worker(worker->pool, fds[1], parent);
		run_worker(worker->pool->runtime, fds[1]);
	}
	close(fds[1]);
	if (worker->pid < 0) {
		close(fds[0]);
		return err_errno(err, "worker");
	}
	worker->fd = fds[0];
	worker->job.kind = JOB_NONE;
	return 0;
}

int
worker_pool_start(const struct runtime *runtime, unsigned n,
    const struct worker_listener *listener, struct worker_pool **ret,
    struct err *err)
{
	struct worker_pool *pool = calloc(1,
	    sizeof *pool + n * sizeof pool->workers[0]);

	if (pool == NULL)
		return err_set(err, ENOMEM, "workers: no memory");
	pool->runtime = runtime;
	pool->listener = *listener;
	pool->last = &pool->first;
	for (int i = 0; i < EARLY_FDS_MAX; i++)
		pool->is_early[i] = fcntl(i, F_GETFD) >= 0;
	for (; pool->n < n; pool->n++) {
		struct worker *worker = &pool->workers[pool->n];
		int r;

		worker->pool = pool;
		worker->fd = -1;
		if ((r = fork_worker(worker, err)) < 0) {
			worker_pool_free(pool);
			return r;
		}
	}
	*ret = pool;
	return 0;
}

static void
give_next(struct worker_pool *pool, struct worker *worker)
{
	struct queued_job *queued = pool->first;

	if (queued == NULL || worker->job.kind != JOB_NONE || worker->fd < 0)
		return;
	pool->first = queued->next;
	if (pool->first == NULL)
		pool->last = &pool->first;
	worker->job = queued->job;
	free(queued);
	/* A worker that cannot be reached has died: SIGCHLD says so. */
	fd_send(worker->fd, &worker->job, sizeof worker->job, NULL, 0,
	    MSG_DONTWAIT);
}

static void
report(struct worker *worker, const struct job_result *result, int pid_fd)
{
	struct worker_pool *pool = worker->pool;
	struct job job = worker->job;

	worker->job.kind = JOB_NONE;
	give_next(pool, worker);
	pool->listener.done(&job, result, pid_fd, pool->listener.data);
}

static int
on_result(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct worker *worker = data;
	struct job_result result;
	int fds[FD_PASS_MAX];
	size_t n_fds = 0;
	ssize_t n = fd_receive(fd, &result, sizeof result, fds, &n_fds,
	    MSG_DONTWAIT);

	(void)events;
	if (n == -EAGAIN)
		return 0;
	if (n != sizeof result || worker->job.kind == JOB_NONE) {
		/* It is dead or mad; its end is dealt with at SIGCHLD. */
		kill(worker->pid, SIGKILL);
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		return 0;
	}
	result.err.text[sizeof result.err.text - 1] = '\0';
	report(worker, &result, n_fds == 1 ? fds[0] : -1);
	return 0;
}

static int
watch(struct worker *worker, struct err *err)
{
	int r = sd_event_add_io(worker->pool->event, &worker->source,
	    worker->fd, EPOLLIN, on_result, worker);

	return r < 0 ? err_set(err, -r, "watch worker: %s", strerror(-r)) : 0;
}

int
worker_pool_attach(struct worker_pool *pool, sd_event *event, struct err *err)
{
	pool->event = event;
	for (unsigned i = 0; i < pool->n; i++) {
		int r = watch(&pool->workers[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}

int
worker_pool_submit(struct worker_pool *pool, const struct job *job,
    struct err *err)
{
	struct queued_job *queued = calloc(1, sizeof *queued);

	if (queued == NULL)
		return err_set(err, ENOMEM, "%s: no memory for a job",
		    job->id);
	queued->job = *job;
	*pool->last = queued;
	pool->last = &queued->next;
	for (unsigned i = 0; i < pool->n; i++)
		give_next(pool, &pool->workers[i]);
	return 0;
}

bool
worker_pool_child_died(struct worker_pool *pool, pid_t pid)
{
	for (unsigned i = 0; i < pool->n; i++) {
		struct worker *worker = &pool->workers[i];
		struct job job = worker->job;
		struct job_result result = {0};
		struct err err = {0};

		if (worker->pid != pid)
			continue;
		log_error("worker died pid=%d job=%u id=%s", (int)pid,
		    job.kind, job.kind != JOB_NONE ? job.id : "");
		worker->source = sd_event_source_disable_unref(worker->source);
		fd_close(&worker->fd);
		if (fork_worker(worker, &err) < 0 || watch(worker, &err) < 0)
			log_error("no worker in its place: %s", err.text);
		worker->job = job;
		if (job.kind == JOB_NONE)
			return true;
		err_set(&result.err, EIO, "its worker died");
		report(worker, &result, -1);
		return true;
	}
	return false;
}

void
worker_pool_free(struct worker_pool *pool)
{
	if (pool == NULL)
		return;
	for (unsigned i = 0; i < pool->n; i++) {
		sd_event_source_disable_unref(pool->workers[i].source);
		fd_close(&pool->workers[i].fd);
		if (pool->workers[i].pid > 0)
			kill(pool->workers[i].pid, SIGKILL);
	}
	while (pool->first != NULL) {
		struct queued_job *queued = pool->first;

		pool->first = queued->next;
		free(queued);
	}
	free(pool);
}
