// SPDX-License-Identifier: Apache-2.0
/* What a wish leaves unsaid: rules, limits and totals are asked for apart. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/rpc_calls.h"
#include "sandboxd/net/egress/policy.h"

#define LIMITS_SIZE 256 /* as rpc.def has it */

static bool
has_any(struct rpc_bytes limits, uint32_t kind)
{
	struct rpc_egress_limit limit;

	while (rpc_list_next(&rpc_layout_egress_limit, &limits, &limit))
		if ((limit.limit & EGRESS_TOTAL) == kind)
			return true;
	return false;
}

/* Those of one kind, 0 or EGRESS_TOTAL, without those that are 0, which say
 * nothing. */
static int
take(struct rpc_bytes limits, uint32_t kind, struct rpc_list *ret,
    struct err *err)
{
	struct rpc_egress_limit limit;

	while (rpc_list_next(&rpc_layout_egress_limit, &limits, &limit))
		if (limit.value != 0 &&
		    (limit.limit & EGRESS_TOTAL) == kind && rpc_list_add(ret,
		    &rpc_layout_egress_limit, &limit) < 0)
			return err_set(err, EINVAL, "limits: too many");
	return 0;
}

static int
encode(const struct rpc_egress_policy *policy, struct rpc_bytes *ret,
    struct err *err)
{
	auto_free uint8_t *room = malloc(EGRESS_POLICY_BYTES_MAX);
	struct rpc_list list = {.data = room, .size = EGRESS_POLICY_BYTES_MAX};

	*ret = (struct rpc_bytes){0};
	if (policy->is_allow == EGRESS_UNSAID && policy->limits.size == 0)
		return 0;
	if (room == NULL)
		return err_set(err, ENOMEM, "no memory for a policy");
	if (rpc_list_add(&list, &rpc_layout_egress_policy, policy) < 0)
		return err_set(err, EINVAL, "egress: larger than %d bytes",
		    EGRESS_POLICY_BYTES_MAX);
	*ret = rpc_list_bytes(&list);
	room = NULL;
	return 0;
}

int
policy_merge(struct rpc_bytes wish, struct rpc_bytes base,
    struct rpc_bytes *ret, struct err *err)
{
	struct rpc_egress_policy policy = {.is_allow = EGRESS_UNSAID};
	struct rpc_egress_policy before = policy;
	static const uint32_t kinds[] = {0, EGRESS_TOTAL};
	uint8_t room[LIMITS_SIZE];
	struct rpc_list limits = {.data = room, .size = sizeof room};
	int r = 0;

	if (base.size > 0 && !rpc_list_next(&rpc_layout_egress_policy, &base,
	    &before))
		return err_set(err, EINVAL, "what was before is no policy");
	if (wish.size > 0 && !rpc_list_next(&rpc_layout_egress_policy, &wish,
	    &policy))
		return err_set(err, EINVAL, "egress: not one policy");
	if (policy.is_allow == EGRESS_UNSAID) {
		policy.is_allow = before.is_allow;
		policy.rules = before.rules;
	}
	for (size_t i = 0; r == 0 && i < 2; i++)
		r = take(has_any(policy.limits, kinds[i]) ? policy.limits :
		    before.limits, kinds[i], &limits, err);
	if (r < 0)
		return r;
	policy.limits = rpc_list_bytes(&limits);
	return encode(&policy, ret, err);
}
