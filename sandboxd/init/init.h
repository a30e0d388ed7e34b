// SPDX-License-Identifier: Apache-2.0
/*
 * PID 1 of a sandbox: root of the sandbox's user namespace and nothing on the
 * host. It serves common/init.def to the connections sandboxd introduces, and
 * reaps. One peer's bad request costs that peer its connection, never init.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "common/rpc_calls.h"
#include "sandboxd/init/answers.h"
#include "sandboxd/init/loop.h"
#include "sandboxd/init/process/oom.h"
#include "sandboxd/init/task/group.h"
#include "sandboxd/init/task/output.h"
#include "sandboxd/init/process/spawn.h"

#define INIT_LISTEN_FD	      3
#define INIT_PEERS_MAX	      512
#define INIT_PEERS_KEPT	      32   /* of those, for whoever may be root */
#define INIT_REFUSED_MAX      64   /* beside them, that are told so */
#define INIT_PROCESSES_MAX    4096 /* handles, of all peers */
#define INIT_CONFINED_MAX     16   /* SFTP servers for files, of a peer */
#define INIT_DIALS_MAX	      256  /* unanswered, of all peers */
#define INIT_DEPUTIES_MAX     256  /* of all peers */
#define INIT_HELLO_TIMEOUT_MS 5000

struct init {
	struct loop loop;
	struct watch listener;
	struct watch signals;
	struct oom oom;
	struct answers answers;
	struct spawn_context spawn;
	struct cpus cpus;
	char *env; /* storage behind spawn.env */
	bool is_prepared; /* and waits to be set up */
	bool is_set_up;
	struct rpc_strv entrypoint; /* of the template; its data is owned */
	uint32_t n_spawned;
	uint32_t last_handle;
	struct peer *peers;
	unsigned n_peers; /* without those */
	unsigned n_refused;
	struct process *processes;
	unsigned n_processes;
	struct dial *dials;
	unsigned n_dials;
	struct deputy *deputies;
	unsigned n_deputies;
	struct terminal *terminals;
	unsigned n_terminals;
	TAILQ_HEAD(task_list, task) tasks;
	unsigned n_tasks;
	struct ending *endings;
	unsigned n_endings;
	struct groups groups;
	struct output output;
	uint32_t last_task_id;
};

/*
 * Takes over listen_fd (a listening SOCK_SEQPACKET Unix socket) and prepares
 * to serve it; becomes undumpable, blocks every signal and becomes the reaper
 * of orphans. self_fd is our own executable. 0 or -errno with words.
 */
int init_open(struct init *init, int listen_fd, int self_fd, struct err *err);

/* One turn: waits for an event and handles it. */
void init_turn(struct init *init);
