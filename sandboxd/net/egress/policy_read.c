// SPDX-License-Identifier: Apache-2.0
/* A policy from the wire: every count, length and number is checked here. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "sandboxd/net/egress/policy.h"

#define PORT_MAX 65535
#define ALL_PROTOCOLS (EGRESS_PACKETS | EGRESS_LOOKED)

static int
refuse(size_t i, const char *member, const char *words, struct err *err)
{
	return err_set(err, EINVAL, "rules[%zu].%s: %s", i, member, words);
}

/* The same for a bound that a policy as a whole is beyond. */
static int
refuse_number(size_t i, const char *member, int max, struct err *err)
{
	return err_set(err, EINVAL,
	    "rules[%zu].%s: more than the %d that a policy may have in all", i,
	    member, max);
}

static int
read_cidr(const struct rpc_egress_cidr *wire, struct prefix *ret)
{
	if (wire->address.size != 4 && wire->address.size != 16)
		return -EINVAL;
	if (wire->length > wire->address.size * 8)
		return -EINVAL;
	memset(ret, 0, sizeof *ret);
	ret->family = wire->address.size == 4 ? AF_INET : AF_INET6;
	memcpy(ret->address, wire->address.data, wire->address.size);
	ret->length = wire->length;
	return prefix_has_host_bits(ret) ? -EINVAL : 0;
}

static int
read_cidrs(struct rpc_bytes list, size_t i, struct policy *policy,
    struct err *err)
{
	struct policy_rule *rule = &policy->rules[i];
	struct rpc_egress_cidr wire;

	rule->first_cidr = (uint16_t)policy->n_cidrs;
	while (rpc_list_next(&rpc_layout_egress_cidr, &list, &wire)) {
		if (policy->n_cidrs == EGRESS_CIDRS_MAX)
			return refuse_number(i, "cidrs", EGRESS_CIDRS_MAX,
			    err);
		if (read_cidr(&wire, &policy->cidrs[policy->n_cidrs]) < 0)
			return refuse(i, "cidrs", "an address, or a prefix "
			    "without host bits, such as 192.0.2.0/24", err);
		policy->n_cidrs++;
		rule->n_cidrs++;
	}
	return 0;
}

static int
read_ports(struct rpc_bytes list, size_t i, struct policy *policy,
    struct err *err)
{
	struct policy_rule *rule = &policy->rules[i];
	struct rpc_egress_ports wire;

	rule->first_ports = (uint16_t)policy->n_ports;
	while (rpc_list_next(&rpc_layout_egress_ports, &list, &wire)) {
		if (policy->n_ports == EGRESS_PORTS_MAX)
			return refuse_number(i, "ports", EGRESS_PORTS_MAX,
			    err);
		if (wire.first > wire.last || wire.last > PORT_MAX)
			return refuse(i, "ports", "from 0 to 65535, the first "
			    "of a range not after its last", err);
		policy->ports[policy->n_ports++] = (struct policy_ports){
		    (uint16_t)wire.first, (uint16_t)wire.last};
		rule->n_ports++;
	}
	return 0;
}

uint32_t
policy_mark(const char *domain, uint8_t looked)
{
	unsigned char digest[crypto_generichash_BYTES_MIN];
	crypto_generichash_state hash;
	uint32_t mark;

	crypto_generichash_init(&hash, NULL, 0, sizeof digest);
	crypto_generichash_update(&hash, (const unsigned char *)domain,
	    strlen(domain));
	if (looked != 0) {
		const unsigned char more[] = {'\0', looked};

		crypto_generichash_update(&hash, more, sizeof more);
	}
	crypto_generichash_final(&hash, digest, sizeof digest);
	memcpy(&mark, digest, sizeof mark);
	mark &= ~POLICY_MARK_KNOWN;
	return mark != 0 ? mark : 1;
}

/*
 * Denying a name would deny nothing: its addresses can be had elsewhere, and
 * are those of others as well.
 */
static int
read_domains(struct rpc_strv strv, uint32_t protocols, size_t i,
    struct policy *policy, struct err *err)
{
	struct policy_rule *rule = &policy->rules[i];
	const char *text, *words;

	rule->first_domain = (uint16_t)policy->n_domains;
	if (strv.count > 0 && rule->n_cidrs > 0)
		return refuse(i, "domains", "not in a rule with cidrs: make "
		    "it two", err);
	if (strv.count > 0 && !rule->is_allow)
		return refuse(i, "domains", "names are allowed, not denied: "
		    "what they lead to is found without them; deny cidrs",
		    err);
	while ((text = rpc_strv_next(&strv)) != NULL) {
		struct policy_domain *domain =
		    &policy->domains[policy->n_domains];

		if (policy->n_domains == EGRESS_DOMAINS_MAX)
			return refuse_number(i, "domains", EGRESS_DOMAINS_MAX,
			    err);
		if ((words = egress_domain_read(text, domain->name)) != NULL)
			return refuse(i, "domains", words, err);
		domain->mark = policy_mark(domain->name,
		    (uint8_t)(protocols & EGRESS_LOOKED));
		policy->n_domains++;
		rule->n_domains++;
	}
	return 0;
}

static int
read_protocols(uint32_t protocols, size_t i, struct policy *policy,
    struct err *err)
{
	struct policy_rule *rule = &policy->rules[i];

	if ((protocols & ~(uint32_t)ALL_PROTOCOLS) != 0)
		return refuse(i, "protocols", "tcp, udp, icmp, tls, http", err);
	if ((protocols & EGRESS_LOOKED) != 0 && rule->n_domains == 0)
		return refuse(i, "protocols", "tls and http are of rules with "
		    "domains: what is looked for is one of them", err);
	if ((protocols & EGRESS_LOOKED) != 0 &&
	    (protocols & EGRESS_PACKETS) != 0)
		return refuse(i, "protocols", "tls and http are tcp that is "
		    "looked at: not beside tcp, udp or icmp", err);
	rule->protocols = (uint8_t)protocols;
	if (rule->n_ports == 0)
		return 0;
	if (protocols & EGRESS_ICMP)
		return refuse(i, "ports", "of tcp and udp, not of icmp", err);
	if (protocols == 0)
		rule->protocols = EGRESS_TCP | EGRESS_UDP;
	return 0;
}

/* Names are told to people, and logged. */
static int
read_name(const char *name, size_t i, struct policy *policy, struct err *err)
{
	struct policy_rule *rule = &policy->rules[i];

	for (const char *p = name; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return refuse(i, "name", "printable ASCII", err);
	if (*name == '\0')
		snprintf(rule->name, sizeof rule->name, "%zu", i + 1);
	else
		snprintf(rule->name, sizeof rule->name, "%s", name);
	return 0;
}

static int
read_rule(const struct rpc_egress_rule *wire, struct policy *policy,
    struct err *err)
{
	const uint32_t protocols = wire->protocols & ~(uint32_t)EGRESS_SHAPES;
	size_t i = policy->n_rules;
	int r;

	if (i == EGRESS_RULES_MAX)
		return err_set(err, EINVAL, "rules: more than %d",
		    EGRESS_RULES_MAX);
	policy->rules[i] = (struct policy_rule){
	    .is_allow = wire->is_allow != 0};
	if ((r = read_name(wire->name, i, policy, err)) < 0 ||
	    (r = read_cidrs(wire->cidrs, i, policy, err)) < 0 ||
	    (r = read_domains(wire->domains, protocols, i, policy, err)) < 0 ||
	    (r = read_ports(wire->ports, i, policy, err)) < 0 ||
	    (r = read_protocols(protocols, i, policy, err)) < 0)
		return r;
	policy->n_rules++;
	return 0;
}

/* 0 is "not said", as is one that is not there. */
static int
read_limits(struct rpc_bytes list, struct policy *policy, struct err *err)
{
	struct rpc_egress_limit wire;

	while (rpc_list_next(&rpc_layout_egress_limit, &list, &wire)) {
		const bool is_total = (wire.limit & EGRESS_TOTAL) != 0;
		const uint32_t limit = wire.limit & ~EGRESS_TOTAL;
		const char *member = is_total ? "totals" : "limits";
		const struct egress_limit_row *row;

		if (limit >= N_EGRESS_LIMIT)
			return err_set(err, EINVAL, "%s: no such limit",
			    member);
		row = &egress_limit_rows[limit];
		if (wire.value != 0 && (wire.value < row->min ||
		    wire.value > row->max))
			return err_set(err, EINVAL, "%s.%s: must be from %"
			    PRIu64 " to %" PRIu64 " %s, or 0: %s", member,
			    row->name, row->min, row->max, row->unit,
			    is_total ? "none" : "the host's");
		(is_total ? &policy->totals : &policy->limits)->of[limit] =
		    wire.value;
	}
	return 0;
}

int
policy_read(struct rpc_bytes list, bool is_closed, struct policy *ret,
    struct err *err)
{
	struct rpc_egress_policy wire;
	struct rpc_egress_rule rule;
	int r = 0;

	ret->n_rules = ret->n_cidrs = ret->n_ports = ret->n_domains = 0;
	ret->has_names = false;
	ret->is_allow = !is_closed;
	ret->limits = ret->totals = (struct egress_limits){0};
	if (list.size == 0)
		return 0;
	if (!rpc_list_next(&rpc_layout_egress_policy, &list, &wire) ||
	    list.size != 0)
		return err_set(err, EINVAL, "egress: not one policy");
	if (wire.is_allow == EGRESS_UNSAID && wire.rules.size > 0)
		return err_set(err, EINVAL, "default: must be given with "
		    "rules, allow or deny");
	if (wire.is_allow != EGRESS_UNSAID)
		ret->is_allow = wire.is_allow != EGRESS_DENY;
	r = read_limits(wire.limits, ret, err);
	while (r == 0 &&
	    rpc_list_next(&rpc_layout_egress_rule, &wire.rules, &rule))
		r = read_rule(&rule, ret, err);
	ret->has_names = ret->n_domains > 0;
	return r;
}

struct policy *
policy_make(struct rpc_bytes list, bool is_closed, struct err *err)
{
	struct policy *policy = malloc(sizeof *policy);

	if (policy == NULL)
		err_set(err, ENOMEM, "no memory for a policy");
	else if (policy_read(list, is_closed, policy, err) == 0)
		return policy;
	free(policy);
	return NULL;
}
