// SPDX-License-Identifier: Apache-2.0
/*
 * DANGER: everything here but child_start runs in the memory of PID 1, which
 * waits meanwhile. No allocation, no stdio, no writing to anything but the
 * stack; signals stay blocked until the memory is the child's own.
 */
#include "sandboxd/init/process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandboxd/init/process/rc.h"

#define CHILD_UMASK 022
#define NOLOGIN	    "/etc/nologin"
#define EXIT_SSHD   1
#define EXIT_NOLOGIN 254 /* sshd's */
#define EXIT_NO_PROGRAM 127

/* Soft limits as a login has them; hard ones are what the sandbox has. */
#define CHILD_NOFILE	  1024
#define CHILD_STACK_BYTES (8UL * 1024 * 1024)

/*
 * Nobody reads our pipe or terminal yet, and PID 1 waits for us: what does not
 * fit is left out.
 */
static bool
write_now(const char *data, size_t size)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	ssize_t n;

	(void)fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
	n = write(STDERR_FILENO, data, size);
	(void)fcntl(STDERR_FILENO, F_SETFL, flags);
	return n == (ssize_t)size;
}

static void
say(const char *words)
{
	(void)write_now(words, strlen(words));
}

__attribute__((noreturn)) static void
die(const char *words, int status)
{
	const char *why = strerrordesc_np(errno);

	say(words);
	say(": ");
	say(why != NULL ? why : "unknown error");
	say("\n");
	_exit(status);
}

/* Moves the three descriptors to 0, 1 and 2 without treading on one another. */
static void
place_stdio(const int from[3])
{
	int high[3];

	for (int i = 0; i < 3; i++) {
		high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3);
		if (high[i] < 0)
			_exit(EXIT_SSHD);
	}
	for (int i = 0; i < 3; i++)
		if (dup2(high[i], i) < 0)
			_exit(EXIT_SSHD);
}

static void
reset_oom(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)!write(fd, "0", 1);
		(void)close(fd);
	}
}

static void
lower_limit(int resource, rlim_t soft)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return;
	limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
	(void)setrlimit(resource, &limit);
}

/* What it may start, and that it is no more than any other: init is before
 * all, and what comes from the reserve stays so. */
static void
take_place(const struct child_plan *plan)
{
	const struct rlimit limit = {.rlim_cur = plan->processes_max,
	    .rlim_max = plan->processes_max};

	if (plan->processes_max > 0)
		(void)setrlimit(RLIMIT_NPROC, &limit);
	if (!plan->keeps_nice && getpriority(PRIO_PROCESS, 0) < 0)
		(void)setpriority(PRIO_PROCESS, 0, 0);
}

/* The first descriptor that is to be closed: after the channel, which is put
 * in its place, with what is there. */
static unsigned
place_channel(const struct child_plan *plan)
{
	if (plan->channel_fd < 0)
		return CHILD_CHANNEL_FD;
	if (plan->channel_fd == CHILD_CHANNEL_FD ?
	    fcntl(CHILD_CHANNEL_FD, F_SETFD, 0) < 0 :
	    dup2(plan->channel_fd, CHILD_CHANNEL_FD) < 0)
		die("channel", EXIT_SSHD);
	return CHILD_CHANNEL_FD + 1;
}

/* Descriptors from 3 up are closed, but for the channel, and for our executable
 * where needed. */
static void
close_others(const struct child_plan *plan)
{
	unsigned keep = CHILD_SELF_FD, first;

	if (plan->needs_self || plan->program == NULL ||
	    plan->rc_argv != NULL) {
		if (plan->self_fd != CHILD_SELF_FD &&
		    dup2(plan->self_fd, CHILD_SELF_FD) < 0)
			die("sandbox-init", EXIT_SSHD);
		first = place_channel(plan);
		(void)syscall(SYS_close_range, first, keep - 1, 0U);
		(void)syscall(SYS_close_range, keep + 1, ~0U, 0U);
		(void)fcntl(CHILD_SELF_FD, F_SETFD,
		    plan->needs_self ? 0 : FD_CLOEXEC);
	} else {
		first = place_channel(plan);
		(void)syscall(SYS_close_range, first, ~0U, 0U);
	}
}

static void
show_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char part[1024];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		while ((n = read(fd, part, sizeof part)) > 0 &&
		    write_now(part, (size_t)n))
			;
	(void)close(fd);
}

/* The message of the day, unless ~ has .hushlogin. */
static void
show_motd(bool is_home)
{
	if (is_home && access(".hushlogin", F_OK) == 0)
		return;
	show_file("/run/motd.dynamic");
	show_file("/etc/motd");
}

/* As sshd does it: root alone is let in. */
static void
obey_nologin(const struct child_plan *plan)
{
	if (!plan->is_login || plan->user->uid == 0 ||
	    access(NOLOGIN, F_OK) < 0)
		return;
	show_file(NOLOGIN);
	_exit(EXIT_NOLOGIN);
}

static const char *
find_path(char *const *envp)
{
	for (; *envp != NULL; envp++)
		if (strncmp(*envp, "PATH=", 5) == 0)
			return *envp + 5;
	return "";
}

/* execvpe without its allocations and its shell fallback. */
static void
exec_search(const struct child_plan *plan)
{
	size_t name_size = strlen(plan->program), size;
	const char *path = find_path(plan->envp);
	int saved = ENOENT;
	char file[PATH_MAX];

	for (; *path != '\0'; path += size + (path[size] == ':')) {
		size = strcspn(path, ":");
		if (size == 0 || size + name_size + 2 > sizeof file)
			continue;
		memcpy(file, path, size);
		file[size] = '/';
		memcpy(file + size + 1, plan->program, name_size + 1);
		execve(file, plan->argv, plan->envp);
		if (errno != ENOENT && errno != ENOTDIR)
			saved = errno;
	}
	errno = saved;
}

__attribute__((noreturn)) static void
execute(const struct child_plan *plan, bool is_home)
{
	bool has_rc = plan->rc_argv != NULL && ((is_home &&
	    access(RC_OF_USER, F_OK) == 0) || access(RC_OF_ALL, F_OK) == 0);
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (has_rc)
		(void)syscall(SYS_execveat, CHILD_SELF_FD, "", plan->rc_argv,
		    plan->envp, AT_EMPTY_PATH);
	else if (plan->program == NULL)
		(void)syscall(SYS_execveat, CHILD_SELF_FD, "", plan->argv,
		    plan->envp, AT_EMPTY_PATH);
	else if (plan->search_path && strchr(plan->program, '/') == NULL)
		exec_search(plan);
	else
		execve(plan->program, plan->argv, plan->envp);
	die(plan->program != NULL ? plan->program : plan->argv[0],
	    plan->search_path ? EXIT_NO_PROGRAM : EXIT_SSHD);
}

/* sshd stays in "/" where the home is missing; a cwd asked for must exist. */
static void
stay_outside(const struct child_plan *plan, int error)
{
	const char *why = strerrordesc_np(error);

	if (plan->chdir_message != NULL) {
		say(plan->chdir_message);
		say(why != NULL ? why : "unknown error");
		say("\n");
	}
	if (plan->cwd != plan->user->home)
		_exit(EXIT_SSHD);
	(void)!chdir("/");
}

__attribute__((noreturn)) static void
child_main(const struct child_plan *plan)
{
	int error;

	(void)setsid();
	/* Itself, before it can start anybody; who cannot stays with init. */
	if (plan->group_fd >= 0)
		(void)!write(plan->group_fd, "0", 1);
	if (plan->has_tty)
		(void)ioctl(plan->stdio_fds[0], TIOCSCTTY, 0);
	place_stdio(plan->stdio_fds);
	close_others(plan);
	if (plan->resets_oom)
		reset_oom();
	lower_limit(RLIMIT_NOFILE, CHILD_NOFILE);
	lower_limit(RLIMIT_STACK, CHILD_STACK_BYTES);
	lower_limit(RLIMIT_CORE, 0);
	take_place(plan);
	(void)umask(CHILD_UMASK);
	if (user_become(plan->user) < 0)
		die("cannot become the user", EXIT_SSHD);
	error = chdir(plan->cwd) < 0 ? errno : 0;
	if (plan->shows_motd)
		show_motd(error == 0);
	obey_nologin(plan);
	if (error != 0)
		stay_outside(plan, error);
	execute(plan, error == 0);
}

pid_t
child_start(const struct child_plan *plan)
{
	sigset_t all, old;
	pid_t pid;
	int saved;

	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &old);
	pid = vfork();
	if (pid == 0)
		child_main(plan);
	saved = errno;
	/* setuid in the shared memory may have made it dumpable again. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return pid >= 0 ? pid : -saved;
}
