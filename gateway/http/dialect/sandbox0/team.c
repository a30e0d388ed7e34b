// SPDX-License-Identifier: Apache-2.0
/* What a team may have, and the keys of its users. */
#include "gateway/http/dialect/sandbox0/more.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/service/credentials.h"
#include "gateway/http/service/orgs.h"
#include "gateway/http/service/records.h"
#include "gateway/protocol/broker_calls.h"

#define MINUTE_MS 60000

/* Its dimensions, of which the first two are limited here. */
static const struct {
	const char *name, *kind, *unit;
} dimensions[] = {
    {"active_sandboxes", "capacity", "count"},
    {"sandbox_claims", "rate", "claims"},
    {"volume_storage_gb", "capacity", "GB"},
    {"snapshot_storage_gb", "capacity", "GB"},
    {"api_requests", "rate", "requests"},
    {"network_egress_bytes", "rate", "bytes"},
    {"network_ingress_bytes", "rate", "bytes"},
};
enum { DIMENSION_SANDBOXES, DIMENSION_CLAIMS };
#define N_DIMENSIONS (sizeof dimensions / sizeof *dimensions)

static json_t *
print(const struct rpc_org_info *org, size_t i)
{
	const uint64_t limit = i == DIMENSION_SANDBOXES ?
	    org->max_sandboxes : i == DIMENSION_CLAIMS ?
	    org->max_creates_per_minute : 0;
	const uint64_t used = i == DIMENSION_SANDBOXES ? org->sandboxes : 0;

	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:s, "
	    "s:s}", "team_id", org->name, "dimension", dimensions[i].name,
	    "kind", dimensions[i].kind, "limit_value", (json_int_t)limit,
	    "interval_ms", (json_int_t)(i == DIMENSION_CLAIMS ? MINUTE_MS :
	    0), "burst_value", (json_int_t)limit, "current",
	    (json_int_t)used, "remaining", (json_int_t)(limit > used ?
	    limit - used : 0), "unlimited", (int)(limit == 0), "unit",
	    dimensions[i].unit, "source", limit == 0 ? "unlimited" :
	    "team_override");
}

static void
on_org(void *arg, const struct rpc_org_info *org, const struct err *err)
{
	json_t *list;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < N_DIMENSIONS; i++)
		(void)json_array_append_new(list, print(org, i));
	sandbox0_reply(arg, 200, list);
}

void
sandbox0_list_quotas(struct exchange *exchange)
{
	orgs_get(exchange_who(exchange), "", on_org, exchange);
}

static size_t
find_dimension(const char *name)
{
	size_t i = 0;

	while (i < N_DIMENSIONS && strcmp(dimensions[i].name, name) != 0)
		i++;
	return i;
}

static void
on_quota(void *arg, const struct rpc_org_info *org, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, print(org, find_dimension(
		    exchange_param(arg, "dimension"))));
}

void
sandbox0_get_quota(struct exchange *exchange)
{
	const char *name = exchange_param(exchange, "dimension");
	struct err err;

	if (find_dimension(name) < N_DIMENSIONS) {
		orgs_get(exchange_who(exchange), "", on_quota, exchange);
		return;
	}
	err_set(&err, EINVAL, "dimension: \"%.40s\" is none", name);
	exchange_fail_err(exchange, &err);
}

void
sandbox0_refuse_usage(struct exchange *exchange)
{
	struct failure failure;

	failure_set(&failure, 503, "unavailable", NULL,
	    "usage is not metered in windows here");
	exchange_fail(exchange, &failure);
}

/* -- SSH keys of whoever asks */

static json_t *
key_of(const struct rpc_ssh_key_info *key)
{
	char id[24];

	snprintf(id, sizeof id, "%llu", (unsigned long long)key->id);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", id, "name",
	    key->name, "key_type", key->algorithm, "fingerprint_sha256",
	    key->fingerprint, "created_at", sandbox0_time(key->created_ms),
	    "updated_at", sandbox0_time(key->created_ms));
}

struct key_wish {
	const char *line, *name;
};

static void
on_added(void *arg, const struct rpc_ssh_key_info *key, const struct err *err)
{
	const struct key_wish *wish = exchange_input(arg);
	json_t *object;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	object = key_of(key);
	if (object != NULL)
		(void)json_object_set_new(object, "public_key",
		    json_string(wish->line));
	sandbox0_reply(arg, 201, object);
}

void
sandbox0_add_key(struct exchange *exchange)
{
	const struct key_wish *wish = exchange_input(exchange);

	credentials_add_key(exchange_who(exchange), wish->line, wish->name,
	    on_added, exchange);
}

static void
on_keys(void *arg, struct records *records, const struct err *err)
{
	struct rpc_ssh_key_info key;
	json_t *list;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	list = json_array();
	while (records_next(records, &key) == 1)
		(void)json_array_append_new(list, key_of(&key));
	sandbox0_reply(arg, 200, json_pack("{s:o}", "ssh_keys", list));
}

void
sandbox0_list_keys(struct exchange *exchange)
{
	records_list(exchange_who(exchange), &records_ssh_keys, on_keys,
	    exchange);
}

static void
on_removed(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply_message(arg, "ssh key deleted");
}

void
sandbox0_remove_key(struct exchange *exchange)
{
	const char *text = exchange_param(exchange, "key");
	struct err err;
	uint64_t id;

	if (parse_u64(text, &id) == 0 && id != 0) {
		records_remove(exchange_who(exchange), &records_ssh_keys, id,
		    on_removed, exchange);
		return;
	}
	err_set(&err, ENOENT, "%s: no such key", text);
	exchange_fail_err(exchange, &err);
}
