// SPDX-License-Identifier: Apache-2.0
/*
 * The child of vfork shares this process's memory until it executes: what it
 * needs is made before, and between vfork and exec it only makes system calls
 * and touches its own stack (child.c).
 */
#include "sandboxd/init/process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/file.h"
#include "sandboxd/init/process/child.h"
#include "sandboxd/init/process/cpus.h"
#include "sandboxd/init/process/environment.h"
#include "sandboxd/init/process/missing.h"
#include "sandboxd/init/process/pty.h"
#include "sandboxd/init/process/user.h"

#define ARGV_MAX 4096

bool
spawn_is_scp(const char *command, const char **ret_rest)
{
	const char *p = command + strspn(command, " \t");
	size_t size;

	if (strncmp(p, "scp", 3) != 0 || (p[3] != ' ' && p[3] != '\t'))
		return false;
	*ret_rest = p += 3;
	for (;;) {
		p += strspn(p, " \t");
		if (*p != '-')
			return false;
		size = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
		if (size == 0)
			return false;
		for (size_t i = 1; i <= size; i++)
			if (p[i] == 't' || p[i] == 'f')
				return true;
		p += 1 + size;
	}
}

/* For nproc, what counts its threads by OpenMP's rules, and programs of Go,
 * which before 1.25 ask the scheduler; under all that anybody else says. */
static int
set_cpus(struct cpus *cpus, struct environment *env)
{
	static const char *const names[] = {"OMP_NUM_THREADS", "GOMAXPROCS"};
	unsigned n = cpus != NULL ? cpus_limit(cpus) : 0;
	char number[16];
	int r = 0;

	if (n == 0)
		return 0;
	snprintf(number, sizeof number, "%u", n);
	for (size_t i = 0; r == 0 && i < sizeof names / sizeof *names; i++)
		r = environment_set(env, names[i], number);
	return r;
}

static int
make_environment(const struct spawn_context *context,
    const struct rpc_spawn_req *request, const struct user *user,
    const struct pty *pty, struct environment *env, struct err *err)
{
	auto_free char *text = NULL;
	int r = environment_set_path(env, user);

	if (r == 0)
		r = set_cpus(context->cpus, env);
	if (r == 0)
		r = environment_add(env, context->env);
	if (r == 0 && file_read_text("/etc/environment", &text, NULL) == 0)
		r = environment_add_text(env, text);
	if (r == 0)
		r = environment_add(env, request->env);
	if (r == 0)
		r = environment_set_user(env, user);
	if (r == 0 && request->pty && request->term[0] != '\0')
		r = environment_set(env, "TERM", request->term);
	if (r == 0 && request->pty)
		r = environment_set(env, "SSH_TTY", pty->name);
	if (r < 0)
		return err_set(err, -r, r == -E2BIG ?
		    "env: more than %d variables" : "env: out of memory",
		    ENVIRONMENT_MAX);
	return 0;
}

/*
 * The child's ends go to plan->stdio, ours to ret->fds in order. They are the
 * user's, who may open /dev/stdin and its like.
 */
static int
open_pipes(struct child_plan *plan, struct spawned *ret, struct err *err)
{
	int ends[2];

	for (int i = 0; i < 3; i++) {
		if (pipe2(ends, O_CLOEXEC) < 0)
			return err_errno(err, "pipe");
		plan->stdio_fds[i] = ends[i == 0 ? 0 : 1];
		ret->fds[ret->n_fds++] = ends[i == 0 ? 1 : 0];
		if (fchown(ends[0], plan->user->uid, plan->user->gid) < 0)
			return err_errno(err, "pipe: give to %s",
			    plan->user->name);
	}
	return 0;
}

static void
plan_fini(struct child_plan *plan)
{
	for (int i = 0; i < 3; i++)
		if (!plan->has_tty)
			fd_close(&plan->stdio_fds[i]);
	free(plan->argv);
	free(plan->rc_argv);
	free(plan->scratch);
	free(plan->chdir_message);
}

static void
spawned_close(struct spawned *spawned)
{
	for (size_t i = 0; i < spawned->n_fds; i++)
		fd_close(&spawned->fds[i]);
	spawned->n_fds = 0;
}

static int
plan_argv(struct child_plan *plan, const struct rpc_spawn_req *request,
    struct err *err)
{
	struct rpc_strv argv = request->argv;

	if (argv.count == 0 || argv.count > ARGV_MAX || argv.data[0] == '\0')
		return err_set(err, EINVAL, "argv: 1 to %d strings, the first "
		    "not empty", ARGV_MAX);
	plan->argv = calloc((size_t)argv.count + 1, sizeof *plan->argv);
	if (plan->argv == NULL)
		return err_set(err, ENOMEM, "argv: out of memory");
	for (uint32_t i = 0; i < request->argv.count; i++)
		plan->argv[i] = (char *)(uintptr_t)rpc_strv_next(&argv);
	plan->program = plan->argv[0];
	plan->search_path = true;
	return 0;
}

static int
check_shell(const struct user *user, struct err *err)
{
	struct stat st;

	if (stat(user->shell, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & 0111) == 0)
		return err_set(err, ENOENT, "shell %.128s of user %s does not "
		    "exist or is not executable", user->shell, user->name);
	return 0;
}

static int
plan_shell(struct child_plan *plan, const struct rpc_spawn_req *request,
    const struct user *user, struct err *err)
{
	const char *slash = strrchr(user->shell, '/');
	const char *name = slash != NULL ? slash + 1 : user->shell;
	bool is_login = request->kind != INIT_SPAWN_COMMAND;

	plan->argv = calloc(4, sizeof *plan->argv);
	if (plan->argv == NULL)
		return err_set(err, ENOMEM, "argv: out of memory");
	plan->program = user->shell;
	if (asprintf(&plan->scratch, "%s%s", is_login ? "-" : "",
	    is_login ? name : request->command) < 0) {
		plan->scratch = NULL;
		return err_set(err, ENOMEM, "command: out of memory");
	}
	if (is_login) {
		plan->argv[0] = plan->scratch;
		plan->shows_motd = request->pty != 0 &&
		    request->kind == INIT_SPAWN_SHELL;
		return 0;
	}
	plan->argv[0] = (char *)(uintptr_t)name;
	plan->argv[1] = (char *)(uintptr_t)"-c";
	plan->argv[2] = plan->scratch;
	return 0;
}

/* What the user or the image has run first, but for a forced command. */
static int
plan_rc(const struct spawn_context *context, struct child_plan *plan,
    struct err *err)
{
	size_t n = 0;

	if (!plan->is_login || plan->program == NULL || context->is_forced)
		return 0;
	while (plan->argv[n] != NULL)
		n++;
	plan->rc_argv = calloc(n + 3, sizeof *plan->rc_argv);
	if (plan->rc_argv == NULL)
		return err_set(err, ENOMEM, "argv: out of memory");
	plan->rc_argv[0] = (char *)(uintptr_t)"sandbox-rc";
	plan->rc_argv[1] = (char *)(uintptr_t)plan->program;
	memcpy(plan->rc_argv + 2, plan->argv, n * sizeof *plan->argv);
	return 0;
}

/* A command the image cannot run: we do, where it is scp, or it says so. */
static int
plan_missing(struct child_plan *plan, const struct rpc_spawn_req *request,
    const struct environment *env, struct err *err)
{
	const char *path = environment_get(env, "PATH"), *rest;
	char *text = NULL;
	int r = 0;

	if (request->kind != INIT_SPAWN_COMMAND)
		return 0;
	if (!spawn_is_scp(request->command, &rest))
		r = missing_explain(request->command, plan->argv[0], path,
		    &text);
	else if (!missing_has("scp", path))
		r = asprintf(&text, "/proc/self/fd/%d scp%s", CHILD_SELF_FD,
		    rest);
	if (r < 0)
		return err_set(err, ENOMEM, "command: out of memory");
	plan->needs_self = r > 0;
	if (text == NULL)
		return 0;
	free(plan->scratch);
	plan->scratch = plan->argv[2] = text;
	return 0;
}

static int
plan_sftp(struct child_plan *plan, bool is_read_only, bool is_confined,
    struct err *err)
{
	char **next = plan->argv = calloc(4, sizeof *plan->argv);

	if (plan->argv == NULL)
		return err_set(err, ENOMEM, "argv: out of memory");
	*next++ = (char *)(uintptr_t)"sftp-server";
	if (is_confined)
		*next++ = (char *)(uintptr_t)"-C";
	if (is_read_only)
		*next = (char *)(uintptr_t)"-R";
	return 0; /* no program: the child executes self_fd */
}

/* Where one starts who says nothing: the template's place, while it is there,
 * or home. */
static const char *
start_folder(const struct spawn_context *context, const struct user *user)
{
	struct stat st;

	return context->workdir[0] != '\0' && stat(context->workdir,
	    &st) == 0 && S_ISDIR(st.st_mode) ? context->workdir : user->home;
}

static int
make_plan(const struct spawn_context *context, struct child_plan *plan,
    const struct rpc_spawn_req *request, const struct user *user,
    struct err *err)
{
	int r;

	plan->user = user;
	plan->cwd = request->cwd[0] != '\0' ? request->cwd :
	    start_folder(context, user);
	switch (request->kind) {
	case INIT_SPAWN_SHELL:
	case INIT_SPAWN_QUIET_SHELL:
	case INIT_SPAWN_COMMAND:
		plan->is_login = true;
		r = check_shell(user, err);
		if (r == 0)
			r = plan_shell(plan, request, user, err);
		break;
	case INIT_SPAWN_SFTP:
	case INIT_SPAWN_SFTP_READ:
		plan->is_login = true;
		return plan_sftp(plan, request->kind == INIT_SPAWN_SFTP_READ,
		    context->is_confined, err);
	case INIT_SPAWN_ARGV:
		r = plan_argv(plan, request, err);
		break;
	default:
		return err_set(err, EINVAL, "kind: 0 to %d, not %u",
		    N_INIT_SPAWN - 1, request->kind);
	}
	if (r == 0 && asprintf(&plan->chdir_message,
	    "Could not chdir to %s %s: ", plan->cwd == user->home ?
	    "home directory" : "directory", plan->cwd) < 0) {
		plan->chdir_message = NULL;
		return err_set(err, ENOMEM, "out of memory");
	}
	return r;
}

/*
 * From the reserve where that is due and may be: a shell as root, and what the
 * command line's exec and file transfers are. Whoever has the table full has
 * none of these from outside.
 */
static bool
is_rescue(const struct spawn_context *context,
    const struct rpc_spawn_req *request, const struct user *user)
{
	bool is_shell = request->kind == INIT_SPAWN_SHELL ||
	    request->kind == INIT_SPAWN_QUIET_SHELL;

	return context->may_rescue && (!is_shell || user->uid == 0) &&
	    rescue_is_due(&context->rescue);
}

/* Init is in the reserve's group meanwhile. Should it not get back, the next
 * one that leaves takes it along. */
static pid_t
start_in_reserve(const struct spawn_context *context, struct child_plan *plan)
{
	int r = rescue_enter(&context->rescue);
	pid_t pid;

	if (r < 0)
		return r;
	if (plan->processes_max > 0)
		plan->processes_max += RESCUE_PLACES;
	plan->keeps_nice = true;
	pid = child_start(plan);
	(void)rescue_leave(&context->rescue);
	return pid;
}

static int
start(const struct spawn_context *context,
    const struct rpc_spawn_req *request, struct child_plan *plan,
    struct spawned *ret, struct err *err)
{
	bool is_rescued = is_rescue(context, request, plan->user);
	pid_t pid = is_rescued ? start_in_reserve(context, plan) :
	    child_start(plan);

	if (pid == -EAGAIN && is_rescued)
		return err_set(err, EAGAIN, "the sandbox's process limit and "
		    "its reserve for rescues are reached; sandgate kill ends "
		    "what runs");
	if (pid == -EAGAIN)
		return err_set(err, EAGAIN, "the sandbox's limit of %u "
		    "processes is reached; its owner gets in as +root, and "
		    "sandgate kill ends what runs",
		    rescue_limit(&context->rescue));
	if (pid < 0)
		return err_set(err, -pid, "new process: %s", strerror(-pid));
	ret->pid = pid;
	return 0;
}

int
spawn_process(const struct spawn_context *context,
    const struct rpc_spawn_req *request, struct spawned *ret, struct err *err)
{
	__attribute__((cleanup(plan_fini))) struct child_plan plan = {
	    .stdio_fds = {-1, -1, -1},
	    .self_fd = context->self_fd,
	    .group_fd = context->group_fd,
	    .channel_fd = context->channel_fd,
	    .resets_oom = context->oom_is_adjusted,
	    .processes_max = rescue_limit(&context->rescue),
	};
	__attribute__((cleanup(spawned_close))) struct spawned spawned = {0};
	auto_environment struct environment env = {0};
	auto_pty struct pty pty = {.master_fd = -1, .slave_fd = -1};
	struct user user;
	int r = user_find(request->user, &user, err);

	if (r == 0)
		r = make_plan(context, &plan, request, &user, err);
	if (r == 0 && request->pty) {
		r = pty_open(request, &user, &pty, err);
		plan.has_tty = true;
		for (int i = 0; i < 3; i++)
			plan.stdio_fds[i] = pty.slave_fd;
		spawned.fds[0] = take_fd(&pty.master_fd);
		spawned.n_fds = 1;
	} else if (r == 0) {
		r = open_pipes(&plan, &spawned, err);
	}
	if (r == 0)
		r = make_environment(context, request, &user, &pty, &env, err);
	if (r == 0)
		r = plan_missing(&plan, request, &env, err);
	if (r == 0)
		r = plan_rc(context, &plan, err);
	plan.envp = env.values;
	if (r == 0)
		r = start(context, request, &plan, &spawned, err);
	if (r < 0)
		return r;
	*ret = spawned;
	spawned.n_fds = 0;
	return 0;
}

int
spawn_program(const struct spawn_context *context, const char **argv,
    const char *user_name, int fd, pid_t *ret, struct err *err)
{
	const struct rpc_spawn_req request = {.kind = INIT_SPAWN_SFTP,
	    .user = user_name, .term = ""};
	auto_environment struct environment env = {0};
	auto_close int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct user user;
	struct child_plan plan = {.user = &user, .cwd = user.home,
	    .argv = (char **)(uintptr_t)argv, .is_login = true,
	    .stdio_fds = {fd, fd, nowhere}, .self_fd = context->self_fd,
	    .group_fd = -1, .channel_fd = -1,
	    .resets_oom = context->oom_is_adjusted,
	    .processes_max = rescue_limit(&context->rescue)};
	struct spawned spawned;
	int r;

	if (nowhere < 0)
		return err_errno(err, "/dev/null");
	r = user_find(user_name, &user, err);
	if (r == 0)
		r = make_environment(context, &request, &user, NULL, &env,
		    err);
	plan.envp = env.values;
	if (r == 0)
		r = start(context, &request, &plan, &spawned, err);
	if (r == 0)
		*ret = spawned.pid;
	return r;
}
