// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/sandbox_info.h"

#include <arpa/inet.h>
#include <string.h>

#include "common/clock.h"
#include "common/egress.h"
#include "common/rpc_calls.h"
#include "sandboxd/daemon.h"
#include "sandboxd/lifecycle/expiry.h"

/* What it is on its way to, what it is, and what is being done about it. */
static void
tell_power(enum sandbox_state state, struct rpc_sandbox_info *ret)
{
	const char *shown = sandbox_state_name(state);

	ret->power_desired = sandbox_state_desired(state);
	ret->power_observed = sandbox_state_is_at_rest(state) ||
	    state == SANDBOX_DESTROYED ? ret->power_desired :
	    sandbox_state_desired(sandbox_state_kept(state));
	ret->power_phase = sandbox_state_is_at_rest(state) ||
	    state == SANDBOX_DESTROYED ? "stable" :
	    strcmp(ret->power_desired, "active") == 0 &&
	    state != SANDBOX_RESUMING ? "starting" :
	    state == SANDBOX_STOPPING || state == SANDBOX_RESTORING ?
	    "suspending" : shown;
}

/* What the record knows; what has to be looked up stays 0 or "". */
static void
tell_record(const struct sandbox_record *record, struct rpc_sandbox_info *ret)
{
#define TELL_TEXT(value)  (value)
#define TELL_STATE(value) sandbox_state_name(value)
#define TELL_U32(value)	  (value)
#define TELL_U64(value)	  (value)
#define TELL_BOOL(value)  (value)
#define TELL_YES(value)	  (value)
#define SANDBOX_TOLD(since, kind, name, size, change, ...)                     \
	ret->name = TELL_##kind(record->name);
#include "common/sandbox.def"
	tell_power(record->state, ret);
}

/* What its policy comes to; all of it is egress_get's. */
static void
tell_egress(const struct sandbox *sandbox, struct rpc_sandbox_info *ret)
{
	struct rpc_bytes list = {(const uint8_t *)sandbox->record.egress,
	    sandbox->record.egress_size};
	bool is_allow = !sandbox->daemon->runtime.egress.is_closed;
	struct rpc_egress_policy policy;
	struct rpc_egress_rule rule;

	/* Of limits alone the rest is the host's. */
	if (rpc_list_next(&rpc_layout_egress_policy, &list, &policy) &&
	    policy.is_allow != EGRESS_UNSAID) {
		ret->is_egress_own = 1;
		is_allow = policy.is_allow == EGRESS_ALLOW;
		while (rpc_list_next(&rpc_layout_egress_rule, &policy.rules,
		    &rule))
			ret->egress_rules++;
	}
	ret->egress_default = is_allow ? "allow" : "deny";
}

static int
add(struct rpc_list *list, const struct rpc_sandbox_info *info,
    struct err *err)
{
	int r = rpc_list_add(list, &rpc_layout_sandbox_info, info);

	return r < 0 ? err_set(err, -r, "%s: too large to tell", info->id) : 0;
}

int
sandbox_info_add(struct rpc_list *list, const struct sandbox *sandbox,
    struct err *err)
{
	const struct sandbox_record *record = &sandbox->record;
	const struct runtime *runtime = &sandbox->daemon->runtime;
	char address[INET_ADDRSTRLEN] = "";
	struct rpc_sandbox_info info = {.address = address};
	struct net_link link;

	tell_record(record, &info);
	tell_egress(sandbox, &info);
	if (net_link_of_slot(&runtime->egress.range, record->slot, &link,
	    NULL) == 0)
		inet_ntop(AF_INET, &link.address, address, sizeof address);
	info.oom_kills = sandbox->oom_kills;
	if (expiry_is_held(sandbox))
		info.last_activity_ms = clock_unix_ms();
	return add(list, &info, err);
}

int
sandbox_info_add_tombstone(struct rpc_list *list,
    const struct sandbox_record *record, struct err *err)
{
	struct rpc_sandbox_info info = {.address = ""};

	tell_record(record, &info);
	return add(list, &info, err);
}
