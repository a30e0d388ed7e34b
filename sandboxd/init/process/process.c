// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/process.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "sandboxd/init/task/task.h"
#include "sandboxd/init/terminal/terminals.h"

#define REAPS_A_TURN 256

struct process *
process_new(struct peer *peer)
{
	struct process *process = calloc(1, sizeof *process);

	if (process != NULL)
		process->peer = peer;
	return process;
}

static const struct process *
find_handle(const struct init *init, uint32_t handle)
{
	const struct process *p = init->processes;

	while (p != NULL && p->handle != handle)
		p = p->next;
	return p;
}

void
process_add(struct process *process, pid_t pid)
{
	struct init *init = process->peer->init;

	do
		init->last_handle++;
	while (init->last_handle == 0 ||
	    find_handle(init, init->last_handle) != NULL);
	process->handle = init->last_handle;
	process->pid = pid;
	process->next = init->processes;
	init->processes = process;
	init->n_processes++;
}

struct process *
process_find(const struct peer *peer, uint32_t handle)
{
	struct process *p = peer->init->processes;

	while (p != NULL && (p->peer != peer || p->handle != handle))
		p = p->next;
	return p;
}

unsigned
process_count_confined(const struct peer *peer)
{
	const struct process *p = peer->init->processes;
	unsigned n = 0;

	for (; p != NULL; p = p->next)
		n += p->peer == peer && p->is_confined;
	return n;
}

void
process_forget(struct peer *peer)
{
	struct process **link = &peer->init->processes, *process;

	while ((process = *link) != NULL) {
		if (process->peer != peer) {
			link = &process->next;
			continue;
		}
		*link = process->next;
		peer->init->n_processes--;
		if (process->is_confined)
			(void)kill(process->pid, SIGKILL);
		free(process);
	}
}

static void
take_out(struct process *process)
{
	struct init *init = process->peer->init;
	struct process **link = &init->processes;

	while (*link != process)
		link = &(*link)->next;
	*link = process->next;
	init->n_processes--;
}

void
process_remove(struct process *process)
{
	take_out(process);
	free(process);
}

void
process_end(struct process *process, int wait_status)
{
	const struct rpc_exited_event event = {.handle = process->handle,
	    .wait_status = wait_status};

	take_out(process);
	rpc_server_tell(&process->peer->server, &rpc_call_exited, &event);
	free(process);
}

static struct process *
find_pid(const struct init *init, pid_t pid)
{
	struct process *p = init->processes;

	while (p != NULL && p->pid != pid)
		p = p->next;
	return p;
}

/* None, where it is an orphan or nobody's any more; several of a terminal. */
static void
tell(struct init *init, pid_t pid, int wait_status)
{
	struct process *process;

	/* Telling may drop a peer and free any of them. */
	while ((process = find_pid(init, pid)) != NULL)
		process_end(process, wait_status);
	terminals_shell_ended(init, pid);
	task_reaped(init, pid, wait_status);
}

bool
process_reap(struct init *init)
{
	int wait_status;
	pid_t pid;

	for (int i = 0; i < REAPS_A_TURN; i++) {
		pid = waitpid(-1, &wait_status, WNOHANG | __WALL);
		if (pid <= 0)
			return false;
		tell(init, pid, wait_status);
	}
	return true;
}
