// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/task/answers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "sandboxd/init/permit.h"
#include "sandboxd/init/task/ending.h"
#include "sandboxd/init/task/inlet.h"
#include "sandboxd/init/task/task.h"
#include "sandboxd/init/task/viewer.h"

/* Of the records of process_list, and of one alone. */
#define RECORDS_SIZE 180000
#define RECORD_SIZE  1024

/* A login that may run one command alone has nothing that lives on. */
static int
permit(const struct peer *peer, struct err *err)
{
	if (peer->forced_command == NULL)
		return 0;
	return err_set(err, EACCES, "processes: not permitted with this "
	    "login");
}

static int
permit_start(const struct peer *peer,
    const struct rpc_process_start_req *request, struct err *err)
{
	const struct rpc_spawn_req spawn = {.kind = request->kind,
	    .user = request->user, .pty = request->pty};

	if (permit(peer, err) < 0)
		return -err->code;
	if (request->attaches > INIT_ATTACH_PACED)
		return err_set(err, EINVAL, "attaches: 0 to %d, not %u",
		    INIT_ATTACH_PACED, request->attaches);
	return permit_spawn(peer, &spawn, err);
}

/* Of that id, and of a user whom the peer may be. */
static struct task *
find(const struct peer *peer, uint32_t id, struct err *err)
{
	struct task *task = permit(peer, err) < 0 ? NULL :
	    task_find(peer->init, id, err);

	if (task != NULL && permit_user(peer, task->user, err) < 0)
		return NULL;
	return task;
}

static void
attach(struct task *task, const struct viewer_wish *wish,
    struct answer *answer)
{
	int fd;

	if (answer->given_fd >= 0)
		(void)viewer_add_on(task, wish, &answer->given_fd,
		    &answer->err);
	else if (viewer_add(task, wish, &fd, &answer->err) == 0)
		answer->fds[answer->n_fds++] = fd;
}

static bool
start(struct peer *peer, const struct rpc_process_start_req *request,
    bool has_channel, struct answer *answer)
{
	struct task *task;

	if (permit_start(peer, request, &answer->err) < 0 ||
	    task_start(peer->init, request, has_channel, &task,
	    &answer->err) < 0)
		return true;
	answer->process_start.id = task->id;
	answer->process_start.pid = (uint32_t)task->pid;
	if (request->attaches == INIT_ATTACH_NONE)
		return true;
	attach(task, &(struct viewer_wish){.views = request->attaches},
	    answer);
	if (answer->err.code != 0)
		task_kill(task);
	return true;
}

bool
answer_process_start(struct peer *peer, const void *data,
    struct answer *answer)
{
	return start(peer, data, false, answer);
}

bool
answer_process_start_channel(struct peer *peer, const void *data,
    struct answer *answer)
{
	return start(peer, data, true, answer);
}

static struct rpc_process_info
describe(const struct task *task)
{
	return (struct rpc_process_info){
	    .id = task->id,
	    .tag = task->tag,
	    .command = task->command,
	    .user = task->user,
	    .pid = (uint32_t)task->pid,
	    .has_tty = task->has_tty,
	    .started_ms = task->started_ms,
	    .ended_ms = task->ended_ms,
	    .wait_status = task->wait_status,
	    .is_timed_out = task->is_timed_out,
	    .stdout_bytes = task->journal.written[JOURNAL_STDOUT],
	    .stderr_bytes = task->journal.written[JOURNAL_STDERR],
	    .start_position = journal_start(&task->journal),
	    .end_position = task->journal.end,
	};
}

static int
add(struct rpc_list *list, const struct task *task)
{
	const struct rpc_process_info info = describe(task);

	return rpc_list_add(list, &rpc_layout_process_info, &info);
}

/* Room for records, which go with the answer; false: it has failed. */
static bool
begin_list(struct answer *answer, struct rpc_list *list, size_t size)
{
	*list = (struct rpc_list){.size = size};
	answer->records = list->data = malloc(size);
	if (list->data != NULL)
		return true;
	err_set(&answer->err, ENOMEM, "processes: out of memory");
	return false;
}

bool
answer_process_list(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_process_list_req *request = data;
	struct rpc_list list;
	struct task *task;

	if (permit(peer, &answer->err) < 0 ||
	    !begin_list(answer, &list, RECORDS_SIZE))
		return true;
	if (request->id != 0) {
		task = find(peer, request->id, &answer->err);
		if (task != NULL)
			(void)add(&list, task);
	} else {
		TAILQ_FOREACH(task, &peer->init->tasks, link)
			(void)add(&list, task);
	}
	answer->process_list.processes = rpc_list_bytes(&list);
	return true;
}

bool
answer_process_attach(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_process_attach_req *request = data;
	struct task *task;

	if (request->attaches != INIT_ATTACH &&
	    request->attaches != INIT_ATTACH_PACED) {
		err_set(&answer->err, EINVAL, "attaches: %d or %d, not %u",
		    INIT_ATTACH, INIT_ATTACH_PACED, request->attaches);
		return true;
	}
	task = find(peer, request->id, &answer->err);
	if (task != NULL)
		attach(task, &(struct viewer_wish){request->position,
		    request->attaches, false}, answer);
	return true;
}

bool
answer_process_signal(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_process_signal_req *request = data;
	const struct task *task;

	if (request->signal < 1 || request->signal >= NSIG) {
		err_set(&answer->err, EINVAL, "signal: 1 to %d, not %d",
		    NSIG - 1, request->signal);
		return true;
	}
	task = find(peer, request->id, &answer->err);
	if (task == NULL)
		return true;
	if (task->state != TASK_RUNNING)
		err_set(&answer->err, ESRCH, "process %u: has ended",
		    task->id);
	else if (kill(-task->pid, request->signal) < 0)
		err_errno(&answer->err, "signal %d", request->signal);
	return true;
}

bool
answer_process_view(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_process_view_req *request = data;
	const struct viewer_wish wish = {request->position, request->views,
	    request->ends_at_now != 0};
	struct rpc_list list;
	struct task *task;

	if (request->views == INIT_ATTACH_NONE ||
	    request->views >= N_INIT_ATTACH) {
		err_set(&answer->err, EINVAL, "views: %d to %d, not %u",
		    INIT_ATTACH, N_INIT_ATTACH - 1, request->views);
		return true;
	}
	task = find(peer, request->id, &answer->err);
	if (task == NULL || !begin_list(answer, &list, RECORD_SIZE))
		return true;
	(void)add(&list, task);
	answer->process_view.process = rpc_list_bytes(&list);
	attach(task, &wish, answer);
	return true;
}

bool
answer_process_get(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_process_get_req *request = data;
	const struct task *task = find(peer, request->id, &answer->err);
	struct rpc_list list;

	if (task == NULL || !begin_list(answer, &list, RECORD_SIZE))
		return true;
	(void)add(&list, task);
	answer->process_get = (struct rpc_process_get_rep){
	    .process = rpc_list_bytes(&list),
	    .command = task->origin.command,
	    .argv = task->origin.argv,
	    .cwd = task->origin.cwd,
	    .env = task->origin.env,
	    .has_input = task->inlet.watch.fd >= 0,
	};
	return true;
}

/* One that runs, or NULL with words. */
static struct task *
find_running(const struct peer *peer, uint32_t id, struct err *err)
{
	struct task *task = find(peer, id, err);

	if (task == NULL || task->state == TASK_RUNNING)
		return task;
	err_set(err, EBUSY, "process %u: has ended", id);
	return NULL;
}

bool
answer_process_resize(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_process_resize_req *request = data;
	const struct task *task = find_running(peer, request->id,
	    &answer->err);

	if (task == NULL)
		return true;
	if (!task->has_tty)
		err_set(&answer->err, EBUSY, "process %u: has no terminal",
		    task->id);
	else
		task_resize(task, request->rows, request->columns);
	return true;
}

bool
answer_process_close_input(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_process_close_input_req *request = data;
	struct task *task = find_running(peer, request->id, &answer->err);

	if (task == NULL)
		return true;
	inlet_finish(&task->inlet);
	task_review(task);
	return true;
}

bool
answer_process_kill(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_process_kill_req *request = data;
	struct task *task = find(peer, request->id, &answer->err);

	if (task == NULL)
		return true;
	task_kill(task);
	ending_await(peer, task, answer);
	return false;
}
