// SPDX-License-Identifier: Apache-2.0
/* What a team may have, and had, and the keys of its users. */
#include "gateway/http/dialect/sandbox0/more.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/service/credentials.h"
#include "gateway/http/service/quotas.h"
#include "gateway/http/service/records.h"
#include "gateway/http/service/usage.h"
#include "gateway/protocol/broker_calls.h"

#define MINUTE_MS 60000

#define USAGE_TYPE	"sandbox.runtime_mib_milliseconds"
#define USAGE_LIMIT	100
#define USAGE_LIMIT_MAX 1000 /* more is as much */
#define GB	  ((uint64_t)1 << 30)

/* Its dimensions, and by which of our limits each is kept: NULL, by none. */
static const struct dimension {
	const char *name, *kind, *unit, *limit;
	uint64_t interval_ms;
} dimensions[] = {
    {"active_sandboxes", "capacity", "count", "max_sandboxes", 0},
    {"sandbox_claims", "rate", "claims", "max_creates_per_minute",
	MINUTE_MS},
    {"volume_storage_gb", "capacity", "GB", "max_disk", 0},
    {"snapshot_storage_gb", "capacity", "GB", NULL, 0},
    {"api_requests", "rate", "requests", NULL, 0},
    {"network_egress_bytes", "rate", "bytes", NULL, 0},
    {"network_ingress_bytes", "rate", "bytes", NULL, 0},
};
#define N_DIMENSIONS (sizeof dimensions / sizeof *dimensions)

/* In its unit: what is used counts whole once begun, what may be once there. */
static json_t *
print(const struct exchange *exchange, const struct dimension *dimension,
    const struct quota_view *quotas, size_t n)
{
	static const struct quota_view none;
	const struct quota_view *quota = dimension->limit == NULL ? &none :
	    quotas_find(quotas, n, dimension->limit);
	const uint64_t unit = quota->unit == QUOTA_BYTES ? GB : 1;
	const uint64_t limit = quota->limit / unit;
	const uint64_t used = (quota->used + unit - 1) / unit;

	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:s, "
	    "s:s}", "team_id", identity_org(exchange_who(exchange)),
	    "dimension", dimension->name, "kind", dimension->kind,
	    "limit_value", (json_int_t)limit, "interval_ms",
	    (json_int_t)dimension->interval_ms, "burst_value",
	    (json_int_t)limit, "current", (json_int_t)used, "remaining",
	    (json_int_t)(limit > used ? limit - used : 0), "unlimited",
	    (int)(quota->limit == 0), "unit", dimension->unit, "source",
	    quota->limit == 0 ? "unlimited" : "team_override");
}

static void
on_quotas(void *arg, const struct quota_view *quotas, size_t n,
    const struct err *err)
{
	json_t *list;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < N_DIMENSIONS; i++)
		(void)json_array_append_new(list, print(arg, &dimensions[i],
		    quotas, n));
	sandbox0_reply(arg, 200, list);
}

void
sandbox0_list_quotas(struct exchange *exchange)
{
	quotas_get(exchange_who(exchange), on_quotas, exchange);
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
on_quota(void *arg, const struct quota_view *quotas, size_t n,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, print(arg, &dimensions[
		    find_dimension(exchange_param(arg, "dimension"))], quotas,
		    n));
}

void
sandbox0_get_quota(struct exchange *exchange)
{
	const char *name = exchange_param(exchange, "dimension");
	struct err err;

	if (find_dimension(name) < N_DIMENSIONS) {
		quotas_get(exchange_who(exchange), on_quota, exchange);
		return;
	}
	err_set(&err, EINVAL, "dimension: \"%.40s\" is none", name);
	exchange_fail_err(exchange, &err);
}

/* -- what was used */

struct usage {
	struct exchange *exchange;
	json_t *windows; /* owned until it is told */
	uint64_t last_id;
	bool is_wanted; /* the only type there is, or any */
};

static int
add_window(void *arg, const struct rpc_usage_info *info)
{
	struct usage *usage = arg;
	const uint64_t mib = info->memory_limit_bytes >> 20;
	char id[24];

	usage->last_id = info->id;
	if (!usage->is_wanted)
		return 0;
	snprintf(id, sizeof id, "%" PRIu64, info->id);
	return json_array_append_new(usage->windows, json_pack("{s:s, s:s, "
	    "s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:s, s:o}", "window_id",
	    id, "region_id", "local", "cluster_id", "sandgate",
	    "window_type", USAGE_TYPE, "subject_type", "sandbox",
	    "subject_id", info->sandbox_id, "sandbox_id", info->sandbox_id,
	    "window_start", sandbox0_time(info->from_ms), "window_end",
	    sandbox0_time(info->to_ms), "value", (json_int_t)(mib *
	    (info->to_ms - info->from_ms)), "unit", "mib_milliseconds",
	    "recorded_at", sandbox0_time(info->to_ms))) < 0 ? -ENOMEM : 0;
}

static void
on_usage(void *arg, const struct err *err)
{
	struct usage *usage = arg;
	char cursor[24];

	snprintf(cursor, sizeof cursor, "%" PRIu64, usage->last_id);
	if (err == NULL) {
		sandbox0_reply(usage->exchange, 200, json_pack("{s:o, s:s}",
		    "windows", usage->windows, "next_cursor", cursor));
		return;
	}
	json_decref(usage->windows);
	exchange_fail_err(usage->exchange, err);
}

void
sandbox0_list_usage(struct exchange *exchange)
{
	struct usage *usage = exchange_memory(exchange, sizeof *usage);
	const char *cursor = exchange_query(exchange, "cursor");
	const char *limit = exchange_query(exchange, "limit");
	const char *type = exchange_query(exchange, "window_type");
	const struct err err = {ENOMEM, "out of memory"};
	uint64_t n = USAGE_LIMIT;
	struct failure failure;
	int r = 0;

	if (usage == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*usage = (struct usage){.exchange = exchange, .is_wanted =
	    *type == '\0' || strcmp(type, USAGE_TYPE) == 0};
	if (*cursor != '\0' && parse_u64(cursor, &usage->last_id) < 0)
		r = failure_of_field(&failure, "cursor",
		    "must be one that was told before");
	else if (*limit != '\0' && (parse_u64(limit, &n) < 0 || n == 0))
		r = failure_of_field(&failure, "limit",
		    "must be a number from 1 on");
	if (r < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	usage->windows = json_array();
	usage_list(exchange_who(exchange), usage->last_id,
	    n < USAGE_LIMIT_MAX ? n : USAGE_LIMIT_MAX, add_window, on_usage,
	    usage);
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
