// SPDX-License-Identifier: Apache-2.0
/* Who is in a sandbox and has asked to be told what it is refused. */
#pragma once

#include "sandboxd/door/peer.h"

/* Tells them; the cause is common/denial.h's. */
void denied_tell(const struct sandbox *sandbox, const char *cause);

/* The calls of that, as egress_calls.def has them. */
int take_sandbox_why(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int take_sandbox_denied(struct peer *peer, uint32_t id, const void *data,
    struct err *err);

/* A peer that goes is told no more. */
void denied_forget(struct peer *peer);
