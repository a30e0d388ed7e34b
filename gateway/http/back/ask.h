// SPDX-License-Identifier: Apache-2.0
/* Questions to the init of a sandbox, one after the other on a connection that
 * is made for them. */
#pragma once

#include "common/rpc_calls.h"

struct ask;
struct identity;

/* The reply, or NULL and why not; it lives until the return. Nothing comes
 * after it unless it asks again. */
typedef void ask_done(void *arg, struct ask *ask, const void *reply,
    const struct err *err);

/*
 * Asks; the request has to live until done is called, once, maybe before this
 * returns. What it says is believed only about that sandbox.
 */
void ask_init(struct identity *who, const char *sandbox_id,
    const struct rpc_call *call, const void *request, ask_done *done,
    void *arg);

/* For done alone, at its end: asks for one more. */
void ask_again(struct ask *ask, const struct rpc_call *call,
    const void *request, ask_done *done, void *arg);
