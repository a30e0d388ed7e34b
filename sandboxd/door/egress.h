// SPDX-License-Identifier: Apache-2.0
/* The calls about a sandbox's egress policy; rows of calls.c. */
#pragma once

#include "sandboxd/door/peer.h"

int answer_egress_set(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_egress_get(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_egress_check(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_egress_counts(struct peer *peer, uint32_t id, const void *data,
    struct err *err);

/*
 * Whether a policy can be given to a sandbox of this host: -EINVAL names the
 * field and what is allowed.
 */
int egress_list_check(const struct daemon *daemon, struct rpc_bytes list,
    struct err *err);
