// SPDX-License-Identifier: Apache-2.0
/*
 * The egress policy of one sandbox, and nothing that needs a kernel: ordered
 * rules, the first that matches a packet decides, else the default. It says
 * what a sandbox may reach of what the host lets it; see always.h for that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/egress.h"
#include "common/err.h"
#include "common/prefix.h"

struct egress_host;
struct rpc_bytes;

/* What policy_decide answers where no rule matches. */
#define POLICY_DEFAULT (-1)

struct policy_ports {
	uint16_t first, last; /* both are of it */
};

struct policy_rule {
	char name[EGRESS_NAME_SIZE];
	bool is_allow;
	/* It had names, and the ceiling none of them: it matches nothing. */
	bool is_void;
	/* enum egress_protocol; 0 = all. With bits of EGRESS_LOOKED those
	 * alone: it decides about TCP and UDP, and allows no UDP. */
	uint8_t protocols;
	uint16_t first_cidr, n_cidrs; /* none = every address */
	uint16_t first_ports, n_ports; /* none = every port, or no port */
	uint16_t first_domain, n_domains; /* instead of cidrs */
};

/* A name, and what stands for it in the kernel: the mark of flows to where it
 * led, and, as a number of eight digits, a part of its set's name. */
struct policy_domain {
	char name[EGRESS_DOMAIN_SIZE]; /* as egress_domain_read has it */
	uint32_t mark; /* of that alone; never 0, nor with POLICY_MARK_KNOWN */
};

/* Of marks of flows that no name let out, but a rule (policy_rules.h). */
#define POLICY_MARK_KNOWN 0x80000000u

struct policy {
	bool is_allow; /* what no rule matches */
	bool has_names; /* as it was read: also where none is left */
	size_t n_rules, n_cidrs, n_ports, n_domains;
	struct policy_rule rules[EGRESS_RULES_MAX];
	struct prefix cidrs[EGRESS_CIDRS_MAX];
	struct policy_ports ports[EGRESS_PORTS_MAX];
	struct policy_domain domains[EGRESS_DOMAINS_MAX];
	struct egress_limits limits; /* 0 = not said: the host's, or none */
	struct egress_limits totals; /* of a ceiling; 0 = none */
};

/* Where something goes. */
struct policy_packet {
	struct prefix to; /* one address */
	uint8_t protocol; /* IPPROTO_* */
	uint16_t port;	  /* of TCP and UDP */
	/* The mark of the name that it goes to, where it is known; 0: none. */
	uint32_t mark;
	/* Or that itself, as egress_domain_read has it; NULL: none. */
	const char *name;
	/* By the index of the policy's domains, whether that leads there now;
	 * NULL: none is known to. And of a ceiling's, for who decides by
	 * both. */
	const bool *leads, *ceiling_leads;
};

/*
 * Reads a policy from a list of one rpc_egress_policy, as it comes over the
 * wire and lies in the registry; an empty list is a policy without rules that
 * allows everything, or where is_closed nothing. A rule without a name is
 * called by its number, "1" being the first. -EINVAL names the field, such as
 * "rules[0].ports", and what is allowed.
 */
int policy_read(struct rpc_bytes list, bool is_closed, struct policy *ret,
    struct err *err);

/* The same into memory of the caller's to free; NULL, and err says why. */
struct policy *policy_make(struct rpc_bytes list, bool is_closed,
    struct err *err);

/*
 * What a wish is where it says rules alone, or limits alone: the others are
 * those of base, which may be empty. *ret is such a list again, which the
 * caller frees (ret->data), empty where nothing is said.
 */
int policy_merge(struct rpc_bytes wish, struct rpc_bytes base,
    struct rpc_bytes *ret, struct err *err);

/*
 * Whether each allowance can apply on this host at all: -EINVAL names the
 * field and what refuses it always, such as "link-local".
 */
int policy_check(const struct policy *policy, const struct egress_host *host,
    struct err *err);

/* The same of a ceiling, whose names are not looked for in connections. */
int policy_check_ceiling(const struct policy *ceiling,
    const struct egress_host *host, struct err *err);

/* Whether it names a domain, so that there has to be a resolver for it. */
static inline bool
policy_has_names(const struct policy *policy)
{
	return policy->has_names;
}

/* Whether it lets its sandbox ask one of the host's resolvers by itself. */
bool policy_is_open(const struct policy *policy,
    const struct egress_host *host);

/* The mark of a domain by itself, and by what is looked for (bits of
 * EGRESS_LOOKED): the same in whatever rule of whatever policy; never 0. */
uint32_t policy_mark(const char *domain, uint8_t looked);

/* The index of the rule that decides, or POLICY_DEFAULT. */
int policy_decide(const struct policy *policy,
    const struct policy_packet *packet);

/* Whether that lets the packet out; the name of what decided in *ret_name. */
bool policy_allows(const struct policy *policy,
    const struct policy_packet *packet, int decided, const char **ret_name);

/* Whether the rule looks at what connections begin with. */
static inline bool
policy_rule_looks(const struct policy_rule *rule)
{
	return (rule->protocols & EGRESS_LOOKED) != 0;
}

/* How many rules there are up to the last one that looks; 0 = none does. */
size_t policy_looking(const struct policy *policy);
