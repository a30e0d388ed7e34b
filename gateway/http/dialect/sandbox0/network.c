// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/sandbox0/network.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/egress.h"
#include "gateway/http/dialect/native/egress_list.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/egress.h"

#define PATH_SIZE      64
#define JSON_MAX       4096
#define PROTOCOL_BYTES 8
#define PORT_MAX       65535

enum { PROTOCOL_UNSAID, PROTOCOL_TCP, PROTOCOL_UDP };
static const char *const protocols[] = {"", "tcp", "udp", NULL};
static const char *const actions[] = {"deny", "allow", NULL};

enum { MODE_UNSAID, MODE_ALLOW, MODE_BLOCK };
static const char *const modes[] = {"", "allow-all", "block-all", NULL};

struct port {
	uint32_t port, end, protocol;
};
static const struct field port_fields[] = {
    {"port", FIELD_U32, offsetof(struct port, port), 1, PORT_MAX,
	"the first, or the only one"},
    {"endPort", FIELD_U32, offsetof(struct port, end), 0, PORT_MAX,
	"the last; 0: the same"},
    {"protocol", FIELD_U32, offsetof(struct port, protocol), .text =
	"tcp or udp; both where left out", .words = protocols},
};
static FIELD_TABLE(sandbox0_port, struct port, port_fields);

struct rule {
	const char *name;
	uint32_t is_allow;
	struct rpc_strv cidrs, domains, app_protocols;
	struct field_objects ports;
};
#define RULE(field) offsetof(struct rule, field)
static const struct field rule_fields[] = {
    {"name", FIELD_STRING, RULE(name), 0, EGRESS_NAME_SIZE - 1,
	"yours to choose"},
    {"action", FIELD_U32, RULE(is_allow), .text = "what becomes of it",
	.required = "allow or deny", .words = actions},
    {"cidrs", FIELD_STRINGS, RULE(cidrs), 0, EGRESS_CIDRS_MAX,
	"addresses and prefixes"},
    {"domains", FIELD_STRINGS, RULE(domains), 0, EGRESS_DOMAINS_MAX,
	"names; of allow alone"},
    {"ports", FIELD_OBJECTS, RULE(ports), 0, EGRESS_PORTS_MAX,
	"every one where left out", .table = &sandbox0_port},
    {"appProtocols", FIELD_STRINGS, RULE(app_protocols), 0, 16,
	"tls and http, with domains: what connections begin by naming"},
};
static FIELD_TABLE(sandbox0_rule, struct rule, rule_fields);

struct egress {
	struct field_objects rules;
	struct rpc_strv allowed_cidrs, allowed_domains;
	struct rpc_strv denied_cidrs, denied_domains;
	struct field_objects allowed_ports, denied_ports;
	char *protocol_rules, *credential_rules, *proxy;
};
#define EGRESS(field) offsetof(struct egress, field)
static const struct field egress_fields[] = {
    {"trafficRules", FIELD_OBJECTS, EGRESS(rules), 0, EGRESS_RULES_MAX,
	"in order: the first that matches decides, else the mode",
	.table = &sandbox0_rule},
    {"allowedCidrs", FIELD_STRINGS, EGRESS(allowed_cidrs), 0,
	EGRESS_CIDRS_MAX, "of block-all"},
    {"allowedDomains", FIELD_STRINGS, EGRESS(allowed_domains), 0,
	EGRESS_DOMAINS_MAX, "of block-all"},
    {"allowedPorts", FIELD_OBJECTS, EGRESS(allowed_ports), 0,
	EGRESS_PORTS_MAX, "of block-all", .table = &sandbox0_port},
    {"deniedCidrs", FIELD_STRINGS, EGRESS(denied_cidrs), 0,
	EGRESS_CIDRS_MAX, "of allow-all"},
    {"deniedDomains", FIELD_STRINGS, EGRESS(denied_domains), 0,
	EGRESS_DOMAINS_MAX, "not here: names are allowed alone"},
    {"deniedPorts", FIELD_OBJECTS, EGRESS(denied_ports), 0,
	EGRESS_PORTS_MAX, "of allow-all", .table = &sandbox0_port},
    {"protocolRules", FIELD_JSON, EGRESS(protocol_rules), 0, JSON_MAX,
	"not enforced here: none"},
    {"credentialRules", FIELD_JSON, EGRESS(credential_rules), 0, JSON_MAX,
	"not here: none"},
    {"proxy", FIELD_JSON, EGRESS(proxy), 0, JSON_MAX, "not here: none"},
};
static FIELD_TABLE(sandbox0_egress, struct egress, egress_fields);

static const struct field wish_fields[] = {
    {"mode", FIELD_U32, offsetof(struct network_wish, mode), .text =
	"what becomes of what no rule matches", .words = modes},
    {"egress", FIELD_OBJECT, offsetof(struct network_wish, egress),
	.text = "what leaves it", .table = &sandbox0_egress},
    {"credentialBindings", FIELD_JSON, offsetof(struct network_wish,
	bindings), 0, JSON_MAX, "not here: none"},
};
FIELD_TABLE(sandbox0_network_wish, struct network_wish, wish_fields);

/* A policy that is being made. */
struct making {
	const char *path;
	struct failure *failure;
	struct native_egress_rule rules[EGRESS_RULES_MAX];
	uint32_t n;
	uint32_t shape; /* of what is added next */
	struct field_range ranges[4 * EGRESS_PORTS_MAX];
	uint32_t n_ranges;
};

static int
refuse(struct making *making, const char *field, const char *words)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s%s", making->path, field);
	return failure_of_field(making->failure, path, "%s", words);
}

/* One rule of ours, of the ports of one protocol, or of every one. */
static int
add_one(struct making *making, const struct rule *rule, bool has_domains,
    const char *field, uint32_t protocol)
{
	static const char tcp[] = "tcp", udp[] = "udp";
	const struct port *ports = rule->ports.items;
	struct native_egress_rule *ours;
	uint32_t first = making->n_ranges, n = 0;

	for (uint32_t i = 0; i < rule->ports.count; i++) {
		if (ports[i].protocol != protocol)
			continue;
		if (making->n_ranges == sizeof making->ranges /
		    sizeof *making->ranges)
			return refuse(making, field, "has too many ports");
		if (ports[i].port == 0)
			return refuse(making, field,
			    "ports: port must be from 1 to 65535");
		if (ports[i].end != 0 && ports[i].end < ports[i].port)
			return refuse(making, field,
			    "ports: endPort must be at least port");
		making->ranges[making->n_ranges++] = (struct field_range){
		    ports[i].port, ports[i].end != 0 ? ports[i].end :
		    ports[i].port};
		n++;
	}
	if (rule->ports.count > 0 && n == 0)
		return 0;
	if (making->n == EGRESS_RULES_MAX)
		return refuse(making, field, "makes more than 64 rules");
	ours = &making->rules[making->n++];
	*ours = (struct native_egress_rule){.name = rule->name,
	    .is_allow = rule->is_allow, .ports = {&making->ranges[first], n},
	    .shape = making->shape};
	making->shape |= EGRESS_SAME;
	if (has_domains)
		ours->domains = rule->domains;
	else
		ours->cidrs = rule->cidrs;
	if (protocol == PROTOCOL_TCP)
		ours->protocols = (struct rpc_strv){tcp, sizeof tcp, 1};
	else if (protocol == PROTOCOL_UDP)
		ours->protocols = (struct rpc_strv){udp, sizeof udp, 1};
	if (rule->app_protocols.count > 0)
		ours->protocols = rule->app_protocols;
	return 0;
}

/* What a connection begins with is looked at for a name, and in TCP. */
static bool
is_looked(const struct rule *rule)
{
	struct rpc_strv list = rule->app_protocols;
	const struct port *ports = rule->ports.items;
	const char *text;

	while ((text = rpc_strv_next(&list)) != NULL)
		if ((egress_protocol_parse(text) & EGRESS_LOOKED) == 0)
			return false;
	for (uint32_t i = 0; i < rule->ports.count; i++)
		if (ports[i].protocol == PROTOCOL_UDP)
			return false;
	return rule->domains.count > 0 && rule->cidrs.count == 0;
}

/* Names and addresses apart, and each protocol. */
static int
add(struct making *making, const struct rule *rule, const char *field)
{
	const uint32_t last = rule->ports.count > 0 ? PROTOCOL_UDP :
	    PROTOCOL_UNSAID;
	int r = 0;

	if (rule->app_protocols.count > 0 && !is_looked(rule))
		return refuse(making, field, "appProtocols: tls and http, of "
		    "domains alone, are enforced here");
	if (rule->domains.count > 0 && rule->is_allow == 0)
		return refuse(making, field,
		    "domains: names can be allowed alone");
	making->shape &= ~(uint32_t)EGRESS_SAME;
	for (uint32_t protocol = 0; r == 0 && protocol <= last; protocol++) {
		if (rule->cidrs.count > 0 || rule->domains.count == 0)
			r = add_one(making, rule, false, field, protocol);
		if (r == 0 && rule->domains.count > 0)
			r = add_one(making, rule, true, field, protocol);
	}
	return r;
}

static int
add_rules(struct making *making, const struct egress *egress)
{
	const struct rule *rules = egress->rules.items;
	char field[PATH_SIZE];
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < egress->rules.count; i++) {
		snprintf(field, sizeof field, "egress.trafficRules[%u]", i);
		r = add(making, &rules[i], field);
	}
	return r;
}

/* The lists of its older clients: what one names is allowed at the ports that
 * are, and denied at any, and so are these. */
static int
add_lists(struct making *making, const struct egress *egress, bool is_block)
{
	const struct rule allowed = {"allowed", 1, egress->allowed_cidrs,
	    egress->allowed_domains, {0}, egress->allowed_ports};
	const struct rule denied = {"deniedCidrs", 0, egress->denied_cidrs,
	    egress->denied_domains, {0}, {0}};
	const struct rule ports = {"deniedPorts", 0, {0}, {0}, {0},
	    egress->denied_ports};
	const bool has_allowed = egress->allowed_cidrs.count > 0 ||
	    egress->allowed_domains.count > 0 ||
	    egress->allowed_ports.count > 0;
	const bool has_denied = egress->denied_cidrs.count > 0 ||
	    egress->denied_domains.count > 0;
	int r = 0;

	if ((has_allowed || has_denied || egress->denied_ports.count > 0) &&
	    egress->rules.count > 0)
		return refuse(making, "egress",
		    "give trafficRules, or the lists, not both");
	if (has_allowed && !is_block)
		return refuse(making, "egress.allowedCidrs",
		    "and the like are for block-all");
	if ((has_denied || egress->denied_ports.count > 0) && is_block)
		return refuse(making, "egress.deniedCidrs",
		    "and the like are for allow-all");
	making->shape = EGRESS_LISTED;
	if (has_allowed)
		r = add(making, &allowed, "egress.allowedCidrs");
	if (r == 0 && has_denied)
		r = add(making, &denied, "egress.deniedDomains");
	if (r == 0 && egress->denied_ports.count > 0)
		r = add(making, &ports, "egress.deniedPorts");
	return r;
}

/* A list or an object with nothing in it is none. */
static bool
is_given(const char *json)
{
	return json != NULL && strcmp(json, "[]") != 0 &&
	    strcmp(json, "{}") != 0 && strcmp(json, "null") != 0;
}

static int
check(struct making *making, const struct network_wish *wish,
    const struct egress *egress)
{
	if (wish->mode == MODE_UNSAID)
		return refuse(making, "mode",
		    "must be one of allow-all, block-all");
	if (is_given(wish->bindings))
		return refuse(making, "credentialBindings",
		    "are not kept here");
	if (is_given(egress->protocol_rules))
		return refuse(making, "egress.protocolRules",
		    "are not enforced here");
	if (is_given(egress->credential_rules))
		return refuse(making, "egress.credentialRules",
		    "are not kept here");
	if (is_given(egress->proxy))
		return refuse(making, "egress.proxy", "is not enforced here");
	return 0;
}

int
sandbox0_network_make(const struct network_wish *wish, const char *path,
    struct rpc_bytes *ret, struct failure *failure)
{
	const struct egress *egress = wish->egress.count > 0 ?
	    wish->egress.items : &(struct egress){0};
	struct making *making = calloc(1, sizeof *making);
	struct native_egress policy = {.is_allow = wish->mode == MODE_ALLOW};
	int r;

	if (making == NULL)
		return failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	making->path = path;
	making->failure = failure;
	if ((r = check(making, wish, egress)) == 0 &&
	    (r = add_rules(making, egress)) == 0)
		r = add_lists(making, egress, wish->mode == MODE_BLOCK);
	policy.rules.items = making->rules;
	policy.rules.count = making->n;
	if (r == 0)
		r = egress_list_make(&policy, path, ret, failure);
	free(making);
	return r;
}

/* -- and back */

static json_t *
strings_of(struct rpc_strv list)
{
	json_t *array = json_array();
	const char *text;

	while ((text = rpc_strv_next(&list)) != NULL)
		(void)json_array_append_new(array, json_string(text));
	return array;
}

static bool
native_rule_looks(const struct native_egress_rule *rule)
{
	struct rpc_strv list = rule->protocols;
	const char *text = rpc_strv_next(&list);

	return text != NULL &&
	    (egress_protocol_parse(text) & EGRESS_LOOKED) != 0;
}

static void
add_ports(const struct native_egress_rule *rule, json_t *ret)
{
	struct rpc_strv list = rule->protocols;
	const char *protocol = list.count == 1 && !native_rule_looks(rule) ?
	    rpc_strv_next(&list) : NULL;

	for (uint32_t i = 0; i < rule->ports.count; i++) {
		const struct field_range *range = &rule->ports.items[i];
		json_t *port = json_pack("{s:I, s:s*}", "port",
		    (json_int_t)range->first, "protocol", protocol);

		if (range->last != range->first)
			(void)json_object_set_new(port, "endPort",
			    json_integer(range->last));
		(void)json_array_append_new(ret, port);
	}
}

/* What n rules were written as, of which all but the first are EGRESS_SAME:
 * each protocol has one for addresses, one for names, or both. */
struct written {
	const struct native_egress_rule *first;
	struct rpc_strv cidrs, domains;
	json_t *ports; /* owned */
};

static struct written
written_of(const struct native_egress_rule *rules, uint32_t n)
{
	struct written written = {.first = rules, .ports = json_array()};

	for (uint32_t i = 0; i < n; i++) {
		if (rules[i].cidrs.count > 0)
			written.cidrs = rules[i].cidrs;
		if (rules[i].domains.count > 0)
			written.domains = rules[i].domains;
		if ((rules[i].domains.count > 0) == (rules->domains.count > 0))
			add_ports(&rules[i], written.ports);
	}
	return written;
}

/* Sets what is not empty; the names of the fields are static. */
static void
put_written(const struct written *written, json_t *ret, const char *cidrs,
    const char *domains, const char *ports)
{
	if (written->cidrs.count > 0)
		(void)json_object_set_new(ret, cidrs,
		    strings_of(written->cidrs));
	if (written->domains.count > 0)
		(void)json_object_set_new(ret, domains,
		    strings_of(written->domains));
	if (json_array_size(written->ports) > 0)
		(void)json_object_set(ret, ports, written->ports);
}

static void
add_rule(const struct written *written, json_t *ret)
{
	json_t *rule = json_pack("{s:s, s:s}", "name", written->first->name,
	    "action", actions[written->first->is_allow]);

	put_written(written, rule, "cidrs", "domains", "ports");
	if (native_rule_looks(written->first))
		(void)json_object_set_new(rule, "appProtocols",
		    strings_of(written->first->protocols));
	(void)json_array_append_new(ret, rule);
}

/* As its older clients wrote it, where no rule is otherwise. */
static bool
is_listed(const struct native_egress *policy)
{
	const struct native_egress_rule *rules = policy->rules.items;

	for (uint32_t i = 0; i < policy->rules.count; i++)
		if ((rules[i].shape & EGRESS_LISTED) == 0)
			return false;
	return policy->rules.count > 0;
}

static json_t *
egress_of(const struct native_egress *policy)
{
	const struct native_egress_rule *rules = policy->rules.items;
	const bool is_in_lists = is_listed(policy);
	json_t *egress = json_object(), *array = json_array();
	uint32_t n;

	for (uint32_t i = 0; i < policy->rules.count; i += n) {
		struct written written;

		for (n = 1; i + n < policy->rules.count &&
		    (rules[i + n].shape & EGRESS_SAME) != 0; n++)
			;
		written = written_of(&rules[i], n);
		if (!is_in_lists)
			add_rule(&written, array);
		else if (rules[i].is_allow)
			put_written(&written, egress, "allowedCidrs",
			    "allowedDomains", "allowedPorts");
		else
			put_written(&written, egress, "deniedCidrs",
			    "deniedDomains", "deniedPorts");
		json_decref(written.ports);
	}
	if (!is_in_lists)
		(void)json_object_set(egress, "trafficRules", array);
	json_decref(array);
	return egress;
}

static void
on_got(void *arg, const struct rpc_egress_get_rep *reply,
    const struct err *failure)
{
	struct native_egress policy = {0};
	struct err err;
	int r;

	if (failure != NULL) {
		exchange_fail_err(arg, failure);
		return;
	}
	r = egress_list_read(reply->policy, &policy);
	if (r < 0) {
		err_set(&err, -r, "the policy cannot be read");
		exchange_fail_err(arg, &err);
	} else {
		sandbox0_reply(arg, 200, json_pack("{s:s, s:o}", "mode",
		    modes[policy.is_allow ? MODE_ALLOW : MODE_BLOCK],
		    "egress", egress_of(&policy)));
	}
	field_fini(&native_egress, &policy);
}

void
sandbox0_get_network(struct exchange *exchange)
{
	egress_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_got, exchange);
}

static void
on_set(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_get_network(arg);
}

void
sandbox0_set_network(struct exchange *exchange)
{
	struct rpc_bytes list = {0};
	struct failure failure;

	if (sandbox0_network_make(exchange_input(exchange), "", &list,
	    &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		egress_set(exchange_who(exchange),
		    exchange_param(exchange, "id"), list, on_set, exchange);
	free((void *)(uintptr_t)list.data);
}
