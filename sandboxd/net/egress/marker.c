// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/marker.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/egress/policy_lines.h"

#define HASH_BYTES 16

/* Another with every change of what tables say of the same policy. */
#define FORM 4

_Static_assert(MARKER_SIZE == sizeof "is_" + 2 * HASH_BYTES, "it fits");

static void
take(crypto_generichash_state *hash, const void *data, size_t size)
{
	crypto_generichash_update(hash, data, size);
}

static void
take_number(crypto_generichash_state *hash, uint64_t number)
{
	take(hash, &number, sizeof number);
}

static void
take_prefixes(crypto_generichash_state *hash, const struct prefix *prefixes,
    size_t n)
{
	take_number(hash, n);
	for (size_t i = 0; i < n; i++) {
		take_number(hash, prefixes[i].family);
		take_number(hash, prefixes[i].length);
		take(hash, prefixes[i].address, sizeof prefixes[i].address);
	}
}

static void
take_host(crypto_generichash_state *hash, const struct egress_host *host)
{
	take(hash, SANDGATE_VERSION, sizeof SANDGATE_VERSION);
	take_number(hash, FORM);
	take(hash, &host->range.base, sizeof host->range.base);
	take_number(hash, host->range.prefix);
	take(hash, &host->range.base6, sizeof host->range.base6);
	take_prefixes(hash, host->resolvers, host->n_resolvers);
	take_prefixes(hash, host->allowed_private, host->n_allowed_private);
	take_number(hash, host->is_smtp_open);
	take_number(hash, host->encrypted_dns);
}

static void
take_policy(crypto_generichash_state *hash, const struct policy *policy)
{
	take_number(hash, policy->is_allow);
	take_number(hash, policy->n_rules);
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct policy_rule *rule = &policy->rules[i];

		take_number(hash, rule->is_allow);
		take_number(hash, rule->is_void);
		take_number(hash, rule->protocols);
		take_prefixes(hash, policy->cidrs + rule->first_cidr,
		    rule->n_cidrs);
		take_number(hash, rule->n_ports);
		take(hash, policy->ports + rule->first_ports,
		    rule->n_ports * sizeof *policy->ports);
		take_number(hash, rule->n_domains);
		for (size_t j = 0; j < rule->n_domains; j++)
			take_number(hash, policy->domains[
			    rule->first_domain + j].mark);
	}
}

static void
name(crypto_generichash_state *hash, char ret[MARKER_SIZE])
{
	unsigned char digest[HASH_BYTES];
	char text[2 * HASH_BYTES + 1];

	crypto_generichash_final(hash, digest, sizeof digest);
	sodium_bin2hex(text, sizeof text, digest, sizeof digest);
	(void)snprintf(ret, MARKER_SIZE, "is_%s", text);
}

void
marker_make(const struct egress_host *host, const struct policy *policy,
    const struct policy *ceiling, struct marker *ret)
{
	const bool is_short = policy_is_short(policy);
	crypto_generichash_state hash;

	crypto_generichash_init(&hash, NULL, 0, HASH_BYTES);
	take_policy(&hash, policy);
	name(&hash, ret->policy);
	crypto_generichash_init(&hash, NULL, 0, HASH_BYTES);
	take_host(&hash, host);
	take_number(&hash, is_short);
	if (!is_short)
		take_policy(&hash, policy);
	if (ceiling != NULL)
		take_policy(&hash, ceiling);
	name(&hash, ret->frame);
}
