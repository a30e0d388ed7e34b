// SPDX-License-Identifier: Apache-2.0
/*
 * Many calls at once over one socket, on the loop: a reply finds its call by
 * the request's id. Once the socket fails every call fails, for good.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/rpc.h"
#include "gateway/http/engine/loop.h"

/*
 * Most that the other side is to answer at once: as many small replies fit its
 * socket's buffer. More wait here, one at most for every client.
 */
#define CALLS_MAX 64

struct calls;

/*
 * How a call ended. reply is the struct of the call's row, or NULL where err
 * says why there is none; what it points into and the descriptors that came are
 * in *message, from which the callee may take them.
 */
typedef void calls_done(void *arg, const void *reply,
    struct rpc_message *message, const struct err *err);

struct calls_options {
	struct loop *loop;
	int fd;		     /* taken over */
	uint64_t timeout_ms; /* of a call, with its wait here */
	/* Either may be NULL: an event came; the socket has ended, and the
	 * calls are about to fail. */
	void (*on_event)(void *arg, const struct rpc_message *message);
	void (*on_end)(void *arg);
	void *arg;
};

/* *ret is the caller's to calls_free. */
int calls_new(const struct calls_options *options, struct calls **ret,
    struct err *err);

/* Calls under way fail, before it returns. NULL does nothing. */
void calls_free(struct calls *calls);

/*
 * Makes one; done is called once, maybe before this returns. `request` is
 * copied, a descriptor has to stay open until done. -ETIMEDOUT after the
 * timeout (a reply that still comes is dropped), -EPIPE once the other side is
 * gone.
 */
void calls_make(struct calls *calls, const struct rpc_call *call,
    const void *request, int fd, calls_done *done, void *arg);

/* Whether the other side has hung up, though the loop has not said so yet. */
bool calls_have_ended(const struct calls *calls);
