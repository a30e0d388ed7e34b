// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/policy.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/encrypted_dns.h"

static bool
matches_address(const struct policy *policy, const struct policy_rule *rule,
    const struct policy_packet *packet)
{
	const struct prefix *cidrs = policy->cidrs + rule->first_cidr;
	const struct policy_domain *domains =
	    policy->domains + rule->first_domain;

	for (size_t i = 0; i < rule->n_cidrs; i++)
		if (prefix_has(&cidrs[i], &packet->to))
			return true;
	for (size_t i = 0; i < rule->n_domains; i++)
		if (domains[i].mark == packet->mark ||
		    (packet->leads != NULL &&
		    packet->leads[rule->first_domain + i]) ||
		    (packet->name != NULL && egress_domain_covers(
		    domains[i].name, packet->name)))
			return true;
	return rule->n_cidrs == 0 && rule->n_domains == 0 && !rule->is_void;
}

/* The bits of rules that a packet's protocol is of, or 0. */
static uint8_t
bits_of(const struct policy_packet *packet)
{
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return EGRESS_TCP | EGRESS_LOOKED;
	case IPPROTO_UDP:
		return EGRESS_UDP | EGRESS_LOOKED;
	case IPPROTO_ICMP:
		return packet->to.family == AF_INET ? EGRESS_ICMP : 0;
	case IPPROTO_ICMPV6:
		return packet->to.family == AF_INET6 ? EGRESS_ICMP : 0;
	default:
		return 0;
	}
}

static bool
matches_port(const struct policy *policy, const struct policy_rule *rule,
    uint16_t port)
{
	const struct policy_ports *ports = policy->ports + rule->first_ports;

	for (size_t i = 0; i < rule->n_ports; i++)
		if (port >= ports[i].first && port <= ports[i].last)
			return true;
	return rule->n_ports == 0;
}

static bool
matches(const struct policy *policy, const struct policy_rule *rule,
    const struct policy_packet *packet)
{
	return matches_address(policy, rule, packet) &&
	    (rule->protocols == 0 ||
	    (rule->protocols & bits_of(packet)) != 0) &&
	    matches_port(policy, rule, packet->port);
}

int
policy_decide(const struct policy *policy, const struct policy_packet *packet)
{
	for (size_t i = 0; i < policy->n_rules; i++)
		if (matches(policy, &policy->rules[i], packet))
			return (int)i;
	return POLICY_DEFAULT;
}

bool
policy_allows(const struct policy *policy, const struct policy_packet *packet,
    int decided, const char **ret_name)
{
	const struct policy_rule *rule;

	if (decided == POLICY_DEFAULT) {
		*ret_name = "default";
		return policy->is_allow;
	}
	rule = &policy->rules[decided];
	*ret_name = rule->name;
	/* What is in a datagram of QUIC cannot be looked at. */
	return rule->is_allow && (!policy_rule_looks(rule) ||
	    packet->protocol == IPPROTO_TCP);
}

size_t
policy_looking(const struct policy *policy)
{
	size_t n = policy->n_rules;

	while (n > 0 && !policy_rule_looks(&policy->rules[n - 1]))
		n--;
	return n;
}

bool
policy_is_open(const struct policy *policy, const struct egress_host *host)
{
	static const uint8_t protocols[] = {IPPROTO_UDP, IPPROTO_TCP};
	const char *name;

	for (size_t i = 0; i < host->n_resolvers; i++)
		for (size_t j = 0; j < sizeof protocols; j++) {
			const struct policy_packet packet = {
			    .to = host->resolvers[i], .protocol = protocols[j],
			    .port = ALWAYS_DNS_PORT};

			if (policy_allows(policy, &packet, policy_decide(
			    policy, &packet), &name))
				return true;
		}
	return false;
}

static int
check_cidrs(const struct policy *policy, size_t i,
    const struct egress_host *host, struct err *err)
{
	const struct policy_rule *rule = &policy->rules[i];
	char text[PREFIX_TEXT_SIZE];

	for (size_t j = 0; j < rule->n_cidrs; j++) {
		const struct prefix *cidr =
		    &policy->cidrs[rule->first_cidr + j];
		const char *why = always_refuses_all(host, cidr);

		if (why == NULL)
			continue;
		prefix_format(cidr, text);
		return err_set(err, EINVAL,
		    "rules[%zu].cidrs: %s cannot be allowed: %s", i, text,
		    why);
	}
	return 0;
}

static int
check_ports(const struct policy *policy, size_t i,
    const struct egress_host *host, struct err *err)
{
	const struct policy_rule *rule = &policy->rules[i];

	for (size_t j = 0; j < rule->n_ports; j++) {
		const struct policy_ports *ports =
		    &policy->ports[rule->first_ports + j];

		if (!host->is_smtp_open && ports->first == ALWAYS_SMTP_PORT &&
		    ports->last == ALWAYS_SMTP_PORT)
			return err_set(err, EINVAL,
			    "rules[%zu].ports: %d cannot be allowed: "
			    ALWAYS_SMTP, i, ALWAYS_SMTP_PORT);
	}
	return 0;
}

static int
check_rules(const struct policy *policy, const struct egress_host *host,
    struct err *err)
{
	int r = 0;

	if (policy_has_names(policy) && host->n_resolvers == 0)
		return err_set(err, EINVAL, "rules: domains are not enforced "
		    "here: the host has no resolver (dns)");
	for (size_t i = 0; i < policy->n_rules && r == 0; i++)
		if (policy->rules[i].is_allow &&
		    (r = check_cidrs(policy, i, host, err)) == 0)
			r = check_ports(policy, i, host, err);
	return r == 0 && encrypted_dns_is_closed(host, policy) ?
	    encrypted_dns_check(policy, err) : r;
}

int
policy_check(const struct policy *policy, const struct egress_host *host,
    struct err *err)
{
	for (size_t i = 0; i < N_EGRESS_LIMIT; i++)
		if (policy->totals.of[i] != 0)
			return err_set(err, EINVAL, "totals.%s: of an "
			    "organisation's ceiling, not of one sandbox",
			    egress_limit_rows[i].name);
	return check_rules(policy, host, err);
}

int
policy_check_ceiling(const struct policy *ceiling,
    const struct egress_host *host, struct err *err)
{
	for (size_t i = 0; i < ceiling->n_rules; i++)
		if (policy_rule_looks(&ceiling->rules[i]))
			return err_set(err, EINVAL, "rules[%zu].protocols: not "
			    "enforced here: a ceiling's names are not looked "
			    "for in connections; tls and http are of a "
			    "sandbox's policy", i);
	return check_rules(ceiling, host, err);
}
