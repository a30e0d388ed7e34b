// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/names/unresolved.h"

#include <string.h>

#include "common/denial.h"
#include "common/fd.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/lifecycle/chronicle.h"
#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/encrypted_dns.h"
#include "sandboxd/net/egress/policy_narrow.h"

static struct sandbox *
find(struct daemon *daemon, const struct rpc_names_unresolved_event *event)
{
	struct sandbox *sandbox = sandbox_find(&daemon->sandboxes, event->id);

	return sandbox != NULL && sandbox->names.serial != 0 &&
	    sandbox->names.serial == event->serial &&
	    sandbox->record.pid == sandbox->names.pid ? sandbox : NULL;
}

/* Whether one more may be told now; it is counted. */
static bool
may_tell(struct sandbox *sandbox)
{
	struct sandbox_names *names = &sandbox->names;
	struct clock *clock = &sandbox->daemon->clock;
	const uint64_t now_ms = clock->now_ms(clock);

	if (names->unresolved_ms == 0 ||
	    now_ms >= names->unresolved_ms + NAMES_UNRESOLVED_PERIOD_MS) {
		names->unresolved_ms = now_ms;
		names->n_unresolved = 0;
	}
	return names->n_unresolved++ < NAMES_UNRESOLVED_MAX;
}

static bool
is_covered(const struct policy_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (egress_domain_covers(names->items[i]->name, name))
			return true;
	return false;
}

/* Whether the sandbox's policy by itself would have it resolved. */
static bool
is_ceilings(struct rpc_bytes own, const struct egress_host *host,
    const char *name)
{
	auto_free struct policy *policy = policy_make(own, host->is_closed,
	    NULL);
	struct policy_names names;

	if (policy == NULL)
		return false;
	policy_names_of(policy, NULL, &names);
	return is_covered(&names, name) || policy_is_open(policy, host);
}

/* As the policy and the ceiling have it, whatever the resolver says. */
static void
tell(struct sandbox *sandbox, const char *name)
{
	const struct egress_host *host = &sandbox->daemon->runtime.egress;
	const struct rpc_bytes own = {(const uint8_t *)sandbox->record.egress,
	    sandbox->record.egress_size};
	auto_free struct policy *policy = NULL, *ceiling = NULL;
	struct denial denial = {.protocol = DENIAL_NAME,
	    .rule = "default"};
	struct policy_names names;

	if (policy_make_both(own, ceiling_of(sandbox->daemon,
	    sandbox->record.org), host, &policy, &ceiling, NULL) < 0)
		return;
	policy_names_of(policy, ceiling, &names);
	if (egress_is_encrypted_dns(name) &&
	    encrypted_dns_is_closed_by(host, policy, ceiling)) {
		strcpy(denial.rule, "always");
		strcpy(denial.why, "it serves encrypted DNS");
	} else if (is_covered(&names, name)) {
		return;
	} else if (ceiling != NULL && is_ceilings(own, host, name)) {
		strcpy(denial.why, "of the organisation's ceiling");
	}
	strcpy(denial.name, name);
	chronicle_tell_denial(sandbox, &denial);
}

int
names_unresolved(struct daemon *daemon, const struct rpc_message *message)
{
	struct rpc_names_unresolved_event event;
	char name[EGRESS_DOMAIN_SIZE];
	struct sandbox *sandbox;
	int r = rpc_open_request(&rpc_call_names_unresolved, message, &event);

	if (r < 0)
		return r;
	sandbox = find(daemon, &event);
	if (sandbox != NULL && egress_domain_read(event.name, name) == NULL &&
	    *name != '*' && strlen(name) < DENIAL_NAME_SIZE &&
	    may_tell(sandbox))
		tell(sandbox, name);
	return 0;
}
