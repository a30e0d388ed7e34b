// SPDX-License-Identifier: Apache-2.0
/* The calls about a sandbox's egress policy; rows of calls.c. */
#pragma once

#include "common/rpc_calls.h"
#include "sandboxd/door/peer.h"
#include "sandboxd/net/egress/policy_narrow.h"

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

int answer_egress_ceiling_set(struct peer *peer, uint32_t id,
    const void *data, struct err *err);
int answer_egress_ceiling_get(struct peer *peer, uint32_t id,
    const void *data, struct err *err);

/* What decides of one sandbox's packets; the ceiling's NULL: there is none.
 * Free with egress_view_free. */
struct egress_view {
	struct policy *policy, *ceiling;
};
int egress_view_read(const struct sandbox *sandbox, struct egress_view *ret,
    struct err *err);
void egress_view_free(struct egress_view *view);

/* What becomes of a packet by all that there is: as egress_check answers.
 * ret->rule and ret->why point into the view, or are static. */
void egress_decide(const struct egress_host *host,
    const struct egress_view *view, const struct policy_packet *packet,
    struct rpc_egress_check_rep *ret);

/*
 * Whether a policy can be given to a sandbox of this host: -EINVAL names the
 * field and what is allowed.
 */
int egress_list_check(const struct daemon *daemon, struct rpc_bytes list,
    struct err *err);
