// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/policy_narrow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/rpc.h"
#include "sandboxd/net/egress/egress.h"

static bool
is_wild(const char *domain)
{
	return strncmp(domain, "*.", 2) == 0;
}

/* The one of two that the other covers, or is; NULL: no name is of both. */
static const char *
narrower(const char *one, const char *other)
{
	/* "*.y.x" is all of it below x, as y.x is. */
	if (strcmp(one, other) == 0 || (is_wild(one) &&
	    egress_domain_covers(one, is_wild(other) ? other + 2 : other)))
		return other;
	if (is_wild(other) && egress_domain_covers(other, is_wild(one) ?
	    one + 2 : one))
		return one;
	return NULL;
}

/* To the rule that was begun last. */
static void
add(struct policy *policy, struct policy_rule *rule, const char *name,
    uint32_t mark)
{
	struct policy_domain *domains = policy->domains + rule->first_domain;

	for (size_t i = 0; i < rule->n_domains; i++)
		if (domains[i].mark == mark)
			return;
	if (policy->n_domains == EGRESS_DOMAINS_MAX)
		return;
	strcpy(domains[rule->n_domains].name, name);
	domains[rule->n_domains++].mark = mark;
	policy->n_domains++;
}

/* What one rule's domain has in common with those of the other's rules. What
 * is looked at has marks of its own, which are of the policy's rule. */
static void
add_common(struct policy *policy, struct policy_rule *rule, const char *name,
    const struct policy *other)
{
	for (size_t i = 0; i < other->n_rules; i++) {
		const struct policy_rule *there = &other->rules[i];
		const uint8_t looked = (rule->protocols | there->protocols) &
		    EGRESS_LOOKED;

		for (size_t j = 0; j < there->n_domains; j++) {
			const char *common = narrower(name,
			    other->domains[there->first_domain + j].name);

			if (common != NULL)
				add(policy, rule, common,
				    policy_mark(common, looked));
		}
	}
}

/* is_kept: also what the other has no name for, as that lets all be asked. */
static void
narrow(struct policy *policy, const struct policy *was,
    const struct policy *other, bool is_kept)
{
	policy->n_domains = 0;
	for (size_t i = 0; i < was->n_rules; i++) {
		const struct policy_rule *before = &was->rules[i];
		struct policy_rule *rule = &policy->rules[i];
		const struct policy_domain *domains =
		    was->domains + before->first_domain;

		rule->first_domain = (uint16_t)policy->n_domains;
		rule->n_domains = 0;
		for (size_t j = 0; j < before->n_domains; j++)
			add_common(policy, rule, domains[j].name, other);
		for (size_t j = 0; is_kept && j < before->n_domains; j++)
			add(policy, rule, domains[j].name, domains[j].mark);
		rule->is_void = before->n_domains > 0 && rule->n_domains == 0;
	}
}

struct before {
	struct policy own, high;
};

int
policy_narrow(struct policy *policy, struct policy *ceiling,
    const struct egress_host *host, struct err *err)
{
	auto_free struct before *before = NULL;

	/* Without names it has no say in which are resolved. */
	if (!policy_has_names(ceiling))
		return 0;
	before = malloc(sizeof *before);
	if (before == NULL)
		return err_set(err, ENOMEM, "no memory for a policy");
	before->own = *policy;
	before->high = *ceiling;
	narrow(policy, &before->own, &before->high,
	    policy_is_open(ceiling, host));
	narrow(ceiling, &before->high, &before->own,
	    policy_is_open(policy, host));
	return 0;
}

int
policy_make_both(struct rpc_bytes own, struct rpc_bytes ceiling,
    const struct egress_host *host, struct policy **ret_policy,
    struct policy **ret_ceiling, struct err *err)
{
	auto_free struct policy *policy = policy_make(own, host->is_closed,
	    err);
	auto_free struct policy *high = NULL;
	int r;

	if (policy == NULL)
		return err != NULL ? -err->code : -EINVAL;
	if (ceiling.size > 0) {
		/* What it does not say it does not narrow. */
		if ((high = policy_make(ceiling, false, err)) == NULL)
			return err != NULL ? -err->code : -EINVAL;
		if ((r = policy_narrow(policy, high, host, err)) < 0)
			return r;
	}
	*ret_policy = policy;
	*ret_ceiling = high;
	policy = high = NULL;
	return 0;
}

static void
collect(const struct policy *policy, struct policy_names *ret)
{
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct policy_rule *rule = &policy->rules[i];

		for (size_t j = 0; j < rule->n_domains; j++) {
			const struct policy_domain *domain =
			    &policy->domains[rule->first_domain + j];
			size_t k = 0;

			while (k < ret->n &&
			    ret->items[k]->mark != domain->mark)
				k++;
			if (k < ret->n)
				continue;
			ret->items[ret->n] = domain;
			ret->looks[ret->n++] = rule->protocols &
			    EGRESS_LOOKED;
		}
	}
}

void
policy_names_of(const struct policy *policy, const struct policy *ceiling,
    struct policy_names *ret)
{
	ret->n = 0;
	ret->is_any = policy_has_names(policy) ||
	    (ceiling != NULL && policy_has_names(ceiling));
	collect(policy, ret);
	if (ceiling != NULL)
		collect(ceiling, ret);
}

bool
policy_both_open(const struct policy *policy, const struct policy *ceiling,
    const struct egress_host *host)
{
	return policy_is_open(policy, host) &&
	    (ceiling == NULL || policy_is_open(ceiling, host));
}
