// SPDX-License-Identifier: Apache-2.0
/*
 * Connections that named nothing they may. The name is what a sandbox sent, and
 * is said only where it is one, in the form that all compare.
 */
#include "sandboxd/names/refused.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/denial.h"
#include "common/fd.h"
#include "common/rpc_calls.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/net/egress/names.h"
#include "sandboxd/net/egress/policy_narrow.h"
#include "sandboxd/net/egress/told.h"
#include "sandboxd/recipe/init_process.h"

/* Which rule turned it, and by which name the sandbox was led there. */
static void
name_rule(const struct sandbox *sandbox, const struct policy_packet *packet,
    struct denial *denial)
{
	const struct egress_host *host = &sandbox->daemon->runtime.egress;
	const struct rpc_bytes own = {(const uint8_t *)sandbox->record.egress,
	    sandbox->record.egress_size};
	auto_free struct policy *policy = NULL, *ceiling = NULL;
	bool leads[EGRESS_DOMAINS_MAX] = {false};
	struct policy_packet led = *packet;
	auto_close int netns_fd = -1;
	struct err err = {0};
	const char *rule;
	int decided;

	if (policy_make_both(own, ceiling_of(sandbox->daemon,
	    sandbox->record.org), host, &policy, &ceiling, &err) < 0 ||
	    process_open_network(sandbox->record.pid,
	    sandbox->pid_fd, &netns_fd, &err) < 0 || names_lead(host, policy,
	    netns_fd, &packet->to, leads, &err) < 0)
		return;
	led.leads = leads;
	decided = policy_decide(policy, &led);
	(void)policy_allows(policy, &led, decided, &rule);
	(void)snprintf(denial->rule, sizeof denial->rule, "%s", rule);
	for (size_t i = 0; i < policy->n_domains; i++)
		if (leads[i] && strlen(policy->domains[i].name) <
		    sizeof denial->name) {
			memcpy(denial->name, policy->domains[i].name,
			    strlen(policy->domains[i].name) + 1);
			return;
		}
}

static void
say_why(const struct rpc_names_refused_event *event, struct denial *denial)
{
	const char *kind = event->kind == EGRESS_TLS ? "TLS" : "HTTP";
	char name[EGRESS_DOMAIN_SIZE];

	if (event->kind == 0)
		(void)snprintf(denial->why, sizeof denial->why,
		    "it began with neither TLS nor HTTP");
	else if (egress_domain_read(event->name, name) != NULL)
		(void)snprintf(denial->why, sizeof denial->why,
		    "its %s names nothing that can be seen", kind);
	else
		(void)snprintf(denial->why, sizeof denial->why,
		    "its %s names %.40s", kind, name);
}

static void
tell(struct sandbox *sandbox, const struct rpc_names_refused_event *event)
{
	struct policy_packet packet = {.protocol = IPPROTO_TCP,
	    .port = (uint16_t)event->port,
	    .to = {.family = event->address.size == 4 ? AF_INET : AF_INET6,
		.length = event->address.size * 8}};
	struct denial denial = {.protocol = "tcp", .port = event->port,
	    .rule = "names"};
	char cause[EVENT_CAUSE_SIZE], text[PREFIX_TEXT_SIZE];

	memcpy(packet.to.address, event->address.data, event->address.size);
	prefix_format(&packet.to, text);
	(void)snprintf(denial.address, sizeof denial.address, "%.*s",
	    (int)strcspn(text, "/"), text);
	name_rule(sandbox, &packet, &denial);
	say_why(event, &denial);
	denial_format(&denial, cause);
	chronicle_tell(sandbox, EVENT_KIND_DENIED, EVENT_HOST, cause);
	if (sandbox->daemon->on_denied != NULL)
		sandbox->daemon->on_denied(sandbox, cause);
}

static bool
may_tell(struct sandbox *sandbox)
{
	struct sandbox_names *names = &sandbox->names;
	const uint64_t now_ms = sandbox->daemon->clock.now_ms(
	    &sandbox->daemon->clock);

	if (names->refused_ms == 0 ||
	    now_ms >= names->refused_ms + TOLD_PERIOD_MS) {
		names->refused_ms = now_ms;
		names->n_refused = 0;
	}
	return ++names->n_refused <= TOLD_MAX;
}

int
names_refused(struct daemon *daemon, const struct rpc_message *message)
{
	struct rpc_names_refused_event event;
	struct sandbox *sandbox;
	int r = rpc_open_request(&rpc_call_names_refused, message, &event);

	if (r < 0)
		return r;
	if ((event.address.size != 4 && event.address.size != 16) ||
	    event.port > UINT16_MAX || (event.kind != 0 &&
	    event.kind != EGRESS_TLS && event.kind != EGRESS_HTTP))
		return -EBADMSG;
	sandbox = sandbox_find(&daemon->sandboxes, event.id);
	if (sandbox != NULL && sandbox->names.serial == event.serial &&
	    event.serial != 0 && sandbox->record.pid == sandbox->names.pid &&
	    !sandbox->egress.is_applying && may_tell(sandbox))
		tell(sandbox, &event);
	return 0;
}
