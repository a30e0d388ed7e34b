// SPDX-License-Identifier: Apache-2.0
/*
 * An egress policy as it comes over the wire: what is read stays within its
 * arrays, and every packet is decided by one of its rules or by none.
 */
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc.h"
#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_rule(const struct policy *policy, const struct policy_rule *rule)
{
	if (rule->first_cidr + rule->n_cidrs > policy->n_cidrs ||
	    rule->first_ports + rule->n_ports > policy->n_ports ||
	    rule->first_domain + rule->n_domains > policy->n_domains ||
	    memchr(rule->name, '\0', sizeof rule->name) == NULL ||
	    rule->name[0] == '\0')
		abort();
}

/* To an address of the input's end. */
static void
decide(const struct policy *policy, const uint8_t *data, size_t size)
{
	struct policy_packet packet = {.protocol = IPPROTO_TCP,
	    .to = {.family = AF_INET, .length = 32}};
	const char *name = NULL;
	int decided;

	if (size >= 6) {
		memcpy(packet.to.address, data + size - 4, 4);
		packet.port = data[size - 5];
	}
	decided = policy_decide(policy, &packet);
	if (decided != POLICY_DEFAULT &&
	    (decided < 0 || (size_t)decided >= policy->n_rules))
		abort();
	(void)policy_allows(policy, &packet, decided, &name);
	if (name == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policy policy;
	static const struct egress_host host;
	struct err err = {0};

	if (policy_read((struct rpc_bytes){data, (uint32_t)size}, size % 2,
	    &policy, &err) < 0) {
		if (err.code == 0 || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (policy.n_rules > EGRESS_RULES_MAX ||
	    policy.n_cidrs > EGRESS_CIDRS_MAX ||
	    policy.n_ports > EGRESS_PORTS_MAX ||
	    policy.n_domains > EGRESS_DOMAINS_MAX)
		abort();
	for (size_t i = 0; i < policy.n_rules; i++)
		check_rule(&policy, &policy.rules[i]);
	(void)policy_check(&policy, &host, &err);
	decide(&policy, data, size);
	return 0;
}
