// SPDX-License-Identifier: Apache-2.0
/*
 * A program of ours in a sandbox (init.def's run), and the events between it
 * and whoever had it started (inside.def). The socket between is made here, so
 * that nobody in the sandbox can make a read or a write of it wait; what comes
 * over it is believed only about that sandbox.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/rpc_calls.h"

struct identity;
struct inside;

/* What is told of one; any may end it by inside_close. */
struct inside_client {
	/* An event came; what it points into lives until the return. */
	void (*told)(void *arg, const struct rpc_call *row,
	    const void *event);
	/* inside_tell may go on. */
	void (*room)(void *arg);
	/* It is over, or never began: err says why, EPIPE where the program
	 * ended. Once; only inside_close may follow. */
	void (*ended)(void *arg, const struct err *err);
	void *arg;
};

/*
 * Starts one; what is told it before it runs waits for it. 0 or -errno with
 * words; *ret is the caller's to inside_close.
 */
int inside_open(struct identity *who, const char *sandbox_id,
    enum init_program program, const struct inside_client *client,
    struct inside **ret, struct err *err);

/*
 * Tells it something. 0; -EAGAIN: not now, room follows; another -errno:
 * ended follows.
 */
int inside_tell(struct inside *inside, const struct rpc_call *row,
    const void *event);

/* Whether it is to say something within the time of a call, while it is not
 * held; at first it is not. */
void inside_await(struct inside *inside, bool is_awaited);

/* While it is held, nothing is read from it, so that it waits. */
void inside_hold(struct inside *inside, bool is_held);

/* Ends it; nothing is told of it any more. NULL does nothing. */
void inside_close(struct inside *inside);
