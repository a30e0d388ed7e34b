// SPDX-License-Identifier: Apache-2.0
/*
 * The pool with jobs of the test's own: order, classes, patience, what follows
 * a job, and a worker that dies. Gates in shared memory say when a job may
 * end, so nothing here depends on time.
 */
#include "sandboxd/recipe/worker.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"

/* A hang, not a speed. */
#define LIMIT_S	 60
#define DONE_MAX 64

/* Slots of jobs, which say what the job does. */
enum task {
	TASK_NOTHING,
	TASK_WAIT, /* until the gate is open */
	TASK_LOOK, /* whether the descriptor of the test is open */
};

static struct shared {
	atomic_bool is_open; /* the gate */
	atomic_int n_waiting;
	atomic_int n_collected;
	atomic_int late_fd;
	atomic_int last_pid;
} *shared;

static sd_event *event;
static struct worker_pool *pool;
static struct {
	struct job job;
	struct job_result result;
	bool has_fd;
} done[DONE_MAX];
static unsigned n_done;

/* In front of the library's (--wrap): so many sources cannot be added. */
static unsigned n_unwatchable;

int __real_sd_event_add_io(sd_event *loop, sd_event_source **ret, int fd,
    uint32_t events, sd_event_io_handler_t handler, void *data);
int __wrap_sd_event_add_io(sd_event *loop, sd_event_source **ret, int fd,
    uint32_t events, sd_event_io_handler_t handler, void *data);

int
__wrap_sd_event_add_io(sd_event *loop, sd_event_source **ret, int fd,
    uint32_t events, sd_event_io_handler_t handler, void *data)
{
	if (n_unwatchable == 0)
		return __real_sd_event_add_io(loop, ret, fd, events, handler,
		    data);
	n_unwatchable--;
	return -ENOSPC;
}

static void
wait_at_gate(void)
{
	atomic_fetch_add(&shared->n_waiting, 1);
	while (!atomic_load(&shared->is_open))
		usleep(1000);
	atomic_fetch_sub(&shared->n_waiting, 1);
}

static int
run_task(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	uint64_t since = job_now_us();

	(void)runtime;
	atomic_store(&shared->last_pid, (int)getpid());
	ret->pid = getpid();
	if (job->slot == TASK_WAIT)
		wait_at_gate();
	if (job->slot == TASK_LOOK &&
	    fcntl(atomic_load(&shared->late_fd), F_GETFD) >= 0)
		return err_set(&ret->err, EEXIST, "it is open");
	*ret_pid_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	job_step_done(ret, &since);
	return 0;
}

static int
run_refusal(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)runtime;
	(void)job;
	(void)ret_pid_fd;
	return err_set(&ret->err, ENOSPC, "no room");
}

static int
run_patient(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)runtime;
	(void)ret_pid_fd;
	ret->pid = getpid();
	if (job->is_patient)
		return 0;
	ret->wants_patience = true;
	return err_set(&ret->err, EBUSY, "in haste");
}

static int
run_leaving(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)runtime;
	(void)job;
	(void)ret_pid_fd;
	ret->is_left_over = true;
	return 0;
}

static int
run_collect(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)runtime;
	(void)job;
	(void)ret;
	(void)ret_pid_fd;
	wait_at_gate();
	atomic_fetch_add(&shared->n_collected, 1);
	return 0;
}

static const char *
step_name(unsigned step)
{
	return step == 0 ? "only" : NULL;
}

static int
no_runtime(struct err *err)
{
	(void)err;
	return 0;
}

static const struct worker_job jobs[N_JOB_KINDS] = {
    [JOB_CREATE] = {"task", WORKER_QUICK, run_task, step_name, JOB_NONE,
	false},
    [JOB_START] = {"refusal", WORKER_QUICK, run_refusal, NULL, JOB_NONE,
	false},
    [JOB_STOP] = {"patient", WORKER_QUICK, run_patient, NULL, JOB_NONE, false},
    [JOB_DESTROY] = {"leaving", WORKER_QUICK, run_leaving, NULL, JOB_COLLECT,
	false},
    [JOB_COLLECT] = {"collect", WORKER_SLOW, run_collect, NULL, JOB_NONE,
	true},
};

static void
on_done(const struct job *job, const struct job_result *result, int pid_fd,
    void *data)
{
	assert(data == &n_done);
	assert(n_done < DONE_MAX);
	done[n_done].job = *job;
	done[n_done].result = *result;
	done[n_done].has_fd = pid_fd >= 0;
	fd_close(&pid_fd);
	n_done++;
}

static void
start(unsigned n_quick, unsigned n_slow)
{
	const struct worker_setup setup = {.jobs = jobs,
	    .prepare = no_runtime,
	    .n = {[WORKER_QUICK] = n_quick, [WORKER_SLOW] = n_slow},
	    .listener = {on_done, &n_done}};
	struct err err = {0};

	n_done = 0;
	memset(done, 0, sizeof done);
	atomic_store(&shared->is_open, false);
	atomic_store(&shared->n_collected, 0);
	assert(worker_pool_start(&setup, &pool, &err) == 0);
	assert(worker_pool_attach(pool, event, &err) == 0);
}

/* A worker that is killed is no death the pool has to hear of now. */
static void
end(void)
{
	worker_pool_free(pool);
	while (waitpid(-1, NULL, 0) > 0)
		;
	atomic_store(&shared->n_waiting, 0);
}

static void
submit(enum job_kind kind, enum task task, unsigned number)
{
	struct job job = {.kind = kind, .slot = task};
	struct err err = {0};

	snprintf(job.id, sizeof job.id, "sb_%u", number);
	assert(worker_pool_submit(pool, &job, &err) == 0);
}

static void
run_until_done(unsigned n)
{
	while (n_done < n)
		assert(sd_event_run(event, UINT64_MAX) >= 0);
}

static void
run_until_waiting(int n)
{
	while (atomic_load(&shared->n_waiting) < n)
		assert(sd_event_run(event, 1000) >= 0);
}

static void
test_order(void)
{
	start(1, 1);
	for (unsigned i = 0; i < 10; i++)
		submit(i == 5 ? JOB_START : JOB_CREATE, TASK_NOTHING, i);
	assert(n_done == 0); /* never from within submit */
	run_until_done(10);
	for (unsigned i = 0; i < 10; i++) {
		char id[SANDBOX_ID_SIZE];

		snprintf(id, sizeof id, "sb_%u", i);
		assert(strcmp(done[i].job.id, id) == 0);
		assert((done[i].result.err.code == ENOSPC) == (i == 5));
		assert(done[i].has_fd == (i != 5));
	}
	assert(strcmp(done[5].result.err.text, "no room") == 0);
	assert(done[0].result.n_steps == 1);
	end();
}

/* However many slow jobs wait, the quick ones are done meanwhile. */
static void
test_classes(void)
{
	start(1, 1);
	for (unsigned i = 0; i < 5; i++)
		submit(JOB_COLLECT, TASK_NOTHING, i);
	run_until_waiting(1);
	for (unsigned i = 0; i < 5; i++)
		submit(JOB_CREATE, TASK_NOTHING, i);
	run_until_done(5);
	assert(atomic_load(&shared->n_collected) == 0);
	atomic_store(&shared->is_open, true);
	while (atomic_load(&shared->n_collected) < 5)
		assert(sd_event_run(event, 1000) >= 0);
	assert(n_done == 5); /* a silent job is told to nobody */
	end();
}

/* A slow worker takes over what needs patience; it is reported once. */
static void
test_patience(void)
{
	start(1, 1);
	submit(JOB_CREATE, TASK_NOTHING, 0);
	submit(JOB_STOP, TASK_NOTHING, 1);
	submit(JOB_CREATE, TASK_NOTHING, 2);
	run_until_done(3);
	for (unsigned i = 0; i < 3; i++) {
		bool is_stop = done[i].job.kind == JOB_STOP;

		assert(done[i].result.err.code == 0);
		assert(done[i].job.is_patient == is_stop);
		/* By another process than the creates. */
		assert((done[i].result.pid ==
		    atomic_load(&shared->last_pid)) == !is_stop);
	}
	end();
}

static void
test_follow_up(void)
{
	start(1, 1);
	submit(JOB_DESTROY, TASK_NOTHING, 0);
	run_until_done(1);
	run_until_waiting(1);
	assert(done[0].job.kind == JOB_DESTROY);
	assert(atomic_load(&shared->n_collected) == 0);
	atomic_store(&shared->is_open, true);
	while (atomic_load(&shared->n_collected) < 1)
		assert(sd_event_run(event, 1000) >= 0);
	assert(n_done == 1);
	end();
}

/* Its job fails, the one behind it is done by the worker in its place, which
 * has none of the descriptors opened since. */
static void
test_death(void)
{
	pid_t pid;
	int fd;

	start(1, 1);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert(fd >= 0);
	atomic_store(&shared->late_fd, fd);
	submit(JOB_CREATE, TASK_WAIT, 0);
	submit(JOB_CREATE, TASK_LOOK, 1);
	run_until_waiting(1);
	assert(n_done == 0);
	pid = atomic_load(&shared->last_pid);
	assert(kill(pid, SIGKILL) == 0);
	assert(waitpid(pid, NULL, 0) == pid);
	assert(worker_pool_child_died(pool, pid));
	assert(!worker_pool_child_died(pool, pid));
	run_until_done(2);
	assert(done[0].result.err.code == EAGAIN && !done[0].has_fd);
	assert(strcmp(done[0].result.err.text,
	    "its worker died: try again") == 0);
	assert(done[1].result.err.code == 0);
	assert(done[1].result.pid != pid);
	close(fd);
	end();
}

/* Nobody in its place, as none can be forked (1) or watched (0): no job is
 * given to one that would not be heard, and the next job tries again. */
static void
test_no_replacement(bool is_fork)
{
	struct rlimit few, before;
	pid_t pid;

	start(1, 1);
	submit(JOB_CREATE, TASK_WAIT, 0);
	submit(JOB_CREATE, TASK_NOTHING, 1);
	run_until_waiting(1);
	pid = atomic_load(&shared->last_pid);
	assert(kill(pid, SIGKILL) == 0);
	assert(waitpid(pid, NULL, 0) == pid);
	atomic_store(&shared->n_waiting, 0);
	assert(getrlimit(RLIMIT_NOFILE, &before) == 0);
	few = before;
	few.rlim_cur = 3;
	if (is_fork)
		assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
	else
		n_unwatchable = 1;
	assert(worker_pool_child_died(pool, pid));
	assert(setrlimit(RLIMIT_NOFILE, &before) == 0 && n_unwatchable == 0);
	assert(n_done == 1 && done[0].result.err.code == EAGAIN);
	/* What was forked finds that it is not wanted. */
	if (!is_fork)
		assert(waitpid(-1, NULL, 0) > 0);
	assert(sd_event_run(event, 0) >= 0 && n_done == 1);
	submit(JOB_CREATE, TASK_NOTHING, 2);
	run_until_done(3);
	for (unsigned i = 1; i < 3; i++)
		assert(done[i].result.err.code == 0);
	end();
}

/* Jobs that nobody has begun are freed with the pool. */
static void
test_end(void)
{
	start(2, 1);
	for (unsigned i = 0; i < 10; i++)
		submit(i % 2 == 0 ? JOB_CREATE : JOB_COLLECT, TASK_WAIT, i);
	run_until_waiting(3);
	end();
	assert(n_done == 0);
	worker_pool_free(NULL);
}

int
main(void)
{
	alarm(LIMIT_S);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert(shared != MAP_FAILED);
	assert(sd_event_new(&event) >= 0);
	test_order();
	test_classes();
	test_patience();
	test_follow_up();
	test_death();
	test_no_replacement(true);
	test_no_replacement(false);
	test_end();
	sd_event_unref(event);
	return 0;
}
