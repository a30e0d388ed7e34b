// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/task/answers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "sandboxd/init/permit.h"
#include "sandboxd/init/task/task.h"
#include "sandboxd/init/task/viewer.h"

/* Of one record of process_list at most, and of the reply. */
#define RECORDS_SIZE 180000

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
	if (request->attaches >= N_INIT_ATTACH)
		return err_set(err, EINVAL, "attaches: 0 to %d, not %u",
		    N_INIT_ATTACH - 1, request->attaches);
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
attach(struct task *task, uint64_t position, uint32_t attaches,
    struct answer *answer)
{
	bool is_paced = attaches == INIT_ATTACH_PACED;
	int fd;

	if (answer->given_fd >= 0)
		(void)viewer_add_on(task, position, is_paced,
		    &answer->given_fd, &answer->err);
	else if (viewer_add(task, position, is_paced, &fd,
	    &answer->err) == 0)
		answer->fds[answer->n_fds++] = fd;
}

bool
answer_process_start(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_process_start_req *request = data;
	struct task *task;

	if (permit_start(peer, request, &answer->err) < 0 ||
	    task_start(peer->init, request, &task, &answer->err) < 0)
		return true;
	answer->process_start.id = task->id;
	answer->process_start.pid = (uint32_t)task->pid;
	if (request->attaches == INIT_ATTACH_NONE)
		return true;
	attach(task, 0, request->attaches, answer);
	if (answer->err.code != 0)
		(void)kill(-task->pid, SIGKILL);
	return true;
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

bool
answer_process_list(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_process_list_req *request = data;
	struct rpc_list list = {.size = RECORDS_SIZE};
	struct task *task;

	if (permit(peer, &answer->err) < 0)
		return true;
	answer->records = list.data = malloc(list.size);
	if (list.data == NULL) {
		err_set(&answer->err, ENOMEM, "processes: out of memory");
		return true;
	}
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
		attach(task, request->position, request->attaches, answer);
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
