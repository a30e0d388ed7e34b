// SPDX-License-Identifier: Apache-2.0
/* What a caller wishes for a sandbox's time, against what may be wished. */
#pragma once

#include "common/rpc_calls.h"
#include "sandboxd/door/capability.h"
#include "sandboxd/lifecycle/sandbox.h"
#include "sandboxd/settings.h"

/*
 * Fills in ttl, hard_ttl, idle_timeout and on_expiry of a record from a
 * sandbox_lifetime; values of 0 and "", and no bytes at all, leave what is
 * there, which for a new one becomes the most that is allowed: the lower of
 * what the settings and the capability's organisation say. -EINVAL names the
 * field, its value, the limit and whose it is; then the record is as it was.
 */
int lifetimes_read(const struct settings *settings,
    const struct capability *capability, struct rpc_bytes bytes,
    struct sandbox_record *record, struct err *err);

/* Whether its time may be renewed for so long; 0 = as it is. -EINVAL as above.
 */
int lifetimes_check(const struct settings *settings,
    const struct capability *capability, const struct sandbox_record *record,
    uint64_t duration_s, struct err *err);
