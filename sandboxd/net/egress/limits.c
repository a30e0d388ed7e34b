// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/limits.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <sodium.h>
#include <stdio.h>

#include "sandboxd/net/egress/told.h"
#include "sandboxd/net/nft_list.h"
#include "sandboxd/net/nft_rate.h"

/* Another with every change of what tables say of the same limits. */
#define FORM 1

#define HASH_BYTES 16
_Static_assert(LIMITS_MARKER_SIZE > sizeof "is_" + 2 * HASH_BYTES, "it fits");

/* After the policies: what they refuse is not counted. */
#define PRIORITY (NF_IP_PRI_FILTER + 10)

/* What is told of bytes is told before the link's own bucket is always empty,
 * as nothing that it holds back comes by here. */
#define TOLD_OF_BYTES(per_second) ((per_second) / 8 * 7)

/* Packets that may come at once: an eighth of a second's. */
#define PACKETS_PART	  8
#define PACKETS_BURST_MIN 32

void
limits_table(const struct egress_host *host, enum limits_whose whose,
    char ret[LIMITS_TABLE_SIZE])
{
	static const char *const names[] = {"limits", "ceiling"};

	(void)snprintf(ret, LIMITS_TABLE_SIZE, "%.60s_%s", host->table,
	    names[whose]);
}

static bool
has_any(const struct egress_limits *limits)
{
	for (size_t i = 0; i < N_EGRESS_LIMIT; i++)
		if (limits->of[i] != 0)
			return true;
	return false;
}

static uint64_t
lower(uint64_t one, uint64_t other)
{
	return one == 0 || (other != 0 && other < one) ? other : one;
}

static void
name_marker(struct limits *limits)
{
	const uint64_t form = FORM;
	unsigned char digest[HASH_BYTES];
	char text[2 * HASH_BYTES + 1];
	crypto_generichash_state hash;

	crypto_generichash_init(&hash, NULL, 0, sizeof digest);
	crypto_generichash_update(&hash, (const unsigned char *)&form,
	    sizeof form);
	crypto_generichash_update(&hash,
	    (const unsigned char *)&limits->value, sizeof limits->value);
	crypto_generichash_final(&hash, digest, sizeof digest);
	sodium_bin2hex(text, sizeof text, digest, sizeof digest);
	(void)snprintf(limits->marker, sizeof limits->marker, "is_%s", text);
}

void
limits_plan(const struct egress_host *host, const struct policy *policy,
    const struct policy *ceiling, struct limits_plan *ret)
{
	struct egress_limits *own = &ret->of[LIMITS_OWN].value;
	struct egress_limits *narrower = &ret->of[LIMITS_CEILING].value;

	*ret = (struct limits_plan){0};
	for (size_t i = 0; i < N_EGRESS_LIMIT; i++) {
		own->of[i] = policy->limits.of[i] != 0 ?
		    policy->limits.of[i] : host->limits.of[i];
		narrower->of[i] = ceiling != NULL ? ceiling->limits.of[i] : 0;
	}
	ret->out_bytes_per_second = lower(own->of[EGRESS_LIMIT_OUT],
	    narrower->of[EGRESS_LIMIT_OUT]);
	ret->in_bytes_per_second = lower(own->of[EGRESS_LIMIT_IN],
	    narrower->of[EGRESS_LIMIT_IN]);
	for (size_t i = 0; i < N_LIMITS_WHOSE; i++) {
		struct limits *limits = &ret->of[i];

		limits_table(host, i, limits->table);
		name_marker(limits);
		limits->is_replaced = has_any(&limits->value);
		ret->has_any = ret->has_any || limits->is_replaced;
	}
}

int
limits_look(struct limits_plan *plan, struct err *err)
{
	int changes = 0, r;

	plan->is_looked = true;
	for (size_t i = 0; i < N_LIMITS_WHOSE; i++) {
		struct limits *limits = &plan->of[i];

		r = nft_table_exists(limits->table, err);
		if (r < 0)
			return r;
		limits->is_there = r > 0;
		plan->had_any = plan->had_any || r > 0;
		limits->is_removed = r > 0 && !has_any(&limits->value);
		limits->is_replaced = has_any(&limits->value);
		if (r > 0 && limits->is_replaced) {
			r = nft_chain_exists(limits->table, limits->marker,
			    err);
			if (r < 0)
				return r;
			limits->is_replaced = r == 0;
		}
		changes |= limits->is_removed || limits->is_replaced;
	}
	return changes;
}

/* A chain that tells of a limit; what becomes of the packet is the caller's. */
static void
add_told(struct nft *nft, const char *chain, enum limits_whose whose,
    enum egress_limit limit)
{
	nft_chain(nft, chain);
	nft_rule(nft, chain);
	nft_counter(nft);
	nft_rule(nft, chain);
	told_of_limit(nft, whose == LIMITS_CEILING, limit);
}

/* What is over a rate is told of and dropped, so that TCP tries again. */
static void
drop_over(struct nft *nft, const char *chain)
{
	nft_verdict(nft, NFT_JUMP, chain);
}

static void
add_connects(struct nft *nft, uint64_t per_second)
{
	nft_rule(nft, "output");
	nft_match_first_packet(nft);
	nft_match_packets_over(nft, per_second, (uint32_t)per_second);
	drop_over(nft, "over_connects");
}

static void
add_connections(struct nft *nft, uint64_t count)
{
	nft_rule(nft, "output");
	nft_match_first_packet(nft);
	nft_match_flows_over(nft, (uint32_t)count);
	nft_verdict(nft, NFT_JUMP, "over_connections");
}

static void
add_packets(struct nft *nft, uint64_t per_second)
{
	uint64_t burst = per_second / PACKETS_PART;

	if (burst < PACKETS_BURST_MIN)
		burst = PACKETS_BURST_MIN;
	nft_rule(nft, "output");
	nft_match_packets_over(nft, per_second, (uint32_t)burst);
	drop_over(nft, "over_packets");
}

/* The link's bucket holds it back: this is to tell of it alone. */
static void
add_bytes(struct nft *nft, const char *hook, const char *chain,
    uint64_t per_second)
{
	nft_rule(nft, hook);
	nft_match_bytes_over(nft, TOLD_OF_BYTES(per_second), 0);
	nft_verdict(nft, NFT_JUMP, chain);
}

static void
add_chains(struct nft *nft, const struct egress_limits *limits,
    enum limits_whose whose)
{
	static const struct {
		const char *chain;
		enum { SLOWED, DROPPED, REFUSED } end;
	} rows[N_EGRESS_LIMIT] = {
	    [EGRESS_LIMIT_OUT] = {"over_out", SLOWED},
	    [EGRESS_LIMIT_IN] = {"over_in", SLOWED},
	    [EGRESS_LIMIT_PACKETS] = {"over_packets", DROPPED},
	    [EGRESS_LIMIT_CONNECTS] = {"over_connects", DROPPED},
	    [EGRESS_LIMIT_CONNECTIONS] = {"over_connections", REFUSED},
	};

	for (size_t i = 0; i < N_EGRESS_LIMIT; i++) {
		char told[48];

		if (limits->of[i] == 0)
			continue;
		(void)snprintf(told, sizeof told, "tell_%s", rows[i].chain);
		add_told(nft, told, whose, i);
		nft_chain(nft, rows[i].chain);
		nft_rule(nft, rows[i].chain);
		nft_verdict(nft, NFT_JUMP, told);
		if (rows[i].end == SLOWED)
			continue;
		nft_rule(nft, rows[i].chain);
		if (rows[i].end == DROPPED) {
			nft_verdict(nft, NF_DROP, NULL);
			continue;
		}
		nft_reject(nft, true);
		nft_rule(nft, rows[i].chain);
		nft_reject(nft, false);
	}
}

static void
add_table(struct nft *nft, const struct limits *limits,
    enum limits_whose whose)
{
	const uint64_t *of = limits->value.of;

	nft_chain(nft, limits->marker);
	told_add_limits(nft);
	add_chains(nft, &limits->value, whose);
	nft_base_chain(nft, "output", "filter", NF_INET_LOCAL_OUT, PRIORITY,
	    NF_ACCEPT);
	nft_rule(nft, "output");
	nft_match_link(nft, NFT_META_OIFNAME, "lo", true, true);
	nft_verdict(nft, NF_ACCEPT, NULL);
	if (of[EGRESS_LIMIT_CONNECTIONS] != 0)
		add_connections(nft, of[EGRESS_LIMIT_CONNECTIONS]);
	if (of[EGRESS_LIMIT_CONNECTS] != 0)
		add_connects(nft, of[EGRESS_LIMIT_CONNECTS]);
	if (of[EGRESS_LIMIT_PACKETS] != 0)
		add_packets(nft, of[EGRESS_LIMIT_PACKETS]);
	if (of[EGRESS_LIMIT_OUT] != 0)
		add_bytes(nft, "output", "over_out", of[EGRESS_LIMIT_OUT]);
	if (of[EGRESS_LIMIT_IN] == 0)
		return;
	nft_base_chain(nft, "input", "filter", NF_INET_LOCAL_IN, PRIORITY,
	    NF_ACCEPT);
	nft_rule(nft, "input");
	nft_match_link(nft, NFT_META_IIFNAME, "lo", true, true);
	nft_verdict(nft, NF_ACCEPT, NULL);
	add_bytes(nft, "input", "over_in", of[EGRESS_LIMIT_IN]);
}

/* In one that is there every packet is judged by the old rules or the new. */
static void
begin_table(struct nft *nft, bool is_there, bool is_anew)
{
	if (!is_there)
		nft_table_new(nft);
	else if (is_anew)
		nft_table_replace(nft);
	else
		nft_table_refill(nft, NULL);
}

void
limits_add(const struct limits_plan *plan, bool is_anew, struct nft *nft)
{
	for (size_t i = 0; i < N_LIMITS_WHOSE; i++) {
		const struct limits *limits = &plan->of[i];

		if (!limits->is_removed && !limits->is_replaced)
			continue;
		nft_into(nft, limits->table);
		if (limits->is_removed) {
			nft_table_remove(nft);
			continue;
		}
		begin_table(nft, limits->is_there, is_anew);
		add_table(nft, limits, i);
	}
}
