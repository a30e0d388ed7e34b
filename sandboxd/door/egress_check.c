// SPDX-License-Identifier: Apache-2.0
/* egress_check: of an address, by the policy and where its names lead now. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "sandboxd/daemon.h"
#include "sandboxd/door/calls.h"
#include "sandboxd/door/egress.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/encrypted_dns.h"
#include "sandboxd/net/egress/names.h"
#include "sandboxd/recipe/init_process.h"

#define WHY_SIZE 128
#define CEILING	 "the organisation's ceiling has that rule"

static int
read_packet(const struct rpc_egress_check_req *request,
    struct policy_packet *ret, struct err *err)
{
	const bool is_ipv4 = request->address.size == 4;

	if (!is_ipv4 && request->address.size != 16)
		return err_set(err, EINVAL, "host: not an address");
	if (request->port > UINT16_MAX)
		return err_set(err, EINVAL, "port: from 0 to 65535");
	memset(ret, 0, sizeof *ret);
	ret->to.family = is_ipv4 ? AF_INET : AF_INET6;
	ret->to.length = is_ipv4 ? 32 : 128;
	memcpy(ret->to.address, request->address.data, request->address.size);
	ret->port = (uint16_t)request->port;
	if (request->protocol == EGRESS_TCP)
		ret->protocol = IPPROTO_TCP;
	else if (request->protocol == EGRESS_UDP)
		ret->protocol = IPPROTO_UDP;
	else if (request->protocol == EGRESS_ICMP)
		ret->protocol = is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	else
		return err_set(err, EINVAL, "protocol: tcp, udp or icmp");
	return 0;
}

int
egress_view_read(const struct sandbox *sandbox, struct egress_view *ret,
    struct err *err)
{
	const struct rpc_bytes ceiling = ceiling_of(sandbox->daemon,
	    sandbox->record.org);
	const struct rpc_bytes own = {(const uint8_t *)sandbox->record.egress,
	    sandbox->record.egress_size};

	*ret = (struct egress_view){0};
	return policy_make_both(own, ceiling, &sandbox->daemon->runtime.egress,
	    &ret->policy, &ret->ceiling, err);
}

void
egress_view_free(struct egress_view *view)
{
	free(view->policy);
	free(view->ceiling);
	*view = (struct egress_view){0};
}

static void
decide_by(const struct policy *policy, const struct policy_packet *packet,
    struct rpc_egress_check_rep *ret)
{
	static const char *const looks[] = {
	    [EGRESS_TLS] = "if its TLS names it",
	    [EGRESS_HTTP] = "if its HTTP names it",
	    [EGRESS_LOOKED] = "if its TLS or HTTP names it"};
	const int decided = policy_decide(policy, packet);
	const uint8_t looked = decided == POLICY_DEFAULT ? 0 :
	    policy->rules[decided].protocols & EGRESS_LOOKED;

	ret->is_allowed = policy_allows(policy, packet, decided, &ret->rule);
	if (looked != 0)
		ret->why = ret->is_allowed ? looks[looked] :
		    "that rule is of TLS and HTTP alone";
}

void
egress_decide(const struct egress_host *host, const struct egress_view *view,
    const struct policy_packet *packet, struct rpc_egress_check_rep *ret)
{
	const bool is_tcp = packet->protocol == IPPROTO_TCP;
	const int port = is_tcp || packet->protocol == IPPROTO_UDP ?
	    packet->port : -1;
	const char *why = always_refuses(host, &packet->to, is_tcp, port);
	struct policy_packet high = *packet;

	high.leads = packet->ceiling_leads;
	if (why == NULL && encrypted_dns_is_closed_by(host, view->policy,
	    view->ceiling))
		why = encrypted_dns_refuses(&packet->to, port);
	if (why != NULL)
		*ret = (struct rpc_egress_check_rep){.rule = "always",
		    .why = why};
	else if (view->ceiling != NULL && !policy_allows(view->ceiling,
	    &high, policy_decide(view->ceiling, &high), &ret->rule))
		ret->why = CEILING;
	else
		decide_by(view->policy, packet, ret);
}

/* Which names have led there: of one that has an init, in whose namespace that
 * is known. */
static int
read_leads(const struct sandbox *sandbox, const struct policy *policy,
    const struct prefix *to, bool leads[EGRESS_DOMAINS_MAX], struct err *err)
{
	const struct egress_host *host = &sandbox->daemon->runtime.egress;
	auto_close int netns_fd = -1;
	int r;

	if (!policy_has_names(policy) || sandbox->record.pid == 0)
		return 0;
	r = process_open_network(sandbox->record.pid, sandbox->pid_fd,
	    &netns_fd, err);
	return r < 0 ? r : names_lead(host, policy, netns_fd, to, leads, err);
}

/* Where it is by a name that the rule decides, it says which. */
static void
tell_name(const struct policy *policy, const struct policy_packet *packet,
    char why[WHY_SIZE], struct rpc_egress_check_rep *reply)
{
	const int decided = policy_decide(policy, packet);
	const struct policy_rule *rule;

	const char *const said = reply->why;

	if ((*said != '\0' && !reply->is_allowed) ||
	    decided == POLICY_DEFAULT)
		return;
	rule = &policy->rules[decided];
	for (size_t i = rule->first_domain;
	    i < (size_t)rule->first_domain + rule->n_domains; i++) {
		if (!packet->leads[i])
			continue;
		snprintf(why, WHY_SIZE, "%.90s has led there%s%s",
		    policy->domains[i].name, *said != '\0' ? ", " : "", said);
		reply->why = why;
		return;
	}
}

static int
check(const struct sandbox *sandbox, const struct egress_view *view,
    struct policy_packet *packet, char why[WHY_SIZE],
    struct rpc_egress_check_rep *ret, struct err *err)
{
	const struct egress_host *host = &sandbox->daemon->runtime.egress;
	bool leads[EGRESS_DOMAINS_MAX] = {false};
	bool ceiling_leads[EGRESS_DOMAINS_MAX] = {false};
	int r = read_leads(sandbox, view->policy, &packet->to, leads, err);

	if (r == 0 && view->ceiling != NULL)
		r = read_leads(sandbox, view->ceiling, &packet->to,
		    ceiling_leads, err);
	if (r < 0)
		return r;
	packet->leads = leads;
	packet->ceiling_leads = ceiling_leads;
	egress_decide(host, view, packet, ret);
	tell_name(view->policy, packet, why, ret);
	packet->leads = packet->ceiling_leads = NULL;
	return 0;
}

int
answer_egress_check(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_egress_check_req *request = data;
	const struct sandbox *sandbox = calls_find(peer, request->id, err);
	struct rpc_egress_check_rep reply = {.why = ""};
	struct egress_view view = {0};
	struct policy_packet packet;
	char why[WHY_SIZE];
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	if ((r = read_packet(request, &packet, err)) < 0 ||
	    (r = egress_view_read(sandbox, &view, err)) < 0)
		return r;
	r = check(sandbox, &view, &packet, why, &reply, err);
	if (r == 0)
		peer_reply(peer, &rpc_call_egress_check, id, &reply, NULL, 0);
	egress_view_free(&view);
	return r;
}
