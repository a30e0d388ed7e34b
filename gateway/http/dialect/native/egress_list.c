// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/egress_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/egress.h"
#include "common/fd.h"
#include "common/prefix.h"
#include "common/rpc_calls.h"
#include "gateway/http/dialect/native/native.h"

#define PROTOCOLS_MAX 3
#define LIMITS_SIZE   256 /* as rpc.def has it */
#define NAME_MAX_BYTES (EGRESS_NAME_SIZE - 1)

static const char *const actions[] = {"deny", "allow", NULL};

#define RULE(field) offsetof(struct native_egress_rule, field)
static const struct field rule_fields[] = {
    {"name", FIELD_STRING, RULE(name), 0, NAME_MAX_BYTES,
	"yours to choose; its number where left out", .is_nullable = true},
    {"action", FIELD_U32, RULE(is_allow), .text = "what becomes of it",
	.required = "allow or deny", .words = actions},
    {"cidrs", FIELD_STRINGS, RULE(cidrs), 1, EGRESS_CIDRS_MAX,
	"addresses and prefixes; every one where left out",
	.is_nullable = true},
    {"domains", FIELD_STRINGS, RULE(domains), 1, EGRESS_DOMAINS_MAX,
	"names, and *.name for all below one; instead of cidrs, and of allow "
	"alone", .is_nullable = true},
    {"ports", FIELD_RANGES, RULE(ports), 1, EGRESS_PORTS_MAX,
	"of tcp and udp, numbers or ranges; every one where left out",
	.is_nullable = true},
    {"protocols", FIELD_STRINGS, RULE(protocols), 1, PROTOCOLS_MAX,
	"tcp, udp, icmp; with ports tcp and udp, else every one, where left "
	"out. Or, with domains alone, tls, http: connections that begin by "
	"naming one of them", .is_nullable = true},
};
FIELD_TABLE(native_egress_rule, struct native_egress_rule, rule_fields);

static const struct field limits_fields[] = {
#define EGRESS_LIMIT(NAME, field, word, kind, least, most, unit, words)        \
	{#field, FIELD_U64, offsetof(struct egress_limits,                     \
	    of[EGRESS_LIMIT_##NAME]), 0, most, .text = words                   \
	    ", from " #least "; 0 or left out: the host's"},
#include "common/egress_limit.def"
};
FIELD_TABLE(native_egress_limits, struct egress_limits, limits_fields);

static const struct field totals_fields[] = {
#define EGRESS_LIMIT(NAME, field, word, kind, least, most, unit, words)        \
	{#field, FIELD_U64, offsetof(struct egress_limits,                     \
	    of[EGRESS_LIMIT_##NAME]), 0, most, .text = unit ", from " #least   \
	    "; 0 or left out: no limit"},
#include "common/egress_limit.def"
};
FIELD_TABLE(native_egress_totals, struct egress_limits, totals_fields);

#define POLICY(field) offsetof(struct native_egress, field)
#define DEFAULT                                                                \
	{"default", FIELD_U32, POLICY(is_allow), .text =                       \
	    "what becomes of what no rule matches",                            \
	    .required = "allow or deny", .words = actions}
#define RULES                                                                  \
	{"rules", FIELD_OBJECTS, POLICY(rules), 0, EGRESS_RULES_MAX,           \
	    "in order: the first that matches decides",                        \
	    .table = &native_egress_rule}
#define TOTALS(offset, words)                                                  \
	{"totals", FIELD_OBJECT, offset, .text = words,                        \
	    .table = &native_egress_totals}
#define LIMITS(offset, words)                                                  \
	{"limits", FIELD_OBJECT, offset, .text = words,                        \
	    .table = &native_egress_limits}

#define WISH(field) offsetof(struct native_egress_wish, field)
static const struct field wish_fields[] = {
    {"default", FIELD_STRING, WISH(action), 0, 7,
	"what becomes of what no rule matches, allow or deny; where neither it "
	"nor mode is given limits alone are meant"},
    {"rules", FIELD_OBJECTS, WISH(rules), 0, EGRESS_RULES_MAX,
	"in order: the first that matches decides",
	.table = &native_egress_rule},
    {"mode", FIELD_STRING, WISH(mode), 0, 15,
	"allow_all or deny_all, in place of default and rules"},
    {"allow_cidrs", FIELD_STRINGS, WISH(allow_cidrs), 0, EGRESS_CIDRS_MAX,
	"of deny_all: what is let through all the same"},
    {"deny_cidrs", FIELD_STRINGS, WISH(deny_cidrs), 0, EGRESS_CIDRS_MAX,
	"of deny_all: what is not, though it is in allow_cidrs"},
    {"allow_ports", FIELD_RANGES, WISH(allow_ports), 0, EGRESS_PORTS_MAX,
	"the ports of TCP that allow_cidrs are for; every port and protocol "
	"where left out"},
    LIMITS(WISH(limits), "how much and how many; as they are where left out"),
    TOTALS(WISH(totals), "of an organisation's ceiling alone: of all of its "
	"sandboxes together; as they are where left out"),
};
FIELD_TABLE(native_egress_wish, struct native_egress_wish, wish_fields);

#define OWN                                                                    \
	{"own", FIELD_BOOLEAN, POLICY(is_own), .text =                         \
	    "whether it is the sandbox's own, not the host's default"}
#define OWN_LIMITS LIMITS(POLICY(limits), "how much and how many it may")
static const struct field policy_fields[] = {DEFAULT, RULES, OWN,
    OWN_LIMITS};
FIELD_TABLE(native_egress, struct native_egress, policy_fields);

#define VIEW(field) offsetof(struct native_egress_view, field)
_Static_assert(VIEW(policy) == 0, "a view begins with its policy");
static const struct field view_fields[] = {
    DEFAULT, RULES, OWN, OWN_LIMITS,
    TOTALS(VIEW(totals), "what all sandboxes of the organisation may together"),
    {"mode", FIELD_STRING, VIEW(mode), .text =
	"allow_all or deny_all, where this and the next three say the same",
	.is_nullable = true},
    {"allow_cidrs", FIELD_STRINGS, VIEW(allow_cidrs), .text =
	"as a request has it", .is_nullable = true},
    {"deny_cidrs", FIELD_STRINGS, VIEW(deny_cidrs), .text =
	"as a request has it", .is_nullable = true},
    {"allow_ports", FIELD_RANGES, VIEW(allow_ports), .text =
	"as a request has it", .is_nullable = true},
};
FIELD_TABLE(native_egress_view, struct native_egress_view, view_fields);

/* Where in the request something is wrong. */
struct place {
	const char *path;
	size_t i;
};

static int
refuse(const struct place *place, const char *member, const char *value,
    const char *words, struct failure *failure)
{
	char field[FAILURE_FIELD_SIZE];

	snprintf(field, sizeof field, "%srules[%zu].%s", place->path,
	    place->i, member);
	return failure_of_field(failure, field, "\"%.60s\" is not %s", value,
	    words);
}

static int
too_large(struct failure *failure)
{
	return failure_set(failure, 400, "invalid_argument", NULL,
	    "the policy is larger than %d bytes", EGRESS_POLICY_BYTES_MAX);
}

static int
add_cidrs(struct rpc_list *list, struct rpc_strv strv,
    const struct place *place, struct failure *failure)
{
	const char *text;

	while ((text = rpc_strv_next(&strv)) != NULL) {
		struct rpc_egress_cidr cidr = {0};
		struct prefix prefix;

		if (prefix_parse(text, &prefix) < 0)
			return refuse(place, "cidrs", text,
			    "an address or prefix", failure);
		if (prefix_has_host_bits(&prefix))
			return refuse(place, "cidrs", text,
			    "a prefix: it has host bits", failure);
		cidr.address = (struct rpc_bytes){prefix.address,
		    prefix.family == AF_INET ? 4 : 16};
		cidr.length = prefix.length;
		if (rpc_list_add(list, &rpc_layout_egress_cidr, &cidr) < 0)
			return too_large(failure);
	}
	return 0;
}

static int
add_protocols(uint32_t *ret, struct rpc_strv strv, const struct place *place,
    struct failure *failure)
{
	const char *text;

	while ((text = rpc_strv_next(&strv)) != NULL) {
		uint32_t protocol = egress_protocol_parse(text);

		if (protocol == 0)
			return refuse(place, "protocols", text,
			    "tcp, udp, icmp, tls or http", failure);
		*ret |= protocol;
	}
	return 0;
}

static int
add_ports(struct rpc_list *list, const struct field_ranges *ranges,
    struct failure *failure)
{
	for (uint32_t i = 0; i < ranges->count; i++) {
		const struct rpc_egress_ports ports = {
		    ranges->items[i].first, ranges->items[i].last};

		if (rpc_list_add(list, &rpc_layout_egress_ports, &ports) < 0)
			return too_large(failure);
	}
	return 0;
}

/* Room for what is being made, each a whole policy's. */
struct room {
	uint8_t cidrs[EGRESS_POLICY_BYTES_MAX];
	uint8_t ports[EGRESS_POLICY_BYTES_MAX];
	uint8_t rules[EGRESS_POLICY_BYTES_MAX];
	uint8_t policy[EGRESS_POLICY_BYTES_MAX];
};

static struct rpc_list
list_in(uint8_t room[EGRESS_POLICY_BYTES_MAX])
{
	return (struct rpc_list){.data = room,
	    .size = EGRESS_POLICY_BYTES_MAX};
}

static int
add_rule(struct rpc_list *rules, struct room *room,
    const struct native_egress_rule *rule, const struct place *place,
    struct failure *failure)
{
	struct rpc_list cidrs = list_in(room->cidrs);
	struct rpc_list ports = list_in(room->ports);
	struct rpc_egress_rule wire = {.name = rule->name,
	    .is_allow = rule->is_allow, .domains = rule->domains};
	int r;

	if ((r = add_cidrs(&cidrs, rule->cidrs, place, failure)) < 0 ||
	    (r = add_ports(&ports, &rule->ports, failure)) < 0 ||
	    (r = add_protocols(&wire.protocols, rule->protocols, place,
	    failure)) < 0)
		return r;
	wire.protocols |= rule->shape;
	wire.cidrs = rpc_list_bytes(&cidrs);
	wire.ports = rpc_list_bytes(&ports);
	return rpc_list_add(rules, &rpc_layout_egress_rule, &wire) < 0 ?
	    too_large(failure) : 0;
}

/* All of them, where any is said: 0 is as good as left out. kind is 0 or
 * EGRESS_TOTAL. */
static int
add_limits(struct rpc_list *ret, const struct field_objects *limits,
    uint32_t kind, struct failure *failure)
{
	const struct egress_limits *wish = limits->items;

	for (uint32_t i = 0; limits->count > 0 && i < N_EGRESS_LIMIT; i++) {
		const struct rpc_egress_limit limit = {kind | i,
		    wish->of[i]};

		if (rpc_list_add(ret, &rpc_layout_egress_limit, &limit) < 0)
			return too_large(failure);
	}
	return 0;
}

static int
make(const struct native_egress *wish, const char *path, struct room *room,
    struct rpc_list *ret, struct failure *failure)
{
	const struct native_egress_rule *rules = wish->rules.items;
	struct rpc_list list = list_in(room->rules);
	struct rpc_egress_policy policy = {.is_allow = wish->is_allow};
	uint8_t room_of_limits[LIMITS_SIZE];
	struct rpc_list limits = {.data = room_of_limits,
	    .size = sizeof room_of_limits};
	int r = add_limits(&limits, &wish->limits, 0, failure);

	if (r == 0)
		r = add_limits(&limits, &wish->totals, EGRESS_TOTAL, failure);
	for (size_t i = 0; r == 0 && i < wish->rules.count; i++)
		r = add_rule(&list, room, &rules[i],
		    &(struct place){path, i}, failure);
	policy.rules = rpc_list_bytes(&list);
	policy.limits = rpc_list_bytes(&limits);
	if (r == 0 && rpc_list_add(ret, &rpc_layout_egress_policy,
	    &policy) < 0)
		r = too_large(failure);
	return r;
}

int
egress_list_make(const struct native_egress *wish, const char *path,
    struct rpc_bytes *ret, struct failure *failure)
{
	auto_free struct room *room = malloc(sizeof *room);
	struct rpc_list list;
	uint8_t *copy = NULL;
	int r;

	if (room == NULL)
		return failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	list = list_in(room->policy);
	if ((r = make(wish, path, room, &list, failure)) < 0)
		return r;
	if ((copy = malloc(list.used)) == NULL)
		return failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	memcpy(copy, list.data, list.used);
	*ret = (struct rpc_bytes){copy, list.used};
	return 0;
}

/* Appends a string to packed ones, growing them. */
static int
append(struct rpc_strv *strv, const char *text)
{
	const size_t size = strlen(text) + 1;
	char *grown = realloc((void *)(uintptr_t)strv->data,
	    strv->size + size);

	if (grown == NULL)
		return -ENOMEM;
	memcpy(grown + strv->size, text, size);
	strv->data = grown;
	strv->size += (uint32_t)size;
	strv->count++;
	return 0;
}

static int
read_cidrs(struct rpc_bytes list, struct rpc_strv *ret)
{
	struct rpc_egress_cidr cidr;
	char text[PREFIX_TEXT_SIZE];
	int r = 0;

	while (r == 0 && rpc_list_next(&rpc_layout_egress_cidr, &list,
	    &cidr)) {
		struct prefix prefix = {.family = cidr.address.size == 4 ?
		    AF_INET : AF_INET6, .length = cidr.length};

		memcpy(prefix.address, cidr.address.data, cidr.address.size);
		prefix_format(&prefix, text);
		r = append(ret, text);
	}
	return r;
}

static int
read_ports(struct rpc_bytes list, struct field_ranges *ret)
{
	struct rpc_egress_ports ports;

	ret->items = calloc(EGRESS_PORTS_MAX, sizeof *ret->items);
	if (ret->items == NULL)
		return -ENOMEM;
	while (ret->count < EGRESS_PORTS_MAX &&
	    rpc_list_next(&rpc_layout_egress_ports, &list, &ports))
		ret->items[ret->count++] = (struct field_range){ports.first,
		    ports.last};
	return 0;
}

static int
read_protocols(uint32_t protocols, struct rpc_strv *ret)
{
	int r = 0;

	for (uint32_t bit = 1; r == 0 && bit <= protocols; bit <<= 1)
		if (protocols & bit)
			r = append(ret, egress_protocol_name(bit));
	return r;
}

static int
read_rule(const struct rpc_egress_rule *wire, struct native_egress_rule *ret)
{
	struct rpc_strv domains = wire->domains;
	const char *text;
	int r;

	ret->name = wire->name;
	ret->is_allow = wire->is_allow;
	ret->shape = wire->protocols & EGRESS_SHAPES;
	if ((r = read_cidrs(wire->cidrs, &ret->cidrs)) < 0 ||
	    (r = read_ports(wire->ports, &ret->ports)) < 0)
		return r;
	while (r == 0 && (text = rpc_strv_next(&domains)) != NULL)
		r = append(&ret->domains, text);
	return r < 0 ? r : read_protocols(wire->protocols &
	    ~(uint32_t)EGRESS_SHAPES, &ret->protocols);
}

int
egress_limits_read(struct rpc_bytes list, struct field_objects *ret)
{
	struct egress_limits *limits = calloc(1, sizeof *limits);
	struct rpc_egress_limit limit;

	if (limits == NULL)
		return -ENOMEM;
	*ret = (struct field_objects){limits, 1};
	while (rpc_list_next(&rpc_layout_egress_limit, &list, &limit))
		if (limit.limit < N_EGRESS_LIMIT)
			limits->of[limit.limit] = limit.value;
	return 0;
}

int
egress_list_read(struct rpc_bytes list, struct native_egress *ret)
{
	struct rpc_egress_policy policy;
	struct rpc_egress_rule wire;
	struct native_egress_rule *rules;
	int r = 0;

	*ret = (struct native_egress){0};
	if (!rpc_list_next(&rpc_layout_egress_policy, &list, &policy))
		return -EBADMSG;
	rules = calloc(EGRESS_RULES_MAX, sizeof *rules);
	if (rules == NULL)
		return -ENOMEM;
	ret->is_allow = policy.is_allow;
	ret->rules.items = rules;
	r = egress_limits_read(policy.limits, &ret->limits);
	while (r == 0 && ret->rules.count < EGRESS_RULES_MAX &&
	    rpc_list_next(&rpc_layout_egress_rule, &policy.rules, &wire))
		r = read_rule(&wire, &rules[ret->rules.count++]);
	return r;
}
