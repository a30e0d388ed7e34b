// SPDX-License-Identifier: Apache-2.0
/* Starting processes in the sandbox, as sshd starts them. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "common/err.h"
#include "common/rpc_calls.h"
#include "sandboxd/init/process/cpus.h"
#include "sandboxd/init/process/rescue.h"

#define SPAWN_FDS_MAX 3

/* As init.def has it, of init_defaults. */
#define SPAWN_WORKDIR_SIZE 512

/* What every spawn of this init shares; owned by init. */
struct spawn_context {
	int self_fd; /* our own executable, close-on-exec */
	struct rpc_strv env;
	char workdir[SPAWN_WORKDIR_SIZE]; /* of the template; "" = the home */
	struct cpus *cpus; /* NULL = it is not told of the limit */
	bool oom_is_adjusted; /* children must go back to 0 */
	struct rescue rescue;
	bool may_rescue; /* the owner asks: the reserve is open to it */
	bool is_forced; /* what runs was not asked for: ~/.ssh/rc does not */
	bool is_confined; /* the login is for files alone */
	int group_fd; /* cgroup.threads of its group; -1 = none of its own */
	int channel_fd; /* is to be CHILD_CHANNEL_FD; -1 = none */
};

/* A started process: its group is its pid. */
struct spawned {
	pid_t pid;
	int fds[SPAWN_FDS_MAX]; /* as its reply_fds; the caller's to close */
	size_t n_fds;
};

/*
 * Starts what the request asks for as `user` (already permitted). Blocks only
 * until the child has executed. 0, or -errno with words and nothing started:
 * ENOENT no such user or shell, EAGAIN the sandbox's process limit, EINVAL a
 * kind or an argument that makes no sense.
 */
int spawn_process(const struct spawn_context *context,
    const struct rpc_spawn_req *request, struct spawned *ret, struct err *err);

/*
 * Starts a program of ours (argv[0]; main.c) as the user, with fd, which stays
 * the caller's, as standard input and output, and standard error nowhere.
 */
int spawn_program(const struct spawn_context *context, const char **argv,
    const char *user_name, int fd, pid_t *ret, struct err *err);

/*
 * Whether a command starts our scp (`scp -t` or `scp -f` with any flags);
 * *ret_rest is then what follows the word "scp". Where the image has no scp,
 * only such a command has its first word replaced, and the user's shell still
 * reads the rest.
 */
bool spawn_is_scp(const char *command, const char **ret_rest);
