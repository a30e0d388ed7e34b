// SPDX-License-Identifier: Apache-2.0
/* A policy in zwrm's words as rules: what is denied goes before what is
 * allowed, and what is neither is what the mode says. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/prefix.h"
#include "gateway/http/dialect/native/egress_list.h"

#define PORT_MAX      65535
#define RULES_OF_MODE 2

static const char tcp[] = "tcp";

static int
refuse(const char *path, const char *member, const char *words,
    struct failure *failure)
{
	char field[FAILURE_FIELD_SIZE];

	snprintf(field, sizeof field, "%s%s", path, member);
	return failure_of_field(failure, field, "%s", words);
}

/* Whether either is inside the other. */
static bool
touches(const struct prefix *one, const struct prefix *other)
{
	return prefix_has(one, other) || prefix_has(other, one);
}

static int
check_cidrs(struct rpc_strv list, const char *path, const char *member,
    const struct prefix *spared, struct failure *failure)
{
	struct prefix local;
	const char *text;

	(void)prefix_parse("169.254.0.0/16", &local);
	while ((text = rpc_strv_next(&list)) != NULL) {
		struct prefix prefix;

		if (prefix_parse(text, &prefix) < 0 ||
		    prefix_has_host_bits(&prefix))
			return refuse(path, member,
			    "each must be a prefix, such as 10.0.0.0/8",
			    failure);
		if (spared == NULL && prefix_has(&local, &prefix))
			return refuse(path, member, "none can be of "
			    "169.254.0.0/16: link-local is never allowed",
			    failure);
		if (spared != NULL && touches(spared, &prefix))
			return refuse(path, member, "none may have a part of "
			    "169.254.0.0/16, which is never let through",
			    failure);
	}
	return 0;
}

static int
check_ports(const struct field_ranges *ranges, const char *path,
    struct failure *failure)
{
	for (uint32_t i = 0; i < ranges->count; i++)
		if (ranges->items[i].first < 1 ||
		    ranges->items[i].last > PORT_MAX ||
		    ranges->items[i].first > ranges->items[i].last)
			return refuse(path, "allow_ports",
			    "each must be from 1 to 65535", failure);
	return 0;
}

static int
check(const struct native_egress_wish *wish, const char *path,
    struct failure *failure)
{
	struct prefix local;
	int r;

	(void)prefix_parse("169.254.0.0/16", &local);
	if (strcmp(wish->mode, "allow_all") == 0) {
		if (wish->allow_cidrs.count > 0 ||
		    wish->deny_cidrs.count > 0 || wish->allow_ports.count > 0)
			return refuse(path, "mode", "allow_all has no lists; "
			    "everything but X is deny_all, with allow_cidrs "
			    "0.0.0.0/0 and deny_cidrs X", failure);
	} else if (strcmp(wish->mode, "deny_all") != 0) {
		return refuse(path, "mode",
		    "must be one of allow_all, deny_all", failure);
	}
	if (wish->allow_ports.count > 0 && wish->allow_cidrs.count == 0)
		return refuse(path, "allow_ports", "is of allow_cidrs, of "
		    "which there are none", failure);
	if ((r = check_cidrs(wish->allow_cidrs, path, "allow_cidrs", NULL,
	    failure)) < 0 || (r = check_cidrs(wish->deny_cidrs, path,
	    "deny_cidrs", &local, failure)) < 0)
		return r;
	return check_ports(&wish->allow_ports, path, failure);
}

static void
add(struct native_egress *policy, struct native_egress_rule rule)
{
	struct native_egress_rule *rules = policy->rules.items;

	if (rule.cidrs.count > 0)
		rules[policy->rules.count++] = rule;
}

/* What a wish means, which *ret points into, as into room. */
static int
read_wish(const struct native_egress_wish *wish, const char *path,
    struct native_egress_rule room[RULES_OF_MODE],
    struct native_egress *ret, struct failure *failure)
{
	int r;

	*ret = (struct native_egress){.rules = wish->rules,
	    .limits = wish->limits, .totals = wish->totals};
	if (wish->mode == NULL && wish->action == NULL &&
	    wish->rules.count == 0 &&
	    (wish->limits.count > 0 || wish->totals.count > 0)) {
		ret->is_allow = EGRESS_UNSAID;
		return 0;
	}
	if (wish->mode == NULL) {
		if (wish->action == NULL)
			return refuse(path, "default",
			    "must be given, allow or deny", failure);
		ret->is_allow = strcmp(wish->action, "allow") == 0;
		if (!ret->is_allow && strcmp(wish->action, "deny") != 0)
			return refuse(path, "default",
			    "must be one of deny, allow", failure);
		return 0;
	}
	if (wish->action != NULL || wish->rules.count > 0)
		return refuse(path, "mode",
		    "is in place of default and rules; give either", failure);
	if ((r = check(wish, path, failure)) < 0)
		return r;
	ret->rules = (struct field_objects){.items = room};
	ret->is_allow = strcmp(wish->mode, "allow_all") == 0;
	add(ret, (struct native_egress_rule){.name = "deny_cidrs",
	    .cidrs = wish->deny_cidrs});
	add(ret, (struct native_egress_rule){.name = "allow_cidrs",
	    .is_allow = true, .cidrs = wish->allow_cidrs,
	    .ports = wish->allow_ports, .protocols =
	    wish->allow_ports.count > 0 ? (struct rpc_strv){tcp, sizeof tcp,
	    1} : (struct rpc_strv){0}});
	return 0;
}

int
egress_wish_make(const struct native_egress_wish *wish, const char *path,
    struct rpc_bytes *ret, struct failure *failure)
{
	struct native_egress_rule rules[RULES_OF_MODE];
	struct native_egress policy;
	int r = read_wish(wish, path, rules, &policy, failure);

	return r < 0 ? r : egress_list_make(&policy, path, ret, failure);
}

static bool
has_name(const struct native_egress_rule *rule, const char *name)
{
	return rule->name != NULL && strcmp(rule->name, name) == 0 &&
	    rule->cidrs.count > 0 &&
	    rule->domains.count == 0;
}

/* Whether it is what add() makes of deny_cidrs. */
static bool
is_denial(const struct native_egress_rule *rule)
{
	return has_name(rule, "deny_cidrs") && !rule->is_allow &&
	    rule->ports.count == 0 && rule->protocols.count == 0;
}

/* And of allow_cidrs with allow_ports. */
static bool
is_allowance(const struct native_egress_rule *rule)
{
	struct rpc_strv protocols = rule->protocols;
	const char *protocol = rpc_strv_next(&protocols);

	return has_name(rule, "allow_cidrs") && rule->is_allow &&
	    (rule->ports.count > 0 ? protocol != NULL &&
		strcmp(protocol, tcp) == 0 && rule->protocols.count == 1 :
		protocol == NULL);
}

struct native_egress_view
egress_view_of(const struct native_egress *policy)
{
	const struct native_egress_rule *rules = policy->rules.items;
	struct native_egress_view view = {.policy = *policy, .mode = ""};
	struct native_egress_view exact = view;
	size_t i = 0;

	exact.mode = policy->is_allow ? "allow_all" : "deny_all";
	if (!policy->is_allow && i < policy->rules.count &&
	    is_denial(&rules[i]))
		exact.deny_cidrs = rules[i++].cidrs;
	if (!policy->is_allow && i < policy->rules.count &&
	    is_allowance(&rules[i])) {
		exact.allow_cidrs = rules[i].cidrs;
		exact.allow_ports = rules[i++].ports;
	}
	return i == policy->rules.count ? exact : view;
}
