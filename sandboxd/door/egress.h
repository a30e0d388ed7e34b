// SPDX-License-Identifier: Apache-2.0
/* The calls about a sandbox's egress policy; rows of calls.c. */
#pragma once

#include "common/rpc_calls.h"
#include "sandboxd/door/peer.h"
#include "sandboxd/net/egress/policy.h"

int answer_egress_set(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_egress_get(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_egress_check(struct peer *peer, uint32_t id, const void *data,
    struct err *err);
int answer_egress_check_name(struct peer *peer, uint32_t id,
    const void *data, struct err *err);
int answer_egress_counts(struct peer *peer, uint32_t id, const void *data,
    struct err *err);

/* What becomes of a packet by all that there is: as egress_check answers. */
void egress_decide(const struct egress_host *host,
    const struct policy *policy, const struct policy_packet *packet,
    struct rpc_egress_check_rep *ret);

/*
 * Whether a policy can be given to a sandbox of this host: -EINVAL names the
 * field and what is allowed.
 */
int egress_list_check(const struct daemon *daemon, struct rpc_bytes list,
    struct err *err);
