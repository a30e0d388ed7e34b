// SPDX-License-Identifier: Apache-2.0
/*
 * An rpc_client in the loop of gateway-http. Once its socket fails every call
 * that was sent fails; the others as well, unless they are kept for another
 * socket.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/rpc_client.h"
#include "gateway/http/engine/loop.h"

/*
 * Most that the other side is to answer at once: as many small replies fit its
 * socket's buffer. More wait here, one at most for every client.
 */
#define CALLS_MAX 64

/* Of a connection to the init of a sandbox. */
#define SANDBOX_HANGUP "the sandbox hung up"

struct calls;

struct calls_options {
	struct loop *loop;
	int fd;		     /* taken over */
	uint64_t timeout_ms; /* of a call, with its wait here */
	/* Either may be NULL: an event came; the socket has ended, and the
	 * calls are about to fail. */
	void (*on_event)(void *arg, const struct rpc_message *message);
	void (*on_end)(void *arg);
	void *arg;
	/* Calls that were not sent, and later ones, wait for calls_connect. */
	bool keeps_unsent;
	const char *hangup; /* words of EPIPE: who has hung up; lives on */
};

/* *ret is the caller's to calls_free. */
int calls_new(const struct calls_options *options, struct calls **ret,
    struct err *err);

/* Calls under way fail, before it returns. NULL does nothing. */
void calls_free(struct calls *calls);

/*
 * Makes one; done is called once, maybe before this returns, as rpc_client.h
 * has it. `request` is copied, and fd (-1 = none) stays the caller's. ETIMEDOUT
 * after the timeout, EPIPE or ENOTCONN once the other side is gone.
 */
void calls_make(struct calls *calls, const struct rpc_call *call,
    const void *request, int fd, rpc_client_done *done, void *arg);

/* Goes on with another socket, which it takes over, after the end of the last
 * one. 0 or -errno, and then calls still wait. */
int calls_connect(struct calls *calls, int fd, struct err *err);

/* Whether some wait for that. */
bool calls_are_waiting(const struct calls *calls);

/* Ends every call with this. */
void calls_fail(struct calls *calls, const struct err *err);

/* Sends an event, which nobody answers; one that there is no room for is
 * dropped. */
void calls_tell(struct calls *calls, const struct rpc_call *call,
    const void *event);

/* Whether the other side has hung up, though the loop has not said so yet. */
bool calls_have_ended(const struct calls *calls);
