// SPDX-License-Identifier: Apache-2.0
/*
 * Processes that belong to the sandbox and not to a peer (docs/PROCESSES.md):
 * each has a journal of what it wrote, and any number of viewers.
 */
#pragma once

#include "sandboxd/init/init.h"
#include "sandboxd/init/process/user.h"
#include "sandboxd/init/task/journal.h"

#define TASKS_MAX	  256
#define TASK_TAG_SIZE	  65
#define TASK_COMMAND_SIZE 257
/* How long one that has ended is remembered. */
#define TASK_KEEP_MS (10 * 60 * 1000)
/* How long its exit waits for others that hold its pipes, beyond what it wrote
 * itself. */
#define TASK_DRAIN_MS 200

/* Where it writes: a pipe, or the terminal. */
struct task_outlet {
	struct watch watch; /* first: a watch is its outlet; fd -1 = ended */
	struct task *task;
	enum journal_stream stream;
	int owed_bytes; /* that were there when it ended, and are not read */
	bool is_watched;
};

/* Where it reads, and what it has not taken yet. */
struct task_inlet {
	struct watch watch; /* first: a watch is its inlet; fd -1 = ended */
	struct task *task;
	uint8_t *data; /* owned; NULL = nothing waits */
	uint32_t size, used;
	bool is_watched;
	bool is_ending; /* nothing comes after what waits */
};

/* What it was started with; owned. */
struct task_origin {
	char *command, *cwd;
	struct rpc_strv argv, env;
};

enum task_state {
	TASK_RUNNING,
	TASK_DRAINING, /* has ended; what it wrote is still being read */
	TASK_ENDED,    /* its viewers are told so */
};

struct task {
	TAILQ_ENTRY(task) link; /* in the order of their starts */
	struct init *init;
	uint32_t id;
	char tag[TASK_TAG_SIZE];
	char command[TASK_COMMAND_SIZE];
	char user[USER_NAME_SIZE];
	struct task_origin origin;
	pid_t pid; /* its process group, too */
	struct group *group; /* with all that it started; NULL = none */
	uint64_t kill_ms; /* loop_now_ms: who is left in it; 0 = no kill */
	bool has_tty;
	enum task_state state;
	int wait_status;
	bool is_timed_out;
	unsigned long oom_kills; /* in the sandbox, before it began */
	bool is_oom; /* that, or what it waited for, was such a kill */
	uint64_t started_ms, ended_ms;	 /* Unix time */
	uint64_t due_ms; /* loop_now_ms: the next thing to happen; 0 = none */
	struct journal journal;
	struct task_outlet outlets[N_JOURNAL_STREAM];
	struct task_inlet inlet;
	TAILQ_HEAD(task_viewers, viewer) viewers;
	unsigned n_viewers;
};

/*
 * Starts one as `user` (already permitted), with a channel or without. 0 and
 * *ret, which is init's, or
 * -errno with words: EINVAL a tag or a time limit that is none, EAGAIN too many
 * that run, or as spawn_process.
 */
int task_start(struct init *init, const struct rpc_process_start_req *request,
    bool has_channel, struct task **ret, struct err *err);

/* The one of that id, or NULL with words and ESRCH. */
struct task *task_find(const struct init *init, uint32_t id, struct err *err);

/* Its terminal has another size; one that has none is left alone. */
void task_resize(const struct task *task, uint32_t rows, uint32_t columns);

/* Ends it with all that it has started, also what that left when it ended. */
void task_kill(struct task *task);

/* Whether it has not ended, or some of what it has started is being killed. */
bool task_is_dying(const struct task *task);

/* A child was reaped: where it was a task, that has ended. */
void task_reaped(struct init *init, pid_t pid, int wait_status);

/* Does what is due. Milliseconds until something is, or -1. */
int task_expire(struct init *init);

/*
 * To be called where what it may write, or a viewer be sent, has changed:
 * watches what is to be watched, and tells viewers of its end. May free
 * viewers, not the task.
 */
void task_review(struct task *task);
