// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/encrypted_dns.h"

#include <assert.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>

#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/egress/rules.h"

#define TLS_PORT   853 /* and QUIC's */
#define HTTPS_PORT 443
#define SET	   "encrypted_dns"
#define CLOSED	   " is closed here (encrypted_dns)"

static const char *const prefixes[] = {
#define ENCRYPTED_DNS_PREFIX(prefix) prefix,
#include "common/encrypted_dns.def"
};
#define N_PREFIXES (sizeof prefixes / sizeof *prefixes)

static struct prefix
read_prefix(size_t i)
{
	struct prefix prefix;
	int r = prefix_parse(prefixes[i], &prefix);

	assert(r == 0);
	return prefix;
}

bool
encrypted_dns_is_closed(const struct egress_host *host,
    const struct policy *policy)
{
	switch (host->encrypted_dns) {
	case EGRESS_ENCRYPTED_DNS_ALLOWED:
		return false;
	case EGRESS_ENCRYPTED_DNS_DENIED:
		return true;
	default:
		return policy != NULL && policy_has_names(policy) &&
		    !policy->is_allow;
	}
}

const char *
encrypted_dns_refuses(const struct prefix *to, int port)
{
	if (port == TLS_PORT)
		return "DNS over TLS" CLOSED;
	for (size_t i = 0; port == HTTPS_PORT && i < N_PREFIXES; i++) {
		const struct prefix prefix = read_prefix(i);

		if (prefix_has(&prefix, to))
			return "DNS over HTTPS" CLOSED;
	}
	return NULL;
}

static int
check_rule(const struct policy *policy, size_t i, struct err *err)
{
	const struct policy_rule *rule = &policy->rules[i];

	for (size_t j = 0; j < rule->n_ports; j++) {
		const struct policy_ports *ports =
		    &policy->ports[rule->first_ports + j];

		if (ports->first == TLS_PORT && ports->last == TLS_PORT)
			return err_set(err, EINVAL, "rules[%zu].ports: %d "
			    "cannot be allowed: DNS over TLS" CLOSED, i,
			    TLS_PORT);
	}
	for (size_t j = 0; j < rule->n_domains; j++) {
		const char *name =
		    policy->domains[rule->first_domain + j].name;

		if (egress_is_encrypted_dns(name))
			return err_set(err, EINVAL, "rules[%zu].domains: "
			    "%.100s cannot be allowed: DNS over HTTPS" CLOSED,
			    i, name);
	}
	return 0;
}

int
encrypted_dns_check(const struct policy *policy, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < policy->n_rules; i++)
		if (policy->rules[i].is_allow)
			r = check_rule(policy, i, err);
	return r;
}

static void
add_port(struct nft *nft, const char *chain, sa_family_t family,
    uint8_t protocol, uint16_t port)
{
	nft_rule(nft, chain);
	if (family != AF_UNSPEC)
		nft_match_destination(nft, family, SET);
	nft_match_protocol(nft, protocol);
	nft_match_dport(nft, port);
	nft_verdict(nft, NFT_GOTO, EGRESS_CHAIN_REFUSE);
}

void
encrypted_dns_add_rules(struct nft *nft, const char *chain)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
	struct prefix all[N_PREFIXES];

	for (size_t i = 0; i < N_PREFIXES; i++)
		all[i] = read_prefix(i);
	nft_sets(nft, SET, all, N_PREFIXES);
	for (size_t i = 0; i < 2; i++) {
		add_port(nft, chain, AF_UNSPEC, protocols[i], TLS_PORT);
		add_port(nft, chain, AF_INET, protocols[i], HTTPS_PORT);
		add_port(nft, chain, AF_INET6, protocols[i], HTTPS_PORT);
	}
}
