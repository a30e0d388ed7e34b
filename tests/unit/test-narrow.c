// SPDX-License-Identifier: Apache-2.0
/*
 * A policy and a ceiling that both have names, at random, beside a reading of
 * docs/EGRESS.md of the test's own: a name is resolved where both let it be,
 * and what the two have of each other's names decides about packets as they do
 * by themselves.
 */
#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/egress/policy_narrow.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/rpc_calls.h"

#define CASES	  20000
#define RULES	  3
#define DOMAINS	  3
#define QUESTIONS 6
#define NAME_SIZE 32

/* One of a policy's, or a ceiling's, as the test has it. */
struct rule {
	bool is_allow, is_resolver; /* of the resolver's address alone */
	size_t n_domains;
	uint32_t protocols;
	char domains[DOMAINS][NAME_SIZE];
};
struct side {
	bool is_allow;
	size_t n_rules;
	struct rule rules[RULES];
};

static struct egress_host host;
static struct policy policy, ceiling, policy_was, ceiling_was;

/* A name of one to three labels of two letters; an eighth are wild. */
static void
make_name(char ret[NAME_SIZE], bool may_be_wild)
{
	size_t n = 1 + (size_t)(random() % 3), used = 0;

	if (may_be_wild && random() % 3 == 0)
		used += (size_t)snprintf(ret, NAME_SIZE, "*.");
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(ret + used, NAME_SIZE - used, "%c.",
		    random() % 2 ? 'a' : 'b');
	(void)snprintf(ret + used, NAME_SIZE - used, "x");
}

static struct side
make_side(bool is_policy)
{
	struct side side = {.is_allow = random() % 4 == 0,
	    .n_rules = (size_t)(random() % (RULES + 1))};

	for (size_t i = 0; i < side.n_rules; i++) {
		struct rule *rule = &side.rules[i];

		rule->is_resolver = random() % 4 == 0;
		rule->is_allow = random() % 3 > 0;
		if (rule->is_resolver)
			continue;
		rule->is_allow = true;
		rule->n_domains = 1 + (size_t)(random() % DOMAINS);
		if (is_policy && random() % 4 == 0)
			rule->protocols = EGRESS_TLS;
		for (size_t j = 0; j < rule->n_domains; j++)
			make_name(rule->domains[j], true);
	}
	return side;
}

static void
add_rule(struct rpc_list *rules, const struct rule *rule)
{
	uint8_t room[64];
	char words[DOMAINS * NAME_SIZE], *end = words;
	struct rpc_list cidrs = {.data = room, .size = sizeof room};
	const struct rpc_egress_cidr cidr = {{host.resolvers[0].address, 4},
	    32};
	struct rpc_egress_rule wire = {.is_allow = rule->is_allow,
	    .protocols = rule->protocols, .name = ""};

	for (size_t i = 0; i < rule->n_domains; i++)
		end = stpcpy(end, rule->domains[i]) + 1;
	wire.domains = (struct rpc_strv){.data = words,
	    .size = (uint32_t)(end - words),
	    .count = (uint32_t)rule->n_domains};
	if (rule->is_resolver)
		assert(rpc_list_add(&cidrs, &rpc_layout_egress_cidr,
		    &cidr) == 0);
	wire.cidrs = rpc_list_bytes(&cidrs);
	assert(rpc_list_add(rules, &rpc_layout_egress_rule, &wire) == 0);
}

static void
read_side(const struct side *side, struct policy *ret)
{
	uint8_t room[2][4096];
	struct rpc_list rules = {.data = room[0], .size = sizeof room[0]};
	struct rpc_list list = {.data = room[1], .size = sizeof room[1]};
	struct rpc_egress_policy wire = {.is_allow = side->is_allow};
	struct err err;

	for (size_t i = 0; i < side->n_rules; i++)
		add_rule(&rules, &side->rules[i]);
	wire.rules = rpc_list_bytes(&rules);
	assert(rpc_list_add(&list, &rpc_layout_egress_policy, &wire) == 0);
	assert(policy_read(rpc_list_bytes(&list), false, ret, &err) == 0);
}

/* By itself: whether a domain of it is, or covers, the name. */
static bool
names(const struct side *side, const char *name)
{
	for (size_t i = 0; i < side->n_rules; i++)
		for (size_t j = 0; j < side->rules[i].n_domains; j++) {
			const char *domain = side->rules[i].domains[j];
			const size_t size = strlen(domain);

			if (strcmp(domain, name) == 0)
				return true;
			if (*domain == '*' && strlen(name) > size - 1 &&
			    strcmp(name + strlen(name) - (size - 1),
			    domain + 1) == 0)
				return true;
		}
	return false;
}

static bool
has_names(const struct side *side)
{
	for (size_t i = 0; i < side->n_rules; i++)
		if (side->rules[i].n_domains > 0)
			return true;
	return false;
}

/* Whether the resolver may be asked by what it says of addresses. */
static bool
is_open(const struct side *side)
{
	for (size_t i = 0; i < side->n_rules; i++)
		if (side->rules[i].is_resolver)
			return side->rules[i].is_allow;
	return side->is_allow;
}

static bool
is_resolved(const struct side *own, const struct side *high, const char *name)
{
	if (!has_names(high))
		return names(own, name) || (is_open(own) && is_open(high));
	return (names(own, name) || is_open(own)) &&
	    (names(high, name) || is_open(high));
}

/* And by what is made of the two. */
static bool
is_found(const char *name)
{
	struct policy_names all;

	policy_names_of(&policy, &ceiling, &all);
	for (size_t i = 0; i < all.n; i++)
		if (egress_domain_covers(all.items[i]->name, name))
			return true;
	return policy_both_open(&policy, &ceiling, &host);
}

/* What decides of a packet to where all these names have led. */
static int
decide(const struct policy *one, const char (*found)[NAME_SIZE], size_t n)
{
	bool leads[EGRESS_DOMAINS_MAX] = {false};
	struct policy_packet packet = {.protocol = IPPROTO_TCP, .port = 443,
	    .leads = leads};

	assert(prefix_parse("192.0.2.1", &packet.to) == 0);
	for (size_t i = 0; i < one->n_domains; i++)
		for (size_t j = 0; j < n; j++)
			leads[i] = leads[i] || egress_domain_covers(
			    one->domains[i].name, found[j]);
	return policy_decide(one, &packet);
}

/* Each by its own mark, which both know. */
static void
check_marks(void)
{
	for (size_t i = 0; i < policy.n_domains; i++)
		for (size_t j = 0; j < ceiling.n_domains; j++)
			if (policy.domains[i].mark == ceiling.domains[j].mark)
				assert(strcmp(policy.domains[i].name,
				    ceiling.domains[j].name) == 0);
}

static bool
check_case(void)
{
	const struct side own = make_side(true), high = make_side(false);
	char found[QUESTIONS][NAME_SIZE];
	size_t n = 0;
	struct err err;

	read_side(&own, &policy);
	read_side(&high, &ceiling);
	policy_was = policy;
	ceiling_was = ceiling;
	assert(policy_narrow(&policy, &ceiling, &host, &err) == 0);
	check_marks();
	for (size_t i = 0; i < QUESTIONS; i++) {
		make_name(found[n], false);
		if (is_resolved(&own, &high, found[n]) != is_found(found[n])) {
			(void)fprintf(stderr, "%s\n", found[n]);
			return false;
		}
		n += is_resolved(&own, &high, found[n]);
	}
	return decide(&policy, found, n) == decide(&policy_was, found, n) &&
	    decide(&ceiling, found, n) == decide(&ceiling_was, found, n);
}

int
main(void)
{
	const unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	(void)fflush(stdout);
	srandom(seed);
	assert(prefix_parse("198.51.100.53", &host.resolvers[0]) == 0);
	host.n_resolvers = 1;
	for (size_t i = 0; i < CASES; i++)
		assert(check_case());
	return 0;
}
