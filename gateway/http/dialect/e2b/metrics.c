// SPDX-License-Identifier: Apache-2.0
/* What sandboxes use: of one over a time, and of several as it was last. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/service/metrics.h"

#define IDS_MAX 100

/* In percent of all that it may use, to a hundredth. The kernel gives that out
 * by periods, so that a second may see one more of them: that is no more than
 * all, to whoever draws it. */
static double
cpu_percent(const struct rpc_metric *metric)
{
	const uint64_t millis = metrics_cpu_percent_millis(metric);

	return millis < 100000 ? (double)(millis / 10) / 100 : 100;
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

/* The same in Sandbase's words, whose clients ask by the same route. */
static void
add_words_of_sandbase(const struct rpc_metric *metric, json_t *ret)
{
	json_t *words = json_pack("{s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I}", "ts", (json_int_t)(metric->at_ms / 1000), "cpu_count",
	    (json_int_t)(metric->cpu_limit_millis + 999) / 1000,
	    "cpu_used_pct", cpu_percent(metric), "mem_total",
	    (json_int_t)metric->memory_limit_bytes, "mem_used",
	    (json_int_t)metric->memory_bytes, "mem_cache",
	    (json_int_t)metric->cache_bytes, "mem_total_mib",
	    (json_int_t)(metric->memory_limit_bytes >> 20), "mem_used_mib",
	    (json_int_t)(metric->memory_bytes >> 20), "disk_total",
	    (json_int_t)metric->disk_limit_bytes, "disk_used",
	    (json_int_t)metric->disk_bytes);

	(void)json_object_update(ret, words);
	json_decref(words);
}

struct listing {
	struct exchange *exchange;
	json_t *ids;	 /* owned: what they were called, by id; NULL: one's */
	json_t *metrics; /* owned: by what they were called; one's: a list */
};

static int
add(void *arg, const struct rpc_metric *metric)
{
	struct listing *listing = arg;
	const json_t *name = json_object_get(listing->ids, metric->id);
	json_t *printed;
	int r = 0;

	if (listing->ids == NULL) {
		printed = print(metric);
		add_words_of_sandbase(metric, printed);
		r = json_array_append_new(listing->metrics, printed);
	} else if (name != NULL) {
		r = json_object_set_new(listing->metrics,
		    json_string_value(name), print(metric));
	}
	return r < 0 ? -ENOMEM : 0;
}

static void
on_told(void *arg, const struct err *err)
{
	struct listing *listing = arg;
	const bool is_of_one = listing->ids == NULL;

	json_decref(listing->ids);
	if (err == NULL) {
		exchange_reply(listing->exchange, 200, is_of_one ?
		    listing->metrics : json_pack("{s:o}", "sandboxes",
		    listing->metrics));
		return;
	}
	json_decref(listing->metrics);
	exchange_fail_err(listing->exchange, err);
}

/* NULL: the exchange has been failed. */
static struct listing *
new_listing(struct exchange *exchange, json_t *metrics)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	const struct err err = {ENOMEM, "out of memory"};

	if (listing != NULL && metrics != NULL) {
		*listing = (struct listing){exchange, NULL, metrics};
		return listing;
	}
	json_decref(metrics);
	exchange_fail_err(exchange, &err);
	return NULL;
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
	struct listing *listing;
	struct err err;

	if (read_time(exchange, "start", &wish.from_ms, &err) < 0 ||
	    read_time(exchange, "end", &wish.to_ms, &err) < 0) {
		exchange_fail_err(exchange, &err);
		return;
	}
	if (wish.to_ms != 0) /* to the end of that second */
		wish.to_ms += 999;
	listing = new_listing(exchange, json_array());
	if (listing != NULL)
		metrics_of(exchange_who(exchange), &wish, add, on_told,
		    listing);
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
	json_t *ids = json_object();
	struct listing *listing;
	struct err err = {ENOMEM, "out of memory"};

	if (ids == NULL || read_ids(exchange, ids, &err) < 0) {
		json_decref(ids);
		exchange_fail_err(exchange, &err);
		return;
	}
	listing = new_listing(exchange, json_object());
	if (listing == NULL) {
		json_decref(ids);
		return;
	}
	listing->ids = ids;
	metrics_list(exchange_who(exchange), add, on_told, listing);
}
