// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/egress.h"

#include <errno.h>
#include <string.h>

#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/daemon.h"
#include "sandboxd/door/calls.h"
#include "sandboxd/door/later.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/net/egress/counts.h"
#include "sandboxd/net/egress/policy.h"
#include "sandboxd/recipe/init_process.h"

/* As rpc.def has it. */
#define TOTALS_SIZE 256

/* The default, encoded: far smaller. */
#define DEFAULT_SIZE 512

/* Counts of every rule, each with a name; rpc.def has it too. */
#define COUNTS_SIZE 8192

static struct rpc_bytes
own_of(const struct sandbox *sandbox)
{
	return (struct rpc_bytes){(const uint8_t *)sandbox->record.egress,
	    sandbox->record.egress_size};
}

int
egress_list_check(const struct daemon *daemon, struct rpc_bytes list,
    struct err *err)
{
	const struct egress_host *host = &daemon->runtime.egress;
	auto_free struct policy *policy = policy_make(list, host->is_closed,
	    err);

	return policy == NULL ? -err->code : policy_check(policy, host, err);
}

int
answer_egress_set(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_egress_set_req *request = data;
	struct sandbox *sandbox = calls_find(peer, request->id, err);
	struct rpc_bytes policy = {0};
	auto_free uint8_t *room = NULL;
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	if ((r = egress_list_check(peer->daemon, request->policy, err)) < 0)
		return r;
	/* An empty list ends all of it. */
	if (request->policy.size > 0 && (r = policy_merge(request->policy,
	    own_of(sandbox), &policy, err)) < 0)
		return r;
	room = (uint8_t *)(uintptr_t)policy.data;
	log_info("egress policy asked for id=%s audit=%s", sandbox->record.id,
	    peer_audit(peer));
	return egress_set_later(peer, id, sandbox, policy, err);
}

/* Of the caller's organisation. */
static struct rpc_bytes
totals_of(const struct peer *peer, uint8_t room[TOTALS_SIZE])
{
	struct rpc_bytes ceiling = ceiling_of(peer->daemon,
	    peer->capability.org);
	struct rpc_egress_policy said = {0};
	struct rpc_list list = {.data = room, .size = TOTALS_SIZE};
	struct rpc_egress_limit limit;

	(void)rpc_list_next(&rpc_layout_egress_policy, &ceiling, &said);
	while (rpc_list_next(&rpc_layout_egress_limit, &said.limits, &limit)) {
		const bool is_total = (limit.limit & EGRESS_TOTAL) != 0;

		limit.limit &= ~EGRESS_TOTAL;
		if (is_total)
			(void)rpc_list_add(&list, &rpc_layout_egress_limit,
			    &limit);
	}
	return rpc_list_bytes(&list);
}

static int
reply_policy(struct peer *peer, const struct rpc_call *call, uint32_t id,
    struct rpc_bytes own, bool is_allow, struct err *err)
{
	struct rpc_egress_policy initial = {.is_allow = is_allow}, said;
	struct rpc_bytes one = own;
	uint8_t room[TOTALS_SIZE];
	uint8_t buffer[DEFAULT_SIZE];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_egress_get_rep reply = {.is_own = own.size > 0,
	    .policy = own};
	int r;

	/* Limits alone: the rest is the host's. */
	if (rpc_list_next(&rpc_layout_egress_policy, &one, &said) &&
	    said.is_allow == EGRESS_UNSAID) {
		initial.limits = said.limits;
		reply.is_own = false;
	}
	if ((r = rpc_list_add(&list, &rpc_layout_egress_policy,
	    &initial)) < 0)
		return err_set(err, -r, "the default policy");
	if (!reply.is_own)
		reply.policy = rpc_list_bytes(&list);
	reply.totals = totals_of(peer, room);
	peer_reply(peer, call, id, &reply, NULL, 0);
	return 0;
}

int
answer_egress_get(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_egress_get_req *request = data;
	const struct sandbox *sandbox = calls_find(peer, request->id, err);

	if (sandbox == NULL)
		return -ENOENT;
	return reply_policy(peer, &rpc_call_egress_get, id, own_of(sandbox),
	    !peer->daemon->runtime.egress.is_closed, err);
}

static int
check_ceiling(const struct daemon *daemon, struct rpc_bytes list,
    struct err *err)
{
	const struct egress_host *host = &daemon->runtime.egress;
	auto_free struct policy *policy = policy_make(list, false, err);

	return policy == NULL ? -err->code :
	    policy_check_ceiling(policy, host, err);
}

int
answer_egress_ceiling_set(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_egress_ceiling_set_req *request = data;
	struct rpc_bytes policy = {0};
	auto_free uint8_t *room = NULL;
	int r;

	if (peer->capability.sandbox_id[0] != '\0')
		return err_set(err, EACCES,
		    "this capability is for one sandbox");
	if ((r = check_ceiling(peer->daemon, request->policy, err)) < 0)
		return r;
	if (request->policy.size > 0 && (r = policy_merge(request->policy,
	    ceiling_of(peer->daemon, peer->capability.org), &policy,
	    err)) < 0)
		return r;
	room = (uint8_t *)(uintptr_t)policy.data;
	log_info("ceiling asked for org=%s audit=%s", peer->capability.org,
	    peer_audit(peer));
	return ceiling_set_later(peer, id, policy, err);
}

int
answer_egress_ceiling_get(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	(void)data;
	return reply_policy(peer, &rpc_call_egress_ceiling_get, id,
	    ceiling_of(peer->daemon, peer->capability.org), true, err);
}

static int
add_counts(struct rpc_list *list, const struct policy *policy,
    const struct egress_count *counts, size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct rpc_egress_count count = {
		    .rule = i < policy->n_rules ? policy->rules[i].name :
			"default",
		    .packets = counts[i].packets, .bytes = counts[i].bytes};

		r = rpc_list_add(list, &rpc_layout_egress_count, &count);
	}
	return r;
}

/* Of one that has an init, which is in the namespace. */
static int
read_counts(const struct sandbox *sandbox, struct rpc_list *list,
    struct err *err)
{
	const struct sandbox_record *record = &sandbox->record;
	const struct egress_host *host = &sandbox->daemon->runtime.egress;
	auto_free struct policy *policy = policy_make((struct rpc_bytes){
	    (const uint8_t *)record->egress, record->egress_size},
	    host->is_closed, err);
	struct egress_count counts[EGRESS_RULES_MAX + 1];
	auto_close int netns_fd = -1;
	size_t n;
	int r;

	if (policy == NULL)
		return -err->code;
	if ((r = process_open_network(record->pid, sandbox->pid_fd, &netns_fd,
	    err)) < 0 || (r = egress_counts_read(host, policy, netns_fd,
	    counts, &n, err)) < 0)
		return r;
	r = add_counts(list, policy, counts, n);
	return r < 0 ? err_set(err, -r, "too many counts") : 0;
}

int
answer_egress_counts(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_egress_counts_req *request = data;
	const struct sandbox *sandbox = calls_find(peer, request->id, err);
	uint8_t buffer[COUNTS_SIZE];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_egress_counts_rep reply;
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	if (sandbox->egress.is_applying || sandbox->egress.is_saving)
		return err_set(err, EBUSY, "%s: its egress policy is being "
		    "changed", sandbox->record.id);
	if (sandbox->record.pid != 0 &&
	    (r = read_counts(sandbox, &list, err)) < 0)
		return r;
	reply.counts = rpc_list_bytes(&list);
	peer_reply(peer, &rpc_call_egress_counts, id, &reply, NULL, 0);
	return 0;
}
