// SPDX-License-Identifier: Apache-2.0
/*
 * Calls of many threads over one socket. A reply finds its caller by the
 * request's id; whichever caller waits reads for all, so there is no thread
 * of its own. Once the socket fails every call fails, for good.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/rpc.h"

struct mux;

/* Takes over `fd`. *ret is the caller's to mux_free, after the last call. */
int mux_new(int fd, uint64_t timeout_ms, struct mux **ret, struct err *err);
void mux_free(struct mux *mux);

/*
 * As rpc_call, from any thread: *ret_message must be zeroed and is the
 * caller's to free, whatever is returned. -ETIMEDOUT after the timeout of
 * mux_new (a reply that still comes is dropped), -EPIPE once the other side
 * is gone.
 */
int mux_call(struct mux *mux, const struct rpc_call *call, const void *request,
    const int *fds, size_t n_fds, void *ret_reply,
    struct rpc_message *ret_message, struct err *err);
