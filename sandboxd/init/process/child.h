// SPDX-License-Identifier: Apache-2.0
/* What a new process does between vfork and exec. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandboxd/init/process/user.h"

/* Where the child finds our executable; high, out of a shell script's way. */
#define CHILD_SELF_FD 200

/* Where a process that has a channel finds it. */
#define CHILD_CHANNEL_FD 3

struct child_plan {
	const struct user *user;
	const char *cwd;
	char *chdir_message; /* "Could not chdir to ...: "; NULL: silent */
	const char *program; /* NULL: self_fd */
	bool search_path;    /* program is looked for in PATH */
	char **argv;
	char *const *envp;
	char *scratch; /* storage behind argv */
	int stdio_fds[3];
	bool has_tty;	 /* stdio is a terminal, to be controlling */
	bool needs_self; /* CHILD_SELF_FD stays open over exec */
	bool shows_motd;
	bool is_login;	 /* which /etc/nologin forbids */
	/* Runs ~/.ssh/rc and the like (rc.h), then program; NULL = no. */
	char **rc_argv;
	bool resets_oom;
	/* Of its user at most, 0 = as many as init itself may. */
	uint32_t processes_max;
	bool keeps_nice; /* comes before all others, as init does */
	int self_fd;
	int channel_fd; /* becomes CHILD_CHANNEL_FD; -1 = none */
	int group_fd; /* cgroup.threads of its group; -1 = none */
};

/*
 * Starts the child and returns its pid once it has executed or ended, or
 * -errno. A child that cannot do what the plan says tells its stderr why and
 * exits with sshd's status, 1 (127 for argv that is not found).
 */
pid_t child_start(const struct child_plan *plan);
