// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/calls.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandboxd/init/forward/dial.h"
#include "sandboxd/init/forward/forward.h"
#include "sandboxd/init/permit.h"
#include "sandboxd/init/process/forced.h"
#include "sandboxd/init/process/process.h"
#include "sandboxd/init/process/user.h"
#include "sandboxd/init/setup.h"
#include "sandboxd/init/task/answers.h"
#include "sandboxd/init/task/task.h"
#include "sandboxd/init/terminal/terminals.h"

/*
 * A handler fills the answer and returns whether it may go now; `false` with
 * the answer taken means it goes later. Events have no answer.
 */
struct row {
	const struct rpc_call *call;
	bool (*handler)(struct peer *peer, const void *request,
	    struct answer *answer);
	bool waits_for_setup;
};

static bool
answer_init_hello(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_init_hello_event *request = data;

	(void)answer;
	peer->server.who = RPC_PEER_READY;
	peer->server.rights = request->rights;
	/* No number of guests keeps the owner out, nor sandboxd. */
	if (peer->init->n_peers > INIT_PEERS_MAX - INIT_PEERS_KEPT &&
	    (request->rights & (RPC_RIGHT_ROOT | RPC_RIGHT_CONTROL)) == 0)
		peer_refuse(peer);
	return false;
}

/* Where the command cannot be kept, or is a second one, the peer goes. */
static bool
answer_init_restrict(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_init_restrict_event *request = data;
	const char *command = request->forced_command;

	(void)answer;
	if (command[0] == '\0')
		return false;
	if (peer->forced_command == NULL)
		peer->forced_command = strdup(command);
	if (peer->forced_command == NULL ||
	    strcmp(peer->forced_command, command) != 0)
		peer_drop(peer);
	return false;
}

static int
keep_env(struct init *init, struct rpc_strv env, struct err *err)
{
	char *copy = malloc((size_t)env.size + 1);

	if (copy == NULL)
		return err_set(err, ENOMEM, "env: out of memory");
	if (env.size > 0)
		memcpy(copy, env.data, env.size);
	free(init->env);
	init->env = copy;
	init->spawn.env = env;
	init->spawn.env.data = copy;
	return 0;
}

/* Again from a sandboxd that was started anew; the same. */
static bool
answer_init_defaults(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_init_defaults_event *event = data;
	struct init *init = peer->init;
	char *copy;

	(void)answer;
	user_set_default(event->user);
	snprintf(init->spawn.workdir, sizeof init->spawn.workdir, "%s",
	    event->workdir);
	if (init->is_set_up || event->entrypoint.size == 0 ||
	    (copy = malloc(event->entrypoint.size)) == NULL)
		return false;
	memcpy(copy, event->entrypoint.data, event->entrypoint.size);
	free((void *)(uintptr_t)init->entrypoint.data);
	init->entrypoint = event->entrypoint;
	init->entrypoint.data = copy;
	return false;
}

/* It is the sandbox's: nobody waits for it, and nobody is told. */
static void
start_entrypoint(struct init *init)
{
	const struct rpc_process_start_req request = {
	    .kind = INIT_SPAWN_ARGV, .argv = init->entrypoint, .user = "",
	    .command = "", .cwd = "", .term = "", .tag = "entrypoint"};
	struct task *task;
	struct err err;

	if (init->entrypoint.count > 0)
		(void)task_start(init, &request, false, &task, &err);
}

static bool
answer_init_prepare(struct peer *peer, const void *data,
    struct answer *answer)
{
	if (setup_files(data, &answer->err) == 0)
		peer->init->is_prepared = true;
	return true;
}

static bool
answer_init_setup(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_init_setup_req *request = data;
	struct init *init = peer->init;
	const bool is_first = !init->is_set_up;

	if (setup_files(request, &answer->err) < 0 ||
	    keep_env(init, request->env, &answer->err) < 0)
		return true;
	if (init->is_prepared && !init->is_set_up)
		setup_renew();
	init->is_set_up = true;
	if (is_first)
		start_entrypoint(init);
	return true;
}

static struct process *
new_process(struct peer *peer, struct err *err)
{
	struct process *process = peer->init->n_processes <
	    INIT_PROCESSES_MAX ? process_new(peer) : NULL;

	if (process == NULL)
		err_set(err, EAGAIN, "init keeps no more than %d processes",
		    INIT_PROCESSES_MAX);
	return process;
}

/* Its handle, once it has started. */
static uint32_t
keep_process(struct process *process, pid_t pid)
{
	process_add(process, pid);
	process->peer->init->n_spawned++;
	return process->handle;
}

static bool
answer_spawn(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_spawn_req *request = data;
	auto_forced struct forced forced = {.request = *request};
	struct spawn_context context = peer->init->spawn;
	struct process *process;
	struct spawned spawned;

	if (peer->forced_command != NULL && forced_apply(&forced,
	    peer->forced_command, &answer->err) < 0)
		return true;
	if (permit_spawn(peer, &forced.request, &answer->err) < 0)
		return true;
	if (forced.request.kind == INIT_SPAWN_SFTP &&
	    (peer->server.rights & RPC_RIGHT_SFTP_WRITE) == 0)
		forced.request.kind = INIT_SPAWN_SFTP_READ;
	process = new_process(peer, &answer->err);
	if (process == NULL)
		return true;
	context.is_forced = peer->forced_command != NULL;
	context.is_confined = process->is_confined =
	    permit_is_for_files(peer);
	context.may_rescue = !context.is_forced &&
	    (peer->server.rights & RPC_RIGHT_ROOT) != 0;
	if (spawn_process(&context, &forced.request, &spawned,
	    &answer->err) < 0) {
		free(process);
		return true;
	}
	answer->spawn.handle = keep_process(process, spawned.pid);
	memcpy(answer->fds, spawned.fds, sizeof answer->fds);
	answer->n_fds = spawned.n_fds;
	return true;
}

static int
permit_run(const struct peer *peer, const struct rpc_run_req *request,
    struct err *err)
{
	if (request->program >= N_INIT_PROGRAM)
		return err_set(err, EINVAL, "program: 0 to %d, not %u",
		    N_INIT_PROGRAM - 1, request->program);
	/* Who may only do things to files is served by the SFTP server, which
	 * is confined for them. */
	if ((peer->server.rights & RPC_RIGHT_SFTP) == 0 ||
	    permit_is_for_files(peer) || peer->forced_command != NULL)
		return err_set(err, EACCES, "files: not permitted with this "
		    "login");
	return permit_user(peer, request->user, err);
}

static bool
answer_run(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_run_req *request = data;
	const char *argv[3] = {"sandbox-files"};
	struct spawn_context context = peer->init->spawn;
	struct process *process;
	pid_t pid;

	if (permit_run(peer, request, &answer->err) < 0)
		return true;
	if ((peer->server.rights & RPC_RIGHT_SFTP_WRITE) == 0)
		argv[1] = "-R";
	process = new_process(peer, &answer->err);
	if (process == NULL)
		return true;
	context.may_rescue = (peer->server.rights & RPC_RIGHT_ROOT) != 0;
	if (spawn_program(&context, argv, request->user,
	    answer->given_fd, &pid, &answer->err) < 0)
		free(process);
	else
		answer->run.handle = keep_process(process, pid);
	return true;
}

static bool
answer_signal(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_signal_req *request = data;
	const struct process *process = process_find(peer, request->handle);
	int number = request->signal;

	if (number < 1 || number >= NSIG)
		err_set(&answer->err, EINVAL, "signal: 1 to %d, not %d",
		    NSIG - 1, number);
	else if (process == NULL)
		err_set(&answer->err, ESRCH, "handle %u: has ended, or never "
		    "was this connection's", request->handle);
	else if (kill(-process->pid, number) < 0)
		err_errno(&answer->err, "signal %d", number);
	return true;
}

static bool
answer_dial_tcp(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_dial_tcp_req *request = data;
	/* Answers itself, now or later. */
	dial_start(peer, request->host, request->port,
	    answer);
	return false;
}

static bool
answer_ping(struct peer *peer, const void *request, struct answer *answer)
{
	(void)request;
	answer->ping.spawned = peer->init->n_spawned;
	return true;
}

/* These four answer themselves, now or later. */
static bool
answer_dial_unix(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_dial_unix_req *request = data;
	struct user user;

	if (!permit_find_user(peer, request->user, &user, answer))
		return true;
	forward_dial_unix(peer, request, &user, answer);
	return false;
}

static bool
answer_listen_unix(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_listen_unix_req *request = data;
	struct user user;

	if (!permit_find_user(peer, request->user, &user, answer))
		return true;
	forward_listen_unix(peer, request, &user, answer);
	return false;
}

static bool
answer_agent_listen(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_agent_listen_req *request = data;
	struct user user;

	if (!permit_find_user(peer, request->user, &user, answer))
		return true;
	forward_agent(peer, &user, answer);
	return false;
}

static bool
answer_x11_listen(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_x11_listen_req *request = data;
	struct user user;

	if (!permit_find_user(peer, request->user, &user, answer))
		return true;
	forward_x11(peer, request, &user, answer);
	return false;
}

static bool
answer_listen_tcp(struct peer *peer, const void *data, struct answer *answer)
{
	const struct rpc_listen_tcp_req *request = data;

	forward_listen_tcp(peer, request, answer);
	return false;
}

static bool
answer_terminal_attach(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_terminal_attach_req *request = data;
	const uint32_t wanted = RPC_RIGHT_SPAWN | RPC_RIGHT_PTY;

	if ((peer->server.rights & wanted) != wanted ||
	    peer->forced_command != NULL) {
		err_set(&answer->err, EACCES, "terminals: not permitted with "
		    "this login");
		return true;
	}
	if (permit_user(peer, request->user,
	    &answer->err) == 0)
		(void)terminals_attach(peer, request,
		    answer);
	return true;
}

static bool
answer_terminal_resize(struct peer *peer, const void *data,
    struct answer *answer)
{
	const struct rpc_terminal_resize_req *request = data;
	(void)terminals_resize(peer, request, &answer->err);
	return true;
}

/* Nothing forks while kill(2) goes through them all, and what has the signal
 * does not fork any more. */
static bool
answer_kill_all(struct peer *peer, const void *request, struct answer *answer)
{
	(void)peer;
	(void)request;
	if (kill(-1, SIGKILL) < 0 && errno != ESRCH)
		err_errno(&answer->err, "kill");
	return true;
}

static const struct row rows[] = {
    {&rpc_call_init_hello, answer_init_hello, false},
    {&rpc_call_init_defaults, answer_init_defaults, false},
    {&rpc_call_init_setup, answer_init_setup, false},
    {&rpc_call_spawn, answer_spawn, true},
    {&rpc_call_signal, answer_signal, false},
    {&rpc_call_dial_tcp, answer_dial_tcp, true},
    {&rpc_call_ping, answer_ping, false},
    {&rpc_call_dial_unix, answer_dial_unix, true},
    {&rpc_call_listen_tcp, answer_listen_tcp, true},
    {&rpc_call_listen_unix, answer_listen_unix, true},
    {&rpc_call_agent_listen, answer_agent_listen, true},
    {&rpc_call_x11_listen, answer_x11_listen, true},
    {&rpc_call_init_restrict, answer_init_restrict, false},
    {&rpc_call_terminal_attach, answer_terminal_attach, true},
    {&rpc_call_terminal_resize, answer_terminal_resize, false},
    {&rpc_call_process_start, answer_process_start, true},
    {&rpc_call_process_list, answer_process_list, true},
    {&rpc_call_process_attach, answer_process_attach, true},
    {&rpc_call_process_start_on, answer_process_start, true},
    {&rpc_call_process_attach_on, answer_process_attach, true},
    {&rpc_call_process_signal, answer_process_signal, true},
    {&rpc_call_process_start_channel, answer_process_start_channel, true},
    {&rpc_call_process_view_on, answer_process_view, true},
    {&rpc_call_process_get, answer_process_get, true},
    {&rpc_call_process_resize, answer_process_resize, true},
    {&rpc_call_process_close_input, answer_process_close_input, true},
    {&rpc_call_process_kill, answer_process_kill, true},
    {&rpc_call_kill_all, answer_kill_all, false},
    {&rpc_call_init_prepare, answer_init_prepare, false},
    {&rpc_call_run, answer_run, true},
};

static const struct rpc_call *
row(size_t i)
{
	return i < sizeof rows / sizeof *rows ? rows[i].call : NULL;
}

static int
refuse(struct err *err)
{
	return err_set(err, EUSERS, "a sandbox has at most %d connections, %d "
	    "of them for who may be root (each login, and each process that "
	    "the API has open, is one); end one, or try again",
	    INIT_PEERS_MAX, INIT_PEERS_KEPT);
}

static int
serve(void *arg, size_t i, struct rpc_message *message, const void *request,
    struct err *err)
{
	const struct rpc_call *call = rows[i].call;
	struct peer *peer = arg;
	struct init *init = peer->init;
	struct answer *answer = NULL;

	if (peer->is_refused && call->kind == RPC_KIND_REQUEST)
		return refuse(err);
	if (rows[i].waits_for_setup && !init->is_set_up) {
		peer_hold(peer, message);
		return 0;
	}
	if (call->kind == RPC_KIND_REQUEST) {
		answer = answer_new(call, message->header.id);
		if (answer == NULL)
			return err_set(err, ENOMEM, "init: out of memory");
		if (message->n_fds > 0)
			answer->given_fd = take_fd(&message->fds[0]);
	}
	if (rows[i].handler(peer, request, answer))
		peer_answer(peer, answer);
	if (call == &rpc_call_init_setup && init->is_set_up)
		peer_release_held(init);
	return 0;
}

static void
drop(void *arg, const char *why)
{
	(void)why; /* nobody to tell */
	peer_drop(arg);
}

static void
watch(void *arg, uint32_t events)
{
	struct peer *peer = arg;

	loop_change(&peer->init->loop, &peer->watch, events);
}

const struct rpc_server_table calls_table = {.row = row, .serve = serve,
    .drop = drop, .watch = watch,
    .queue_messages_max = PEER_QUEUE_MESSAGES_MAX,
    .queue_bytes_max = PEER_QUEUE_BYTES_MAX};
