// SPDX-License-Identifier: Apache-2.0
/*
 * Something that runs in a sandbox, and what it and whoever had it started tell
 * each other: a program of ours (init.def's run, inside.def), or a process
 * (process_start_on, task_frame.h). The socket between is made here, so that
 * nobody in the sandbox can make a read or a write of it wait; what comes over
 * it is believed only about that sandbox.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/rpc_calls.h"

struct identity;
struct inside;

/* What is told of one; any may end it by inside_close. */
struct inside_client {
	/* The sandbox is reached, where inside_open was given no call; may be
	 * NULL. */
	void (*attached)(void *arg);
	/* The call that hands the socket over was answered; may be NULL. */
	void (*started)(void *arg, const void *reply);
	/* An event came; what it points into lives until the return. */
	void (*told)(void *arg, const struct rpc_call *row,
	    const void *event);
	/* In place of told, where it is not NULL: a datagram of another kind
	 * than inside.def's. */
	void (*datagram)(void *arg, const uint8_t *data, size_t size);
	/* inside_tell may go on. */
	void (*room)(void *arg);
	/* The time of inside_set_due has come; may be NULL. */
	void (*due)(void *arg);
	/* It is over, or never began: err says why, EPIPE where the program
	 * ended. Once; only inside_close may follow. */
	void (*ended)(void *arg, const struct err *err);
	void *arg;
};

/* Largest datagram of another kind. */
#define INSIDE_DATAGRAM_MAX 32768

/*
 * Starts one by a call of init.def's that takes one descriptor; the request has
 * to live until inside_close. What is told it before it runs waits for it. 0 or
 * -errno with words; *ret is the caller's to inside_close. Without a call it is
 * attached to, and inside_start follows.
 */
int inside_open(struct identity *who, const char *sandbox_id,
    const struct rpc_call *call, const void *request,
    const struct inside_client *client, struct inside **ret,
    struct err *err);

/*
 * Before anything is told: requests that are tried, one after the other, where
 * init answers the one before by EINVAL, being older; NULL where there are no
 * more; they live as inside_open's. How many were tried, which is known once
 * something has been told.
 */
#define INSIDE_OLDER_MAX 2
void inside_set_older(struct inside *inside,
    const void *const requests[INSIDE_OLDER_MAX]);
unsigned int inside_age(const struct inside *inside);

/* After attached: the call of inside_open. */
void inside_start(struct inside *inside, const struct rpc_call *call,
    const void *request);

/* Asks init something more, once attached; nobody is told the answer. */
void inside_ask(struct inside *inside, const struct rpc_call *call,
    const void *request);

/*
 * Tells it something. 0; -EAGAIN: not now, room follows; another -errno:
 * ended follows.
 */
int inside_tell(struct inside *inside, const struct rpc_call *row,
    const void *event);

/* The same of an event that a descriptor comes along with, which stays the
 * caller's. */
int inside_tell_fd(struct inside *inside, const struct rpc_call *row,
    const void *event, int fd);

/* The same of a datagram of another kind. */
int inside_send(struct inside *inside, const void *data, size_t size);

/* Whether it is to say something within the time of a call, while it is not
 * held; at first it is not. */
void inside_await(struct inside *inside, bool is_awaited);

/* The same of a time of the caller's. */
void inside_set_patience(struct inside *inside, uint64_t timeout_ms);

/* Has due called once, in_ms from now; in place of what was set. */
void inside_set_due(struct inside *inside, uint64_t in_ms);

/* While it is held, nothing is read from it, so that it waits. */
void inside_hold(struct inside *inside, bool is_held);

/* Ends it; nothing is told of it any more. NULL does nothing. */
void inside_close(struct inside *inside);
