// SPDX-License-Identifier: Apache-2.0
/* One rule more, before those that a sandbox has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/egress.h"
#include "common/prefix.h"
#include "gateway/http/dialect/mcp/mcp.h"
#include "gateway/http/dialect/native/egress_list.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/egress.h"

#define PROTOCOLS_MAX 3

struct wish {
	struct rpc_strv hosts, protocols;
	struct field_ranges ports;
	const char *name;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"hosts", FIELD_STRINGS, WISH(hosts), 1, EGRESS_DOMAINS_MAX,
	"all names, such as api.example.com or *.example.org; or all addresses "
	"and prefixes, such as 192.0.2.0/24",
	"a list of names or addresses"},
    {"ports", FIELD_RANGES, WISH(ports), 1, EGRESS_PORTS_MAX,
	"of tcp and udp, such as 443 or 8000-8010; every one where left out"},
    {"protocols", FIELD_STRINGS, WISH(protocols), 1, PROTOCOLS_MAX,
	"tcp, udp, icmp; every one, with ports tcp and udp, where left out; "
	"or, for names, tls, http: connections that begin by naming one"},
    {"name", FIELD_STRING, WISH(name), 0, EGRESS_NAME_SIZE - 1,
	"of the rule, for you to know it again"},
};
FIELD_TABLE(mcp_allow_wish, struct wish, wish_fields);

static bool
is_prefix(const char *text)
{
	struct prefix prefix;

	return prefix_parse(text, &prefix) == 0;
}

/* Names and addresses are of different kinds of rules. */
static int
read_hosts(const struct wish *wish, struct native_egress_rule *ret,
    struct failure *failure)
{
	struct rpc_strv hosts = wish->hosts;
	size_t n_prefixes = 0;
	const char *text;

	while ((text = rpc_strv_next(&hosts)) != NULL)
		n_prefixes += is_prefix(text) ? 1 : 0;
	if (n_prefixes != 0 && n_prefixes != wish->hosts.count)
		return failure_of_field(failure, "hosts",
		    "names and "
		    "addresses are not for one rule: allow them one after "
		    "the other");
	*(n_prefixes != 0 ? &ret->cidrs : &ret->domains) = wish->hosts;
	return 0;
}

/* The policy with that rule before the others; the caller frees ret->data. */
static int
add_rule(const struct native_egress *policy,
    const struct native_egress_rule *rule, struct rpc_bytes *ret,
    struct failure *failure)
{
	const size_t n = policy->rules.count;
	struct native_egress_rule *rules = calloc(n + 1, sizeof *rules);
	struct native_egress more = *policy;
	int r;

	if (rules == NULL)
		return failure_set(
		    failure, 503, "out_of_resources", NULL, "out of memory");
	rules[0] = *rule;
	if (n > 0)
		memcpy(rules + 1, policy->rules.items, n * sizeof *rules);
	more.rules = (struct field_objects){rules, (uint32_t)n + 1};
	r = egress_list_make(&more, "", ret, failure);
	free(rules);
	return r;
}

static void
on_set(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		native_get_egress(arg);
}

static void
on_got(void *arg, const struct rpc_egress_get_rep *reply, const struct err *err)
{
	const struct wish *wish = exchange_input(arg);
	struct native_egress_rule rule = {
	    .name = wish->name != NULL ? wish->name : "",
	    .is_allow = true,
	    .ports = wish->ports,
	    .protocols = wish->protocols};
	const struct err none = {ENOMEM, "out of memory"};
	struct native_egress policy = {0};
	struct rpc_bytes list = {0};
	struct failure failure;

	if (err != NULL || egress_list_read(reply->policy, &policy) < 0)
		exchange_fail_err(arg, err != NULL ? err : &none);
	else if (read_hosts(wish, &rule, &failure) < 0 ||
		 add_rule(&policy, &rule, &list, &failure) < 0)
		exchange_fail(arg, &failure);
	else
		egress_set(exchange_who(arg), exchange_param(arg, "id"), list,
		    on_set, arg);
	field_fini(&native_egress, &policy);
	free((void *)(uintptr_t)list.data);
}

void
mcp_allow_egress(struct exchange *exchange)
{
	egress_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_got, exchange);
}
