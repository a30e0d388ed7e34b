// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/e2b/network.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/egress.h"
#include "common/prefix.h"
#include "gateway/http/dialect/e2b/answer.h"
#include "gateway/http/dialect/native/egress_list.h"
#include "gateway/http/service/egress.h"

#define EVERYTHING  "0.0.0.0/0"
#define RULES_MAX   3
#define ENTRIES_MAX 256
#define PATH_SIZE   48

static const struct field fields[] = {
    {"allowOut", FIELD_STRINGS, offsetof(struct network_wish, allowed), 0,
	ENTRIES_MAX, "addresses, networks and domains that it reaches"},
    {"denyOut", FIELD_STRINGS, offsetof(struct network_wish, denied), 0,
	ENTRIES_MAX, "addresses and networks that it does not reach, where "
	"they are not allowed"},
};
FIELD_TABLE(e2b_network, struct network_wish, fields);

struct update_wish {
	struct network_wish network;
	uint32_t may_reach_internet;
};
static const struct field update_fields[] = {
    {"allowOut", FIELD_STRINGS, offsetof(struct update_wish,
	network.allowed), 0, ENTRIES_MAX, "as a create has it"},
    {"denyOut", FIELD_STRINGS, offsetof(struct update_wish, network.denied),
	0, ENTRIES_MAX, "as a create has it"},
    {"allow_internet_access", FIELD_BOOLEAN, offsetof(struct update_wish,
	may_reach_internet), .text = "false: what is not allowed is denied"},
};
FIELD_TABLE(e2b_network_wish, struct update_wish, update_fields);

static bool
is_address(const char *text)
{
	struct prefix prefix;

	return prefix_parse(text, &prefix) == 0;
}

/* Those of the list that are addresses, or are not; the caller's. */
static struct rpc_strv
pick(struct rpc_strv list, bool wants_addresses)
{
	struct rpc_strv picked = {.data = malloc(list.size + 1)};
	const char *text = list.data;

	for (uint32_t i = 0; picked.data != NULL && i < list.count; i++) {
		size_t size = strlen(text) + 1;

		if (is_address(text) == wants_addresses) {
			memcpy((char *)(uintptr_t)picked.data + picked.size,
			    text, size);
			picked.size += (uint32_t)size;
			picked.count++;
		}
		text += size;
	}
	return picked;
}

static bool
has(struct rpc_strv list, const char *wanted)
{
	const char *text = list.data;

	for (uint32_t i = 0; i < list.count; i++, text += strlen(text) + 1)
		if (strcmp(text, wanted) == 0)
			return true;
	return false;
}

/* What E2B asks of the two lists. */
static int
check(const struct network_wish *wish, struct rpc_strv domains,
    struct rpc_strv denied_names, bool is_closed, const char *path,
    struct failure *failure)
{
	char field[PATH_SIZE];

	if (denied_names.count > 0) {
		snprintf(field, sizeof field, "%sdenyOut", path);
		return failure_of_field(failure, field, "\"%.100s\" is not an "
		    "address nor a network: names can be allowed alone",
		    denied_names.data);
	}
	if (domains.count > 0 && !is_closed && !has(wish->denied,
	    EVERYTHING)) {
		snprintf(field, sizeof field, "%sallowOut", path);
		return failure_of_field(failure, field, "\"%.100s\": names are "
		    "allowed only where denyOut has " EVERYTHING,
		    domains.data);
	}
	return 0;
}

static int
make(const struct network_wish *wish, bool is_closed, const char *path,
    struct rpc_strv addresses, struct rpc_strv domains,
    struct rpc_bytes *ret, struct failure *failure)
{
	struct native_egress_rule rules[RULES_MAX];
	struct native_egress policy = {.is_allow = !is_closed &&
	    !has(wish->denied, EVERYTHING), .rules.items = rules};

	memset(rules, 0, sizeof rules);
	if (addresses.count > 0)
		rules[policy.rules.count++] = (struct native_egress_rule){
		    .name = "allowOut", .is_allow = 1, .cidrs = addresses};
	if (domains.count > 0)
		rules[policy.rules.count++] = (struct native_egress_rule){
		    .name = "domains", .is_allow = 1, .domains = domains};
	if (wish->denied.count > 0)
		rules[policy.rules.count++] = (struct native_egress_rule){
		    .name = "denyOut", .cidrs = wish->denied};
	return egress_list_make(&policy, path, ret, failure);
}

int
network_make(const struct network_wish *wish, enum field_boolean internet,
    const char *path, struct rpc_bytes *ret, struct failure *failure)
{
	bool is_closed = internet == FIELD_FALSE;
	struct rpc_strv addresses, domains, names;
	int r;

	if (!is_closed && wish->allowed.count == 0 && wish->denied.count == 0)
		return 0;
	addresses = pick(wish->allowed, true);
	domains = pick(wish->allowed, false);
	names = pick(wish->denied, false);
	if (addresses.data == NULL || domains.data == NULL ||
	    names.data == NULL)
		r = failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	else
		r = check(wish, domains, names, is_closed, path, failure);
	if (r == 0)
		r = make(wish, is_closed, path, addresses, domains, ret,
		    failure);
	free((void *)(uintptr_t)addresses.data);
	free((void *)(uintptr_t)domains.data);
	free((void *)(uintptr_t)names.data);
	return r;
}

static void
on_set(void *arg, const struct err *err)
{
	answer_nothing(arg, err);
}

void
e2b_set_network(struct exchange *exchange)
{
	const struct update_wish *wish = exchange_input(exchange);
	struct rpc_bytes list = {0};
	struct failure failure;

	if (network_make(&wish->network, wish->may_reach_internet, "", &list,
	    &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		egress_set(exchange_who(exchange),
		    exchange_param(exchange, "id"), list, on_set, exchange);
	free((void *)(uintptr_t)list.data);
}
