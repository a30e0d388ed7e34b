// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/worker.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/net/linger.h"
#include "sandboxd/recipe/fair_queue.h"

/* Descriptors a worker may have at its birth; few, in fact. */
#define EARLY_FDS_MAX 256

struct worker {
	struct worker_pool *pool;
	enum worker_class class;
	pid_t pid;
	int fd;
	sd_event_source *source;
	struct job job; /* kind JOB_NONE: it is free */
};

struct worker_pool {
	struct worker_setup setup;
	sd_event *event;
	struct fair_queue queues[N_WORKER_CLASSES];
	bool is_early[EARLY_FDS_MAX]; /* open when the pool was started */
	unsigned n;
	struct worker workers[];
};

/* As /proc/PID/comm shows them: 15 letters at most. */
static const char *const class_names[N_WORKER_CLASSES] = {
    [WORKER_QUICK] = "sandboxd-worker",
    [WORKER_SLOW] = "sandboxd-slow",
};

static void
prepare_worker(const struct worker *worker, int fd, pid_t parent)
{
	const struct worker_pool *pool = worker->pool;
	struct err err = {0};
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	prctl(PR_SET_NAME, class_names[worker->class]);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* A pipe's reader may be a sandbox that is already dead. */
	signal(SIGPIPE, SIG_IGN);
	/* Nobody waits for a child of a worker's own. */
	signal(SIGCHLD, SIG_IGN);
	for (int i = 3; i < EARLY_FDS_MAX; i++)
		if (i != fd && !pool->is_early[i])
			close(i);
	close_range(fd >= EARLY_FDS_MAX ? (unsigned)fd + 1 : EARLY_FDS_MAX,
	    ~0U, 0);
	linger_forget();
	if (pool->setup.prepare != NULL && pool->setup.prepare(&err) < 0)
		fatal("worker: %s", err.text);
}

/* The kind came from the pool, which has a row for it. */
static int
do_job(const struct worker_setup *setup, const struct job *job,
    struct job_result *result, int *pid_fd)
{
	return setup->jobs[job->kind].run(setup->runtime, job, result, pid_fd);
}

/* What was left for when there is nothing to do, until there is a job. */
static void
settle(int fd)
{
	struct pollfd job = {.fd = fd, .events = POLLIN};
	int left_ms;

	while ((left_ms = linger_settle()) != LINGER_NONE)
		if (poll(&job, 1, left_ms) != 0)
			return;
}

static void
run_worker(const struct worker_setup *setup, int fd)
{
	for (;;) {
		int fds[FD_PASS_MAX], pid_fd = -1;
		struct job_result result = {0};
		not_cleared struct job job;
		size_t n_fds = 0;
		ssize_t n;
		int r;

		settle(fd);
		n = fd_receive(fd, &job, sizeof job, fds, &n_fds, 0);
		if (n == -EINTR)
			continue;
		if (n < (ssize_t)offsetof(struct job, blob) ||
		    (size_t)n != job_size(&job))
			_exit(n == 0 ? 0 : 1);
		r = do_job(setup, &job, &result, &pid_fd);
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
		prepare_worker(worker, fds[1], parent);
		run_worker(&worker->pool->setup, fds[1]);
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

/* So many of a class, after those there are. */
static int
fork_class(struct worker_pool *pool, enum worker_class class, struct err *err)
{
	for (unsigned i = 0; i < pool->setup.n[class]; i++) {
		struct worker *worker = &pool->workers[pool->n];
		int r;

		worker->pool = pool;
		worker->class = class;
		worker->fd = -1;
		pool->n++;
		if ((r = fork_worker(worker, err)) < 0)
			return r;
	}
	return 0;
}

int
worker_pool_start(const struct worker_setup *setup, struct worker_pool **ret,
    struct err *err)
{
	struct worker_pool *pool;
	unsigned n = 0;
	int r = 0;

	for (unsigned class = 0; class < N_WORKER_CLASSES; class++)
		n += setup->n[class];
	pool = calloc(1, sizeof *pool + n * sizeof pool->workers[0]);
	if (pool == NULL)
		return err_set(err, ENOMEM, "workers: no memory");
	pool->setup = *setup;
	for (int i = 0; i < EARLY_FDS_MAX; i++)
		pool->is_early[i] = fcntl(i, F_GETFD) >= 0;
	for (unsigned class = 0; r == 0 && class < N_WORKER_CLASSES; class++)
		r = fork_class(pool, class, err);
	if (r < 0) {
		worker_pool_free(pool);
		return r;
	}
	*ret = pool;
	return 0;
}

static void
give_next(struct worker *worker)
{
	struct fair_queue *queue = &worker->pool->queues[worker->class];

	if (worker->job.kind != JOB_NONE || worker->fd < 0 ||
	    !fair_queue_take(queue, &worker->job))
		return;
	/* One that cannot be reached has died, or does now: at SIGCHLD its
	 * job fails, as one that nobody was given would wait for ever. */
	if (fd_send(worker->fd, &worker->job, job_size(&worker->job), NULL, 0,
	    MSG_DONTWAIT) < 0)
		kill(worker->pid, SIGKILL);
}

static int
enqueue(struct worker_pool *pool, enum worker_class class,
    const struct job *job, struct err *err)
{
	if (fair_queue_add(&pool->queues[class], job) < 0)
		return err_set(err, ENOMEM, "%s: no memory for a job",
		    job->id);
	for (unsigned i = 0; i < pool->n; i++)
		if (pool->workers[i].class == class)
			give_next(&pool->workers[i]);
	return 0;
}

static void
log_end(const struct worker_job *row, const struct job *job,
    const struct job_result *result)
{
	for (unsigned i = 0; i < result->n_steps && i < JOB_STEPS_MAX; i++)
		if (result->step_us[i] > 0)
			log_debug("step id=%s job=%s name=%s us=%u",
			    job->id, row->name, row->step_name(i),
			    result->step_us[i]);
	if (!row->is_silent)
		return;
	if (result->err.code != 0)
		log_error("%s failed id=%s: %s", row->name, job->id,
		    result->err.text);
	else
		log_debug("%s done id=%s", row->name, job->id);
}

/* What a job left over is done even if nobody is told. */
static void
follow_up(struct worker_pool *pool, const struct worker_job *row,
    const struct job *job)
{
	not_cleared struct job next;
	struct err err = {0};

	job_copy(&next, job);
	next.kind = row->next;
	next.is_patient = false;
	if (worker_pool_submit(pool, &next, &err) < 0)
		log_error("%s has to wait for a restart id=%s: %s",
		    pool->setup.jobs[next.kind].name, job->id, err.text);
}

/* Whether a slow worker does the job again. */
static bool
is_passed_on(struct worker_pool *pool, const struct job *job,
    const struct job_result *result)
{
	not_cleared struct job again;

	if (!result->wants_patience || job->is_patient)
		return false;
	job_copy(&again, job);
	again.is_patient = true;
	return enqueue(pool, WORKER_SLOW, &again, NULL) == 0;
}

static void
report(struct worker *worker, const struct job_result *result, int pid_fd)
{
	struct worker_pool *pool = worker->pool;
	const struct worker_job *row = &pool->setup.jobs[worker->job.kind];
	not_cleared struct job job;

	job_copy(&job, &worker->job);
	worker->job.kind = JOB_NONE;
	give_next(worker);
	if (is_passed_on(pool, &job, result)) {
		fd_close(&pid_fd);
		return;
	}
	log_end(row, &job, result);
	if (result->err.code == 0 && result->is_left_over &&
	    row->next != JOB_NONE)
		follow_up(pool, row, &job);
	if (row->is_silent) {
		fd_close(&pid_fd);
		return;
	}
	pool->setup.listener.done(&job, result, pid_fd,
	    pool->setup.listener.data);
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

/* One in the place of another; where it fails, the next job tries again. */
static void
replace(struct worker *worker)
{
	const uint32_t kind = worker->job.kind;
	struct err err = {0};

	worker->pid = -1;
	if (fork_worker(worker, &err) == 0 && watch(worker, &err) < 0) {
		/* Nobody would hear what became of a job: it gets none, and
		 * exits as it finds this closed. */
		fd_close(&worker->fd);
		worker->pid = -1;
	}
	if (worker->fd < 0)
		log_error("no worker in its place: %s", err.text);
	worker->job.kind = kind;
}

int
worker_pool_submit(struct worker_pool *pool, const struct job *job,
    struct err *err)
{
	enum worker_class class = pool->setup.jobs[job->kind].class;

	assert(job->kind > JOB_NONE && job->kind < N_JOB_KINDS);
	for (unsigned i = 0; i < pool->n; i++)
		if (pool->workers[i].class == class && pool->workers[i].fd < 0)
			replace(&pool->workers[i]);
	return enqueue(pool, class, job, err);
}

bool
worker_pool_has_spare(const struct worker_pool *pool, enum worker_class class)
{
	unsigned n = 0, n_free = 0;

	for (unsigned i = 0; i < pool->n; i++) {
		if (pool->workers[i].class != class)
			continue;
		n++;
		n_free += pool->workers[i].job.kind == JOB_NONE;
	}
	return pool->queues[class].first == NULL && n_free > (n > 1);
}

bool
worker_pool_child_died(struct worker_pool *pool, pid_t pid)
{
	for (unsigned i = 0; i < pool->n; i++) {
		struct worker *worker = &pool->workers[i];
		struct job_result result = {0};

		if (worker->pid != pid)
			continue;
		log_error("worker died pid=%d job=%u id=%s", (int)pid,
		    worker->job.kind, worker->job.kind != JOB_NONE ?
		    worker->job.id : "");
		worker->source = sd_event_source_disable_unref(worker->source);
		fd_close(&worker->fd);
		replace(worker);
		if (worker->job.kind == JOB_NONE)
			return true;
		err_set(&result.err, EAGAIN, "its worker died: try again");
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
	for (unsigned class = 0; class < N_WORKER_CLASSES; class++)
		fair_queue_fini(&pool->queues[class]);
	free(pool);
}
