// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/terminal/terminals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "sandboxd/init/process/child.h"
#include "sandboxd/init/process/process.h"
#include "sandboxd/init/process/user.h"
#include "sandboxd/init/terminal/order.h"

#define NAME_BYTES \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

struct terminal {
	struct watch control; /* first: a watch is its terminal */
	struct init *init;
	struct terminal *next;
	char name[TERMINAL_NAME_SIZE];
	char user[USER_NAME_SIZE];
	pid_t shell_pid; /* 0 = has ended: only the last frames are left */
};

static struct terminal *
find_terminal(const struct init *init, const char *name, const char *user)
{
	struct terminal *t = init->terminals;

	while (t != NULL && (t->shell_pid == 0 || strcmp(t->name, name) != 0 ||
	    strcmp(t->user, user) != 0))
		t = t->next;
	return t;
}

void
terminals_shell_ended(struct init *init, pid_t pid)
{
	for (struct terminal *t = init->terminals; t != NULL; t = t->next)
		if (t->shell_pid == pid)
			t->shell_pid = 0;
}

/*
 * Its process has ended. Where that was a fault, the pty hangs up, and whoever
 * was attached hears of the shell's end.
 */
static void
forget(struct terminal *t)
{
	struct init *init = t->init;
	struct terminal **link = &init->terminals;

	for (struct process *p = init->processes; p != NULL; p = p->next)
		if (p->terminal == t)
			p->terminal = NULL;
	while (*link != t)
		link = &(*link)->next;
	*link = t->next;
	init->n_terminals--;
	loop_remove(&init->loop, &t->control);
	fd_close(&t->control.fd);
	free(t);
}

static void
control_ready(struct watch *watch, uint32_t events)
{
	struct terminal *t = (struct terminal *)watch;
	struct terminal_notice notice;
	struct process *p = t->init->processes;
	ssize_t n = recv(watch->fd, &notice, sizeof notice,
	    MSG_DONTWAIT | MSG_TRUNC);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof notice) {
		forget(t);
		return;
	}
	while (p != NULL && (p->terminal != t ||
	    p->handle != notice.attachment))
		p = p->next;
	/* Detached is no failure: nothing of the shell's. */
	if (p != NULL)
		process_end(p, W_EXITCODE(0, 0));
}

static int
start_shell(struct init *init, const struct rpc_terminal_attach_req *request,
    const struct user *user, struct spawned *ret, struct err *err)
{
	struct rpc_spawn_req spawn = {
	    .kind = INIT_SPAWN_SHELL,
	    .user = user->name,
	    .command = "",
	    .cwd = "",
	    .pty = 1,
	    .term = TERMINAL_TERM,
	    .rows = request->rows != 0 ? request->rows : TERMINAL_ROWS,
	    .columns = request->columns != 0 ? request->columns :
		TERMINAL_COLUMNS,
	    .width_pixels = request->width_pixels,
	    .height_pixels = request->height_pixels,
	    .modes = request->modes,
	};
	const char label[] = "SANDGATE_TERMINAL=";
	size_t size = sizeof label + strlen(request->name);
	auto_free char *env = malloc(request->env.size + size);

	if (env == NULL)
		return err_set(err, ENOMEM, "env: out of memory");
	if (request->env.size > 0)
		memcpy(env, request->env.data, request->env.size);
	snprintf(env + request->env.size, size, "%s%s", label, request->name);
	spawn.env = (struct rpc_strv){env, request->env.size + (uint32_t)size,
	    request->env.count + 1};
	return spawn_process(&init->spawn, &spawn, ret, err);
}

/* Starts sandbox-terminal on its two descriptors; 0 or -errno. */
static int
start_program(const struct init *init, const char *name,
    const struct user *user, int control_fd, int master_fd, struct err *err)
{
	auto_close int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC |
	    O_NONBLOCK | O_NOCTTY);
	char *argv[] = {(char *)(uintptr_t)"sandbox-terminal",
	    (char *)(uintptr_t)name, NULL};
	char *envp[] = {NULL};
	struct child_plan plan = {
	    .user = user,
	    .cwd = "/",
	    .chdir_message = (char *)(uintptr_t)"/: ",
	    .argv = argv,
	    .envp = envp,
	    .stdio_fds = {control_fd, master_fd, null_fd},
	    .resets_oom = init->spawn.oom_is_adjusted,
	    .processes_max = rescue_limit(&init->spawn.rescue),
	    .self_fd = init->spawn.self_fd,
	};
	pid_t pid;

	if (null_fd < 0)
		return err_errno(err, "/dev/null");
	pid = child_start(&plan);
	return pid < 0 ? err_set(err, (int)-pid, "new terminal: %s",
	    strerror((int)-pid)) : 0;
}

static void
spawned_close(struct spawned *spawned)
{
	for (size_t i = 0; i < spawned->n_fds; i++)
		fd_close(&spawned->fds[i]);
}

/* A shell, and a process that holds its pty; neither without the other. */
static int
start_both(struct terminal *t, const struct rpc_terminal_attach_req *request,
    const struct user *user, struct err *err)
{
	__attribute__((cleanup(spawned_close))) struct spawned shell = {0};
	auto_close int theirs_fd = -1;
	int control_fds[2], r;

	r = fd_seqpacket_pair(control_fds);
	if (r < 0)
		return err_set(err, -r, "new terminal: %s", strerror(-r));
	t->control = (struct watch){control_fds[0], control_ready};
	theirs_fd = control_fds[1];
	fd_refuse_passing(control_fds[0]);
	r = start_shell(t->init, request, user, &shell, err);
	if (r < 0)
		return r;
	r = start_program(t->init, request->name, user, theirs_fd,
	    shell.fds[0], err);
	if (r == 0) {
		r = loop_add(&t->init->loop, &t->control, EPOLLIN);
		if (r < 0)
			err_set(err, -r, "new terminal: %s", strerror(-r));
	}
	if (r < 0) {
		(void)kill(shell.pid, SIGKILL);
		return r;
	}
	t->shell_pid = shell.pid;
	return 0;
}

static int
make_terminal(struct init *init, const struct rpc_terminal_attach_req *request,
    const struct user *user, struct terminal **ret, struct err *err)
{
	struct terminal *t = NULL;
	int r;

	if (init->n_terminals < TERMINALS_MAX)
		t = calloc(1, sizeof *t);
	if (t == NULL)
		return err_set(err, EAGAIN, "terminal %s: a sandbox has at "
		    "most %d", request->name, TERMINALS_MAX);
	t->init = init;
	snprintf(t->name, sizeof t->name, "%s", request->name);
	snprintf(t->user, sizeof t->user, "%s", user->name);
	r = start_both(t, request, user, err);
	if (r < 0) {
		fd_close(&t->control.fd);
		free(t);
		return r;
	}
	t->next = init->terminals;
	init->terminals = t;
	init->n_terminals++;
	init->n_spawned++;
	*ret = t;
	return 0;
}

static unsigned
count_attached(const struct terminal *t)
{
	unsigned n = 0;

	for (const struct process *p = t->init->processes; p != NULL;
	    p = p->next)
		n += p->terminal == t;
	return n;
}

/* One end of a fresh socket pair to the terminal, the other to the answer. */
static int
hand_over(struct terminal *t, const struct terminal_order *order,
    struct answer *answer)
{
	auto_close int theirs_fd = -1;
	int ends[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(&answer->err, "terminal %s", t->name);
	theirs_fd = ends[0];
	fd_refuse_passing(ends[1]);
	answer->fds[answer->n_fds++] = ends[1];
	r = fd_send(t->control.fd, order, sizeof *order, &theirs_fd, 1,
	    MSG_DONTWAIT);
	if (r == 0)
		return 0;
	fd_close(&answer->fds[--answer->n_fds]);
	return err_set(&answer->err, -r, "terminal %s: %s", t->name,
	    r == -EAGAIN ? "does not answer" : strerror(-r));
}

static int
check_room(struct peer *peer, const struct terminal *t, struct err *err)
{
	if (t != NULL && count_attached(t) >= TERMINAL_ATTACHMENTS_MAX)
		return err_set(err, EAGAIN, "terminal %s: at most %d at once "
		    "can be attached", t->name, TERMINAL_ATTACHMENTS_MAX);
	if (peer->init->n_processes >= INIT_PROCESSES_MAX)
		return err_set(err, EAGAIN, "init keeps no more than %d "
		    "processes", INIT_PROCESSES_MAX);
	return 0;
}

static int
check_name(const char *name, struct err *err)
{
	size_t size = strlen(name);

	if (size == 0 || size >= TERMINAL_NAME_SIZE ||
	    strspn(name, NAME_BYTES) != size)
		return err_set(err, EINVAL, "name: 1 to %d letters, digits, "
		    "'.', '_' and '-'", TERMINAL_NAME_SIZE - 1);
	return 0;
}

static int
attach(struct terminal *t, struct peer *peer,
    const struct rpc_terminal_attach_req *request, struct answer *answer)
{
	struct process *process = process_new(peer);
	struct terminal_order order = {
	    .kind = request->takes_over != 0 ? TERMINAL_TAKE_OVER :
		TERMINAL_ATTACH,
	    .rows = request->rows,
	    .columns = request->columns,
	    .width_pixels = request->width_pixels,
	    .height_pixels = request->height_pixels,
	};

	if (process == NULL)
		return err_set(&answer->err, ENOMEM, "out of memory");
	process_add(process, t->shell_pid);
	process->terminal = t;
	order.attachment = process->handle;
	answer->terminal_attach.handle = process->handle;
	if (hand_over(t, &order, answer) == 0)
		return 0;
	process_remove(process);
	return -answer->err.code;
}

int
terminals_attach(struct peer *peer,
    const struct rpc_terminal_attach_req *request, struct answer *answer)
{
	struct terminal *t = NULL;
	bool is_new = false;
	struct user user;
	int r = check_name(request->name, &answer->err);

	if (r == 0)
		r = user_find(request->user, &user, &answer->err);
	if (r == 0) {
		t = find_terminal(peer->init, request->name, user.name);
		r = check_room(peer, t, &answer->err);
	}
	if (r == 0 && t == NULL) {
		is_new = true;
		r = make_terminal(peer->init, request, &user, &t,
		    &answer->err);
	}
	if (r == 0) {
		answer->terminal_attach.is_new = is_new;
		r = attach(t, peer, request, answer);
	}
	return r;
}

int
terminals_resize(struct peer *peer,
    const struct rpc_terminal_resize_req *request, struct err *err)
{
	const struct process *process = process_find(peer, request->handle);
	const struct terminal_order order = {
	    .kind = TERMINAL_RESIZE,
	    .attachment = request->handle,
	    .rows = request->rows,
	    .columns = request->columns,
	    .width_pixels = request->width_pixels,
	    .height_pixels = request->height_pixels,
	};
	int r;

	if (process == NULL || process->terminal == NULL)
		return err_set(err, ESRCH, "handle %u: is attached to no "
		    "terminal", request->handle);
	r = fd_send(process->terminal->control.fd, &order, sizeof order, NULL,
	    0, MSG_DONTWAIT);
	return r < 0 ? err_set(err, -r, "terminal: %s", strerror(-r)) : 0;
}
