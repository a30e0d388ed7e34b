// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/process/spawn.h"
#include "sandboxd/init/task/inlet.h"
#include "sandboxd/init/task/origin.h"
#include "sandboxd/init/task/viewer.h"

/* Between two looks at who is left of a tree that is killed. */
#define KILL_LOOK_MS 2

/* Of each pipe, before one of the channel: what a pipe may hold, in records. */
#define READS_BEFORE_MAX 64

/* Of a process: what a client may wait for at most. */
#define TIMEOUT_MAX_MS (30ULL * 24 * 3600 * 1000)

static uint64_t
unix_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool
is_drained(const struct task *task)
{
	for (int i = 0; i < N_JOURNAL_STREAM; i++)
		if (task->outlets[i].watch.fd >= 0)
			return false;
	return true;
}

static void
outlet_watch(struct task_outlet *outlet, bool is_watched)
{
	struct loop *loop = &outlet->task->init->loop;

	if (outlet->watch.fd < 0 || outlet->is_watched == is_watched)
		return;
	if (is_watched)
		outlet->is_watched =
		    loop_add(loop, &outlet->watch, EPOLLIN) == 0;
	else {
		loop_remove(loop, &outlet->watch);
		outlet->is_watched = false;
	}
}

static void
outlet_end(struct task_outlet *outlet)
{
	outlet_watch(outlet, false);
	fd_close(&outlet->watch.fd);
}

/* Whether what it had written when it ended is still to be read, however long
 * who is paced takes for it. */
static bool
owes_output(const struct task *task)
{
	for (int i = 0; i < N_JOURNAL_STREAM; i++)
		if (task->outlets[i].watch.fd >= 0 &&
		    task->outlets[i].owed_bytes > 0)
			return true;
	return false;
}

static void
count_owed(struct task *task)
{
	for (int i = 0; i < N_JOURNAL_STREAM; i++)
		if (task->outlets[i].watch.fd >= 0)
			(void)ioctl(task->outlets[i].watch.fd, FIONREAD,
			    &task->outlets[i].owed_bytes);
}

/* The group is another's, once nobody of this one is in it. */
static void
leave_group(struct task *task)
{
	if (task->group == NULL || !group_is_empty(task->group))
		return;
	group_give_back(&task->init->groups, task->group);
	task->group = NULL;
	task->kill_ms = 0;
}

/* Its exit is told from now on. */
static void
settle(struct task *task)
{
	task->state = TASK_ENDED;
	leave_group(task);
	task->due_ms = loop_now_ms() + TASK_KEEP_MS;
}

static bool
is_held_up(const struct task *task)
{
	const struct viewer *viewer;

	TAILQ_FOREACH(viewer, &task->viewers, link)
		if (viewer_holds_up(viewer))
			return true;
	return false;
}

void
task_review(struct task *task)
{
	struct viewer *viewer = TAILQ_FIRST(&task->viewers), *next;
	bool is_wanted;

	if (task->state == TASK_DRAINING && is_drained(task))
		settle(task);
	for (; viewer != NULL; viewer = next) {
		next = TAILQ_NEXT(viewer, link);
		viewer_review(viewer);
	}
	is_wanted = !is_held_up(task);
	for (int i = 0; i < N_JOURNAL_STREAM; i++)
		outlet_watch(&task->outlets[i], is_wanted);
}

/* In memory for who looks at it, and on the disk for who asks later. */
static void
keep(struct task *task, enum journal_stream stream, const void *data,
    size_t size)
{
	const uint64_t at_ms = unix_now_ms();

	(void)journal_add(&task->journal, stream, at_ms, data, size);
	if (stream != JOURNAL_CHANNEL)
		output_add(&task->init->output, task->id,
		    stream == JOURNAL_STDERR ? OUTPUT_STDERR : OUTPUT_STDOUT,
		    at_ms, data, size);
}

/* One read. Whether there was anything. */
static bool
outlet_read(struct task_outlet *outlet)
{
	struct task *task = outlet->task;
	uint8_t data[JOURNAL_RECORD_MAX];
	ssize_t n = outlet->watch.fd < 0 ? -1 :
	    read(outlet->watch.fd, data, sizeof data);

	if (n > 0) {
		keep(task, outlet->stream, data, (size_t)n);
		outlet->owed_bytes -= n < outlet->owed_bytes ? (int)n :
		    outlet->owed_bytes;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		outlet_end(outlet);
	return n > 0;
}

/* What was written before the channel's next comes before it: no more than is
 * in a pipe now. */
static void
read_what_was_before(struct task *task)
{
	for (int i = JOURNAL_STDOUT; i <= JOURNAL_STDERR; i++)
		for (int n = 0; n < READS_BEFORE_MAX &&
		    outlet_read(&task->outlets[i]); n++)
			;
}

/* One read, so that one who writes a lot does not keep init from others. */
static void
outlet_ready(struct watch *watch, uint32_t events)
{
	struct task_outlet *outlet = (struct task_outlet *)watch;
	const char ack = '.'; /* a shell would pass over a zero byte */

	(void)events;
	if (outlet->stream == JOURNAL_CHANNEL)
		read_what_was_before(outlet->task);
	if (outlet_read(outlet) && outlet->stream == JOURNAL_CHANNEL)
		(void)send(watch->fd, &ack, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	task_review(outlet->task);
}

static void
forget(struct task *task)
{
	struct init *init = task->init;

	while (!TAILQ_EMPTY(&task->viewers))
		viewer_drop(TAILQ_FIRST(&task->viewers));
	for (int i = 0; i < N_JOURNAL_STREAM; i++)
		outlet_end(&task->outlets[i]);
	inlet_end(&task->inlet);
	journal_fini(&task->journal);
	origin_fini(&task->origin);
	group_give_back(&init->groups, task->group);
	TAILQ_REMOVE(&init->tasks, task, link);
	init->n_tasks--;
	free(task);
}

/* Room for one more: what ended first goes, where it must. */
static int
make_room(struct init *init, struct err *err)
{
	struct task *task, *oldest = NULL;

	if (init->n_tasks < TASKS_MAX)
		return 0;
	TAILQ_FOREACH(task, &init->tasks, link)
		if (task->state == TASK_ENDED &&
		    (oldest == NULL || task->ended_ms < oldest->ended_ms))
			oldest = task;
	if (oldest == NULL)
		return err_set(err, EAGAIN, "a sandbox has at most %d "
		    "processes that live on", TASKS_MAX);
	forget(oldest);
	return 0;
}

static void
describe(struct task *task, const struct rpc_process_start_req *request)
{
	struct rpc_strv argv = request->argv;
	size_t used = 0;

	snprintf(task->tag, sizeof task->tag, "%s", request->tag);
	if (request->kind == INIT_SPAWN_COMMAND) {
		snprintf(task->command, sizeof task->command, "%s",
		    request->command);
		return;
	}
	for (uint32_t i = 0; i < request->argv.count &&
	    used < sizeof task->command; i++)
		used += (size_t)snprintf(task->command + used,
		    sizeof task->command - used, "%s%s", i > 0 ? " " : "",
		    rpc_strv_next(&argv));
}

static int
check(const struct rpc_process_start_req *request, struct err *err)
{
	if (strlen(request->tag) >= TASK_TAG_SIZE)
		return err_set(err, EINVAL, "tag: at most %d bytes",
		    TASK_TAG_SIZE - 1);
	if (request->timeout_ms > TIMEOUT_MAX_MS)
		return err_set(err, EINVAL, "timeout_ms: 0 to %llu, not %llu",
		    TIMEOUT_MAX_MS, (unsigned long long)request->timeout_ms);
	if (request->kind == INIT_SPAWN_SFTP ||
	    request->kind == INIT_SPAWN_SFTP_READ)
		return err_set(err, EINVAL, "kind: a command, an argv or a "
		    "shell, not %u", request->kind);
	return 0;
}

static int
spawn(struct task *task, const struct rpc_process_start_req *request,
    int channel_fd, struct spawned *ret, struct err *err)
{
	struct rpc_spawn_req spawn = {
	    .kind = request->kind,
	    .user = task->user,
	    .command = request->command,
	    .argv = request->argv,
	    .cwd = request->cwd,
	    .env = request->env,
	    .pty = request->pty,
	    .term = request->term,
	    .rows = request->rows,
	    .columns = request->columns,
	};
	struct spawn_context context = task->init->spawn;
	int r;

	context.channel_fd = channel_fd;
	task->group = group_take(&task->init->groups);
	if (task->group != NULL)
		context.group_fd = task->group->threads_fd;
	r = spawn_process(&context, &spawn, ret, err);
	if (r < 0)
		group_give_back(&task->init->groups, task->group);
	return r;
}

static void
set_nonblocking(int fd)
{
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void
outlet_init(struct task *task, enum journal_stream stream, int fd)
{
	if (fd >= 0)
		set_nonblocking(fd);
	task->outlets[stream] = (struct task_outlet){
	    .watch = {fd, outlet_ready}, .task = task, .stream = stream};
}

/* Takes over what the process reads and writes. */
static void
connect_streams(struct task *task, const struct spawned *spawned,
    bool has_input)
{
	if (task->has_tty) {
		outlet_init(task, JOURNAL_STDOUT, spawned->fds[0]);
		outlet_init(task, JOURNAL_STDERR, -1);
		inlet_init(task, fcntl(spawned->fds[0], F_DUPFD_CLOEXEC, 3));
		return;
	}
	set_nonblocking(spawned->fds[0]);
	inlet_init(task, spawned->fds[0]);
	outlet_init(task, JOURNAL_STDOUT, spawned->fds[1]);
	outlet_init(task, JOURNAL_STDERR, spawned->fds[2]);
	if (!has_input)
		inlet_end(&task->inlet);
}

/* The other end, the process's, is *ret; -1 where there is to be none. */
static int
make_channel(struct task *task, bool has_channel, int *ret, struct err *err)
{
	int ends[2] = {-1, -1}, r = has_channel ? fd_seqpacket_pair(ends) : 0;

	if (r < 0)
		return err_set(err, -r, "channel: %s", strerror(-r));
	outlet_init(task, JOURNAL_CHANNEL, ends[0]);
	*ret = ends[1];
	return 0;
}

static struct task *
new_task(struct init *init, const struct rpc_process_start_req *request,
    struct err *err)
{
	struct task *task = calloc(1, sizeof *task);
	struct user user;

	if (task == NULL) {
		err_set(err, ENOMEM, "process: out of memory");
		return NULL;
	}
	if (user_find(request->user, &user, err) < 0) {
		free(task);
		return NULL;
	}
	task->init = init;
	task->has_tty = request->pty != 0;
	if (origin_init(&task->origin, request, err) < 0) {
		origin_fini(&task->origin);
		free(task);
		return NULL;
	}
	snprintf(task->user, sizeof task->user, "%s", user.name);
	describe(task, request);
	journal_init(&task->journal);
	TAILQ_INIT(&task->viewers);
	return task;
}

/* As task_start, up to the running process. */
static int
begin(struct init *init, const struct rpc_process_start_req *request,
    bool has_channel, struct task **ret, struct spawned *spawned,
    struct err *err)
{
	auto_close int channel_fd = -1;
	struct task *task = new_task(init, request, err);
	int r = task == NULL ? -err->code :
	    make_channel(task, has_channel, &channel_fd, err);

	if (r == 0) {
		task->oom_kills = oom_count(&init->oom);
		r = spawn(task, request, channel_fd, spawned, err);
	}
	if (r < 0 && task != NULL) {
		fd_close(&task->outlets[JOURNAL_CHANNEL].watch.fd);
		origin_fini(&task->origin);
		free(task);
	}
	*ret = task;
	return r;
}

int
task_start(struct init *init, const struct rpc_process_start_req *request,
    bool has_channel, struct task **ret, struct err *err)
{
	struct spawned spawned = {0};
	struct task *task = NULL;
	int r = check(request, err);

	if (r == 0)
		r = make_room(init, err);
	if (r == 0)
		r = begin(init, request, has_channel, &task, &spawned, err);
	if (r < 0)
		return r;
	task->id = ++init->last_task_id;
	task->pid = spawned.pid;
	task->started_ms = unix_now_ms();
	output_add(&init->output, task->id, OUTPUT_STARTED, task->started_ms,
	    task->command, strlen(task->command));
	if (request->timeout_ms != 0)
		task->due_ms = loop_now_ms() + request->timeout_ms;
	connect_streams(task, &spawned, request->has_input != 0);
	TAILQ_INSERT_TAIL(&init->tasks, task, link);
	init->n_tasks++;
	init->n_spawned++;
	task_review(task);
	*ret = task;
	return 0;
}

struct task *
task_find(const struct init *init, uint32_t id, struct err *err)
{
	struct task *task;

	TAILQ_FOREACH(task, &init->tasks, link)
		if (task->id == id)
			return task;
	err_set(err, ESRCH, "process %u: is not, or ended a while ago", id);
	return NULL;
}

void
task_resize(const struct task *task, uint32_t rows, uint32_t columns)
{
	struct winsize size = {.ws_row = (unsigned short)rows,
	    .ws_col = (unsigned short)columns};

	if (task->has_tty && task->inlet.watch.fd >= 0)
		(void)ioctl(task->inlet.watch.fd, TIOCSWINSZ, &size);
}

void
task_kill(struct task *task)
{
	if (task->state == TASK_RUNNING)
		(void)kill(-task->pid, SIGKILL);
	if (task->group != NULL &&
	    !group_kill(&task->init->groups, task->group))
		task->kill_ms = loop_now_ms() + KILL_LOOK_MS;
	else
		task->kill_ms = 0;
}

bool
task_is_dying(const struct task *task)
{
	return task->state == TASK_RUNNING || task->kill_ms != 0;
}

/* Killed, or a shell that tells so of what it ran, while the kernel killed for
 * memory; who else was killed then by hand is taken for such a one. */
static bool
is_oom(const struct task *task)
{
	const int status = task->wait_status;
	const bool is_killed = (WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL) || (WIFEXITED(status) &&
	    WEXITSTATUS(status) == 128 + SIGKILL);

	return is_killed && !task->is_timed_out &&
	    oom_count(&task->init->oom) > task->oom_kills;
}

void
task_reaped(struct init *init, pid_t pid, int wait_status)
{
	struct task *task;

	TAILQ_FOREACH(task, &init->tasks, link) {
		if (task->pid != pid || task->state != TASK_RUNNING)
			continue;
		task->state = TASK_DRAINING;
		task->wait_status = wait_status;
		task->is_oom = is_oom(task);
		task->ended_ms = unix_now_ms();
		task->due_ms = loop_now_ms() + TASK_DRAIN_MS;
		inlet_end(&task->inlet);
		count_owed(task);
		task_review(task);
		return;
	}
}

/* May free it. */
static void
do_what_is_due(struct task *task)
{
	task->due_ms = 0;
	switch (task->state) {
	case TASK_RUNNING:
		task->is_timed_out = true;
		task_kill(task);
		break;
	case TASK_DRAINING:
		if (owes_output(task)) {
			task->due_ms = loop_now_ms() + TASK_DRAIN_MS;
			break;
		}
		settle(task);
		task_review(task);
		break;
	case TASK_ENDED:
		if (is_drained(task))
			forget(task);
		else
			settle(task);
		break;
	}
}

/* Of two times, 0 being none. */
static uint64_t
sooner(uint64_t one_ms, uint64_t other_ms)
{
	if (one_ms == 0 || other_ms == 0)
		return one_ms + other_ms;
	return one_ms < other_ms ? one_ms : other_ms;
}

int
task_expire(struct init *init)
{
	struct task *task = TAILQ_FIRST(&init->tasks), *next;
	uint64_t now_ms, first_ms = UINT64_MAX;

	if (task == NULL)
		return -1;
	now_ms = loop_now_ms();
	for (; task != NULL; task = next) {
		next = TAILQ_NEXT(task, link);
		if (task->kill_ms != 0 && task->kill_ms <= now_ms)
			task_kill(task);
		if (task->due_ms != 0 && task->due_ms <= now_ms)
			do_what_is_due(task);
	}
	TAILQ_FOREACH(task, &init->tasks, link)
		first_ms = sooner(first_ms, sooner(task->due_ms,
		    task->kill_ms));
	if (first_ms == UINT64_MAX)
		return -1;
	return first_ms <= now_ms ? 0 : (int)(first_ms - now_ms > INT32_MAX ?
	    INT32_MAX : first_ms - now_ms);
}
