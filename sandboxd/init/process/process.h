// SPDX-License-Identifier: Apache-2.0
/*
 * The processes that peers started: handles, exits, and reaping. Whoever is
 * attached to a terminal has a handle of its shell.
 */
#pragma once

#include "sandboxd/init/peer.h"

struct process {
	struct process *next;
	uint32_t handle;
	pid_t pid;
	struct peer *peer;
	struct terminal *terminal; /* that it attaches to; NULL = none */
	bool is_confined; /* a server for files alone: ends with its peer */
};

/* A record without a pid for the peer to start something in, to be freed
 * unless it is added; or NULL. */
struct process *process_new(struct peer *peer);

/* Puts the started process into the table under a fresh handle. */
void process_add(struct process *process, pid_t pid);

/* The peer's own process of that handle, or NULL. */
struct process *process_find(const struct peer *peer, uint32_t handle);

/* Tells the peer that this handle ended, and frees it. */
void process_end(struct process *process, int wait_status);

/* Takes it out of the table, without a word, and frees it. */
void process_remove(struct process *process);

/* How many confined servers the peer has. */
unsigned process_count_confined(const struct peer *peer);

/* Forgets every process of the peer: they live on, but for confined servers;
 * their exits do not tell. */
void process_forget(struct peer *peer);

/*
 * Reaps what has ended, a bounded number at a time, and tells the peers.
 * Returns whether there may be more.
 */
bool process_reap(struct init *init);
