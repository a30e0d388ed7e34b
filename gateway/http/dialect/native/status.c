// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>

#include "common/rpc_calls.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/status.h"
#include "gateway/protocol/broker_calls.h"

#define SANDBOXD(field) offsetof(struct rpc_host_status_rep, field)
static const struct field sandboxd_fields[] = {
    {"version", FIELD_STRING, SANDBOXD(version), .text = "of sandboxd"},
    {"started_at", FIELD_TIME, SANDBOXD(started_ms), .text = "when"},
    {"sandboxes", FIELD_U32, SANDBOXD(sandboxes), .text = "there are"},
    {"sandboxes_max", FIELD_U32, SANDBOXD(sandboxes_max), .text =
	"there may be"},
    {"cgroup_backend", FIELD_STRING, SANDBOXD(cgroup_backend), .text =
	"what limits them"},
    {"disk_backend", FIELD_STRING, SANDBOXD(disk_backend), .text =
	"what their disks are"},
    {"disk_total", FIELD_SIZE, SANDBOXD(disk_total_bytes), .text =
	"of all disks"},
    {"disk_free", FIELD_SIZE, SANDBOXD(disk_free_bytes), .text = "left"},
};
FIELD_TABLE(native_sandboxd_status, struct rpc_host_status_rep,
    sandboxd_fields);

#define GATEWAY(field) offsetof(struct rpc_gateway_status_rep, field)
static const struct field gateway_fields[] = {
    {"version", FIELD_STRING, GATEWAY(version), .text = "of the gateway"},
    {"started_at", FIELD_TIME, GATEWAY(started_ms), .text = "when"},
    {"connections", FIELD_U32, GATEWAY(connections), .text = "by SSH"},
    {"host", FIELD_STRING, GATEWAY(ssh_host), .text = "where SSH is",
	.group = "ssh"},
    {"port", FIELD_U32, GATEWAY(ssh_port), .text = "where SSH is",
	.group = "ssh"},
    {"host_keys", FIELD_STRINGS, GATEWAY(host_keys), .text =
	"as lines of known_hosts", .group = "ssh"},
};
FIELD_TABLE(native_gateway_status, struct rpc_gateway_status_rep,
    gateway_fields);

#define RESOURCE(field) offsetof(struct rpc_host_resource, field)
static const struct field resource_fields[] = {
    {"name", FIELD_STRING, RESOURCE(name), .text =
	"what the host has one of for everybody"},
    {"unit", FIELD_STRING, RESOURCE(unit), .text =
	"bytes, or null for what is counted", .is_nullable = true},
    {"bound", FIELD_U64, RESOURCE(bound), .text =
	"what there is; 0: no number of its own"},
    {"used", FIELD_U64, RESOURCE(used), .text = "of it now, by everybody"},
    {"share", FIELD_U64, RESOURCE(share), .text =
	"what one sandbox may take at most"},
};
FIELD_TABLE(native_host_resource, struct rpc_host_resource, resource_fields);

/* NULL: out of memory. */
static json_t *
print_resources(const struct rpc_host_resources_rep *reply)
{
	struct rpc_bytes left = reply->resources;
	struct rpc_host_resource resource;
	json_t *list = json_array();

	while (rpc_list_next(&rpc_layout_host_resource, &left, &resource))
		if (json_array_append_new(list, field_print(
		    &native_host_resource, &resource)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *
print_sandboxd(const struct rpc_host_status_rep *sandboxd,
    const struct rpc_host_resources_rep *resources)
{
	json_t *object;

	if (sandboxd == NULL)
		return json_null();
	object = field_print(&native_sandboxd_status, sandboxd);
	if (json_object_set_new(object, "resources",
	    print_resources(resources)) < 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

struct caller {
	const char *org, *user, *role;
};
static const struct field identity_fields[] = {
    {"org", FIELD_STRING, offsetof(struct caller, org), .text =
	"the caller's organisation"},
    {"user", FIELD_STRING, offsetof(struct caller, user), .text =
	"whom the caller acts as"},
    {"role", FIELD_STRING, offsetof(struct caller, role), .text =
	"what the caller may do there"},
};
FIELD_TABLE(native_identity, struct caller, identity_fields);

static void
on_status(void *arg, const struct rpc_gateway_status_rep *gateway,
    const struct rpc_host_status_rep *sandboxd,
    const struct rpc_host_resources_rep *resources, const struct err *err)
{
	const struct identity *who = exchange_who(arg);
	const struct caller caller = {identity_org(who), identity_user(who),
	    identity_role(who)};

	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, json_pack(
		    "{s:o, s:o, s:o}", "identity",
		    field_print(&native_identity, &caller),
		    "gateway", field_print(&native_gateway_status, gateway),
		    "sandboxd", print_sandboxd(sandboxd, resources)));
}

void
native_get_status(struct exchange *exchange)
{
	status_get(exchange_who(exchange), on_status, exchange);
}

struct health {
	const char *status;
};
static const struct field health_fields[] = {
    {"status", FIELD_STRING, offsetof(struct health, status), .text = "ok"},
};
FIELD_TABLE(native_health, struct health, health_fields);

void
native_get_health(struct exchange *exchange)
{
	const struct health health = {"ok"};

	exchange_reply(exchange, 200, field_print(&native_health, &health));
}
