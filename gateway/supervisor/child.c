// SPDX-License-Identifier: Apache-2.0
#include "gateway/supervisor/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/protocol/handover.h"

/* Above every descriptor a child is given. */
#define CHILD_ASIDE_FD (HANDOVER_FD + CHILD_FDS_MAX)

/* What sanitizers are told must reach the programs under test too. */
static const char *const env_kept[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS",
    "LSAN_OPTIONS"};

static void
make_environment(char **env)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	size_t n = 0;

	env[n++] = path;
	for (size_t i = 0; i < sizeof env_kept / sizeof *env_kept; i++)
		for (char **p = environ; *p != NULL; p++) {
			size_t size = strlen(env_kept[i]);

			if (strncmp(*p, env_kept[i], size) == 0 &&
			    (*p)[size] == '=')
				env[n++] = *p;
		}
	env[n] = NULL;
}

/* In the child: aside first, as the numbers may overlap. */
static int
place_fds(const int *fds, size_t n_fds)
{
	int aside[CHILD_FDS_MAX];
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0)
		return -errno;
	for (size_t i = 0; i < n_fds; i++) {
		aside[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, CHILD_ASIDE_FD);
		if (aside[i] < 0)
			return -errno;
	}
	for (size_t i = 0; i < n_fds; i++)
		if (dup2(aside[i], HANDOVER_FD + (int)i) < 0)
			return -errno;
	return close_range((unsigned int)(HANDOVER_FD + n_fds), ~0u, 0);
}

/* Raising it takes no capability. */
static void
set_oom_score(const char *score)
{
	auto_close int fd = open("/proc/self/oom_score_adj",
	    O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, score, strlen(score)) < 0)
		log_warn("oom_score_adj: %s", strerror(errno));
}

static void __attribute__((noreturn))
execute(const char *path, const char *const *argv, const int *fds,
    size_t n_fds, const char *oom_score)
{
	char *env[2 + sizeof env_kept / sizeof *env_kept];
	sigset_t none;
	int r = place_fds(fds, n_fds);

	if (r < 0)
		fatal("%s: descriptors: %s", path, strerror(-r));
	make_environment(env);
	if (oom_score != NULL)
		set_oom_score(oom_score);
	sigemptyset(&none);
	if (chdir("/") < 0 || sigprocmask(SIG_SETMASK, &none, NULL) < 0 ||
	    signal(SIGPIPE, SIG_DFL) == SIG_ERR)
		fatal("%s: %s", path, strerror(errno));
	execve(path, (char *const *)(uintptr_t)argv, env);
	fatal("%s: %s", path, strerror(errno));
}

int
child_start(const char *path, const char *const *argv, const int *fds,
    size_t n_fds, const char *oom_score, pid_t *ret_pid, struct err *err)
{
	pid_t pid;

	if (n_fds > CHILD_FDS_MAX)
		return err_set(err, E2BIG, "%s: too many descriptors", path);
	pid = fork();
	if (pid < 0)
		return err_errno(err, "fork for %s", path);
	if (pid == 0)
		execute(path, argv, fds, n_fds, oom_score);
	*ret_pid = pid;
	return 0;
}
