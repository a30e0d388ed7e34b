// SPDX-License-Identifier: Apache-2.0
/* What a sandbox uses, as series of points: one a step of time, of what was
 * sampled in it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/parse.h"
#include "common/timestamp.h"
#include "gateway/http/dialect/native/process.h"
#include "gateway/http/dialect/sandbox0/more.h"
#include "gateway/http/service/metrics.h"

#define RANGE_DEFAULT_MS 3600000u
#define ROOM_FIRST 64 /* of samples */
#define RANGE_MAX_MS	 ((uint64_t)31 * 24 * 3600 * 1000)
#define POINTS_DEFAULT	 240
#define POINTS_MAX	 1000
#define STEP_MAX_S	 86400
#define FRESH_S		 15

enum statistic { AUTO, AVERAGE, MINIMUM, MAXIMUM, LAST, RATE };
static const char *const statistics[] = {"auto", "average", "minimum",
    "maximum", "last", "rate", NULL};

struct series {
	const char *name, *unit;
	const char *rate_unit; /* of a counter; NULL: a gauge */
	const char *direction; /* a dimension; NULL: it has none */
	const char *text;
	double (*value)(const struct rpc_metric *metric);
};

static double
cpu_share(const struct rpc_metric *m)
{
	return metrics_cpu_percent_millis(m) / 100000.0;
}

static double
cpu_cores(const struct rpc_metric *m)
{
	return m->cpu_used_millis / 1000.0;
}

static double
cpu_seconds(const struct rpc_metric *m)
{
	return (double)m->cpu_us / 1e6;
}

static double
cpu_limit(const struct rpc_metric *m)
{
	return m->cpu_limit_millis / 1000.0;
}

static double
memory_all(const struct rpc_metric *m)
{
	return (double)(m->memory_bytes + m->cache_bytes);
}

static double
memory_set(const struct rpc_metric *m)
{
	return (double)m->memory_bytes;
}

static double
memory_limit(const struct rpc_metric *m)
{
	return (double)m->memory_limit_bytes;
}

static double
memory_left(const struct rpc_metric *m)
{
	return memory_limit(m) - memory_set(m);
}

static double
memory_share(const struct rpc_metric *m)
{
	return m->memory_limit_bytes > 0 ? memory_set(m) / memory_limit(m) : 0;
}

static double
processes(const struct rpc_metric *m)
{
	return m->tasks;
}

static double
disk(const struct rpc_metric *m)
{
	return (double)m->disk_bytes;
}

static double
received(const struct rpc_metric *m)
{
	return (double)m->received_bytes;
}

static double
sent(const struct rpc_metric *m)
{
	return (double)m->sent_bytes;
}

static const struct series all[] = {
    {"sandbox.cpu.utilization", "ratio", NULL, NULL,
	"CPUs kept busy, of those it may", cpu_share},
    {"sandbox.cpu.usage", "cores", NULL, NULL, "CPUs kept busy", cpu_cores},
    {"sandbox.cpu.time", "seconds", "cores", NULL,
	"CPU time since it was started", cpu_seconds},
    {"sandbox.cpu.limit", "cores", NULL, NULL, "CPUs it may keep busy",
	cpu_limit},
    {"sandbox.memory.usage", "bytes", NULL, NULL, "memory and cache",
	memory_all},
    {"sandbox.memory.working_set", "bytes", NULL, NULL,
	"memory without cache", memory_set},
    {"sandbox.memory.available", "bytes", NULL, NULL,
	"what it may have more", memory_left},
    {"sandbox.memory.limit", "bytes", NULL, NULL, "memory it may have",
	memory_limit},
    {"sandbox.memory.utilization", "ratio", NULL, NULL,
	"memory without cache, of what it may have", memory_share},
    {"sandbox.network.io", "bytes", "bytes_per_second", "receive",
	"on its link, since it was started", received},
    {"sandbox.network.io", "bytes", "bytes_per_second", "transmit",
	"on its link, since it was started", sent},
    {"sandbox.process.count", "count", NULL, NULL, "processes and threads",
	processes},
    {"sandbox.rootfs.writable.usage", "bytes", NULL, NULL, "on its disk",
	disk},
};
#define N_ALL (sizeof all / sizeof *all)

struct wish {
	struct exchange *exchange;
	struct rpc_sandbox_metrics_req request;
	uint64_t step_ms;
	enum statistic statistic;
	bool is_wanted[N_ALL];
	struct rpc_metric *samples; /* of the answer; owned */
	size_t n, room;
};

static json_t *
dimensions_of(const struct series *series)
{
	return series->direction == NULL ? json_object() :
	    json_pack("{s:s}", "direction", series->direction);
}

/* Of a gauge the samples from `first` to `end`. */
static double
gather(const struct wish *wish, const struct series *series, size_t first,
    size_t end)
{
	double value = series->value(&wish->samples[first]), sum = value;

	for (size_t i = first + 1; i < end; i++) {
		double next = series->value(&wish->samples[i]);

		sum += next;
		if (wish->statistic == MINIMUM ? next < value :
		    wish->statistic == MAXIMUM ? next > value : true)
			value = next;
	}
	return wish->statistic == AUTO || wish->statistic == AVERAGE ?
	    sum / (double)(end - first) : value;
}

/* A counter's growth a second since the sample before; from nothing on where
 * it began anew. */
static double
rate_of(const struct wish *wish, const struct series *series, size_t first,
    size_t end)
{
	const struct rpc_metric *last = &wish->samples[end - 1],
	    *before = &wish->samples[first > 0 ? first - 1 : 0];
	double grown = series->value(last) - series->value(before);

	if (last->at_ms <= before->at_ms)
		return 0;
	if (grown < 0)
		grown = series->value(last);
	return grown * 1000 / (double)(last->at_ms - before->at_ms);
}

static uint64_t
step_of(const struct wish *wish, size_t i)
{
	return (wish->samples[i].at_ms - wish->request.from_ms) /
	    wish->step_ms;
}

static json_t *
points_of(const struct wish *wish, const struct series *series, bool is_rate)
{
	json_t *points = json_array();
	size_t end;

	for (size_t first = 0; first < wish->n; first = end) {
		for (end = first + 1; end < wish->n &&
		    step_of(wish, end) == step_of(wish, first);)
			end++;
		(void)json_array_append_new(points, json_pack("{s:o, s:f}",
		    "time", sandbox0_time(wish->request.from_ms +
		    step_of(wish, first) * wish->step_ms), "value", is_rate ?
		    rate_of(wish, series, first, end) :
		    gather(wish, series, first, end)));
	}
	return points;
}

static json_t *
print(const struct wish *wish, const struct series *series)
{
	const bool is_counter = series->rate_unit != NULL;
	const bool is_rate = is_counter && (wish->statistic == AUTO ||
	    wish->statistic == RATE);
	json_t *points = points_of(wish, series, is_rate), *segments;

	segments = json_array_size(points) > 0 ? json_pack("[{s:O}]",
	    "points", points) : json_array();
	json_decref(points);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "metric",
	    series->name, "kind", is_counter ? "counter" : "gauge", "unit",
	    is_rate ? series->rate_unit : series->unit, "statistic",
	    is_rate ? "rate" : wish->statistic == AUTO ? "average" :
	    statistics[wish->statistic], "dimensions", dimensions_of(series),
	    "segments", segments);
}

static json_t *
freshness_of(const struct wish *wish)
{
	const uint64_t now_ms = clock_unix_ms();
	uint64_t at_ms, age_s;

	if (wish->n == 0)
		return json_pack("{s:s}", "status", "missing");
	at_ms = wish->samples[wish->n - 1].at_ms;
	age_s = now_ms > at_ms ? (now_ms - at_ms) / 1000 : 0;
	return json_pack("{s:o, s:I, s:s}", "newest_observed_at",
	    sandbox0_time(at_ms), "age_seconds", (json_int_t)age_s, "status",
	    age_s <= FRESH_S ? "fresh" : "stale");
}

static int
keep(void *arg, const struct rpc_metric *metric)
{
	struct wish *wish = arg;
	const size_t room = wish->n == 0 ? ROOM_FIRST : 2 * wish->room;
	struct rpc_metric *grown;

	if (wish->n == wish->room) {
		grown = realloc(wish->samples, room * sizeof *grown);
		if (grown == NULL)
			return -ENOMEM;
		wish->samples = grown;
		wish->room = room;
	}
	wish->samples[wish->n++] = *metric;
	return 0;
}

static void
on_metrics(void *arg, const struct err *failed)
{
	struct wish *wish = arg;
	struct exchange *exchange = wish->exchange;
	json_t *series;

	if (failed != NULL) {
		free(wish->samples);
		wish->samples = NULL;
		exchange_fail_err(exchange, failed);
		return;
	}
	series = json_array();
	for (size_t i = 0; i < N_ALL; i++)
		if (wish->is_wanted[i])
			(void)json_array_append_new(series,
			    print(wish, &all[i]));
	sandbox0_reply(exchange, 200, json_pack("{s:o, s:o, s:I, s:o, s:o, "
	    "s:[], s:b}", "start_time", sandbox0_time(wish->request.from_ms),
	    "end_time", sandbox0_time(wish->request.to_ms), "step_seconds",
	    (json_int_t)(wish->step_ms / 1000), "series", series,
	    "freshness", freshness_of(wish), "gaps", "partial", 0));
	free(wish->samples);
	wish->samples = NULL;
}

/* Names by commas; none is all. */
static int
read_metrics(struct wish *wish, const char *text, struct failure *failure)
{
	for (size_t i = 0; *text == '\0' && i < N_ALL; i++)
		wish->is_wanted[i] = true;
	while (*text != '\0') {
		size_t n = strcspn(text, ",");
		bool is_known = false;

		for (size_t i = 0; i < N_ALL; i++)
			if (strlen(all[i].name) == n &&
			    strncmp(all[i].name, text, n) == 0)
				is_known = wish->is_wanted[i] = true;
		if (!is_known)
			return failure_of_field(failure, "metrics",
			    "\"%.*s\" is not counted here: see "
			    "metrics/catalog", (int)(n < 60 ? n : 60), text);
		text += n + (text[n] == ',');
	}
	return 0;
}

static int
read_statistic(struct wish *wish, const char *text, struct failure *failure)
{
	if (*text == '\0')
		return 0;
	for (size_t i = 0; statistics[i] != NULL; i++)
		if (strcmp(statistics[i], text) == 0) {
			wish->statistic = (enum statistic)i;
			return 0;
		}
	return failure_of_field(failure, "statistic", "must be auto, average, "
	    "minimum, maximum, last or rate");
}

static int
read_range(struct wish *wish, struct failure *failure)
{
	struct rpc_sandbox_metrics_req *request = &wish->request;
	const char *from = exchange_query(wish->exchange, "start_time");
	const char *to = exchange_query(wish->exchange, "end_time");

	request->to_ms = clock_unix_ms();
	if (*to != '\0' && timestamp_parse(to, &request->to_ms) < 0)
		return failure_of_field(failure, "end_time",
		    "must be a time such as 2026-01-31T23:59:59Z");
	request->from_ms = request->to_ms > RANGE_DEFAULT_MS ?
	    request->to_ms - RANGE_DEFAULT_MS : 0;
	if (*from != '\0' && timestamp_parse(from, &request->from_ms) < 0)
		return failure_of_field(failure, "start_time",
		    "must be a time such as 2026-01-31T23:59:59Z");
	if (request->from_ms >= request->to_ms ||
	    request->to_ms - request->from_ms > RANGE_MAX_MS)
		return failure_of_field(failure, "start_time",
		    "must be before end_time, by 31 days at most");
	return 0;
}

void
sandbox0_get_metrics(struct exchange *exchange)
{
	struct wish *wish = exchange_memory(exchange, sizeof *wish);
	const struct err err = {ENOMEM, "out of memory"};
	uint64_t step_s = 5, max_points = POINTS_DEFAULT, range_ms;
	struct failure failure;

	if (wish == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*wish = (struct wish){.exchange = exchange,
	    .request.id = exchange_param(exchange, "id")};
	if (!process_number(exchange, "step_seconds", STEP_MAX_S, &step_s) ||
	    !process_number(exchange, "max_points", POINTS_MAX, &max_points))
		return;
	if (read_range(wish, &failure) < 0 || read_statistic(wish,
	    exchange_query(exchange, "statistic"), &failure) < 0 ||
	    read_metrics(wish, exchange_query(exchange, "metrics"),
	    &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	range_ms = wish->request.to_ms - wish->request.from_ms;
	wish->step_ms = (step_s > 0 ? step_s : 1) * 1000;
	max_points = max_points > 0 ? max_points : 1;
	if (range_ms / wish->step_ms >= max_points)
		wish->step_ms = (range_ms / max_points / 1000 + 1) * 1000;
	metrics_of(exchange_who(exchange), &wish->request, keep, on_metrics,
	    wish);
}

static int
pass_over(void *arg, const struct rpc_metric *metric)
{
	(void)arg;
	(void)metric;
	return 0;
}

static void
on_sandbox(void *arg, const struct err *err)
{
	json_t *list;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < N_ALL; i++) {
		json_t *names = all[i].direction == NULL ? json_array() :
		    json_pack("[s]", "direction");

		if (i > 0 && strcmp(all[i].name, all[i - 1].name) == 0)
			json_decref(names);
		else
			(void)json_array_append_new(list, json_pack(
			    "{s:s, s:s, s:s, s:o, s:s}", "name", all[i].name,
			    "kind", all[i].rate_unit != NULL ? "counter" :
			    "gauge", "unit", all[i].unit, "dimensions", names,
			    "description", all[i].text));
	}
	sandbox0_reply(arg, 200, json_pack("{s:o}", "metrics", list));
}

/* What there is to be asked for, to who sees the sandbox. */
void
sandbox0_list_metrics(struct exchange *exchange)
{
	const struct rpc_sandbox_metrics_req request = {
	    .id = exchange_param(exchange, "id")};

	metrics_of(exchange_who(exchange), &request, pass_over, on_sandbox,
	    exchange);
}
