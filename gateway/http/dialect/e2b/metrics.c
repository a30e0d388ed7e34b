// SPDX-License-Identifier: Apache-2.0
/* What sandboxes use: of one over a time, and of several as it was last. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/service/metrics.h"

#define IDS_MAX 100

/* In percent of all that it may use, to a hundredth. */
static double
cpu_percent(const struct rpc_metric *metric)
{
	return (double)(metrics_cpu_percent_millis(metric) / 10) / 100;
}

static json_t *
print(const struct rpc_metric *metric)
{
	return json_pack("{s:o, s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:I}",
	    "timestamp", field_time(metric->at_ms), "timestampUnix",
	    (json_int_t)(metric->at_ms / 1000), "cpuCount",
	    (json_int_t)(metric->cpu_limit_millis + 999) / 1000, "cpuUsedPct",
	    cpu_percent(metric), "memUsed", (json_int_t)metric->memory_bytes,
	    "memTotal", (json_int_t)metric->memory_limit_bytes, "memCache",
	    (json_int_t)metric->cache_bytes, "diskUsed",
	    (json_int_t)metric->disk_bytes, "diskTotal",
	    (json_int_t)metric->disk_limit_bytes);
}

static void
on_metrics(void *arg, struct rpc_bytes metrics, const struct err *err)
{
	struct rpc_metric metric;
	json_t *list;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	list = json_array();
	while (rpc_list_next(&rpc_layout_metric, &metrics, &metric))
		(void)json_array_append_new(list, print(&metric));
	exchange_reply(arg, 200, list);
}

/* Seconds, as Unix has them. */
static int
read_time(const struct exchange *exchange, const char *name, uint64_t *ret_ms,
    struct err *err)
{
	const char *text = exchange_query(exchange, name);
	uint64_t seconds = 0;

	if (*text != '\0' && (parse_u64(text, &seconds) < 0 ||
	    seconds > UINT64_MAX / 1000 - 1))
		return err_set(err, EINVAL, "%s: must be seconds since 1970",
		    name);
	*ret_ms = seconds * 1000;
	return 0;
}

void
e2b_list_metrics(struct exchange *exchange)
{
	struct rpc_sandbox_metrics_req wish = {
	    .id = exchange_param(exchange, "id")};
	struct err err;

	if (read_time(exchange, "start", &wish.from_ms, &err) < 0 ||
	    read_time(exchange, "end", &wish.to_ms, &err) < 0) {
		exchange_fail_err(exchange, &err);
		return;
	}
	if (wish.to_ms != 0) /* to the end of that second */
		wish.to_ms += 999;
	metrics_of(exchange_who(exchange), &wish, on_metrics, exchange);
}

struct listing {
	struct exchange *exchange;
	json_t *ids;	 /* owned, as the next: what they were called, by id */
	json_t *metrics; /* by what they were called */
};

static int
add(void *arg, const struct rpc_metric *metric)
{
	struct listing *listing = arg;
	const json_t *name = json_object_get(listing->ids, metric->id);

	return name == NULL ? 0 : json_object_set_new(listing->metrics,
	    json_string_value(name), print(metric)) < 0 ? -ENOMEM : 0;
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;

	json_decref(listing->ids);
	if (err == NULL) {
		exchange_reply(listing->exchange, 200, json_pack("{s:o}",
		    "sandboxes", listing->metrics));
		return;
	}
	json_decref(listing->metrics);
	exchange_fail_err(listing->exchange, err);
}

/* Ids by commas; one that is none is of nobody. */
static int
read_ids(const struct exchange *exchange, json_t *ids, struct err *err)
{
	const char *at = exchange_query(exchange, "sandbox_ids");
	char id[SANDBOX_ID_SIZE];
	size_t n, count = 0;

	for (; *at != '\0'; at += n + (at[n] == ',')) {
		n = strcspn(at, ",");
		if (++count > IDS_MAX)
			return err_set(err, EINVAL, "sandbox_ids: at most %d",
			    IDS_MAX);
		if (n == 0 || n >= sizeof id)
			continue;
		snprintf(id, sizeof id, "%.*s", (int)n, at);
		sandbox_id_respell(id);
		(void)json_object_set_new(ids, id, json_stringn(at, n));
	}
	return count > 0 ? 0 : err_set(err, EINVAL,
	    "sandbox_ids: must be ids, by commas");
}

void
e2b_list_last_metrics(struct exchange *exchange)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*listing = (struct listing){exchange, json_object(), NULL};
	if (listing->ids == NULL || read_ids(exchange, listing->ids,
	    &err) < 0) {
		json_decref(listing->ids);
		exchange_fail_err(exchange, &err);
		return;
	}
	listing->metrics = json_object();
	metrics_list(exchange_who(exchange), add, on_listed, listing);
}
