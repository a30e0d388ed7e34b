// SPDX-License-Identifier: Apache-2.0
/* What sandboxes use, and used, as objects. */
#include <string.h>

#include "common/parse.h"
#include "common/timestamp.h"
#include "gateway/http/dialect/listing.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/metrics.h"

/* A record, and what is said in other words. */
struct view {
	struct rpc_metric metric;
	uint64_t cpu_ms;
	uint32_t percent_millis;
};

#define AT(field) offsetof(struct view, metric.field)
static const struct field fields[] = {
    {"sandbox", FIELD_STRING, AT(id), .text = "whose"},
    {"at", FIELD_TIME, AT(at_ms), .text = "when"},
    {"used", FIELD_MILLIS, AT(cpu_used_millis), .group = "cpu",
	.text = "CPUs it kept busy on average, since the one before this"},
    {"limit", FIELD_MILLIS, AT(cpu_limit_millis), .group = "cpu",
	.text = "CPUs it may keep busy"},
    {"percent", FIELD_MILLIS, offsetof(struct view, percent_millis),
	.group = "cpu", .text = "used, of limit"},
    {"total_ms", FIELD_U64, offsetof(struct view, cpu_ms), .group = "cpu",
	.text = "CPU time it has used since it was started"},
    {"used", FIELD_SIZE, AT(memory_bytes), .group = "memory",
	.text = "without cache"},
    {"cache", FIELD_SIZE, AT(cache_bytes), .group = "memory",
	.text = "files that the kernel keeps there as long as there is room"},
    {"limit", FIELD_SIZE, AT(memory_limit_bytes), .group = "memory",
	.text = "of both"},
    {"used", FIELD_SIZE, AT(disk_bytes), .group = "disk",
	.text = "written to its disk, /tmp too"},
    {"limit", FIELD_SIZE, AT(disk_limit_bytes), .group = "disk",
	.text = "of that; 0: it is not counted"},
    {"used", FIELD_U32, AT(tasks), .group = "processes",
	.text = "processes and threads there are"},
    {"limit", FIELD_U32, AT(tasks_limit), .group = "processes",
	.text = "that there may be"},
    {"received", FIELD_SIZE, AT(received_bytes), .group = "network",
	.text = "since it was started"},
    {"sent", FIELD_SIZE, AT(sent_bytes), .group = "network",
	.text = "likewise"},
};
FIELD_TABLE(native_metric, struct view, fields);

static json_t *
print(const struct rpc_metric *metric)
{
	const struct view view = {*metric, metric->cpu_us / 1000,
	    metrics_cpu_percent_millis(metric)};

	return field_print(&native_metric, &view);
}

static int
add(void *arg, const struct rpc_metric *metric)
{
	return listing_add(arg, print(metric));
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;
	json_t *list = listing_end(listing, err);

	if (list != NULL)
		exchange_reply(listing->exchange, 200, json_pack("{s:o}",
		    "metrics", list));
}

static int
read_time(const struct exchange *exchange, const char *name, uint64_t *ret,
    struct failure *failure)
{
	const char *text = exchange_query(exchange, name);

	if (*text == '\0' || timestamp_parse(text, ret) == 0)
		return 0;
	return failure_of_field(failure, name, "must be a time such as "
	    "2026-01-31T23:59:59Z");
}

void
native_list_sandbox_metrics(struct exchange *exchange)
{
	struct rpc_sandbox_metrics_req wish = {
	    .id = exchange_param(exchange, "id")};
	const char *step = exchange_query(exchange, "step");
	struct listing *listing;
	struct failure failure;
	uint64_t step_s = 0;
	int r;

	if ((r = read_time(exchange, "from", &wish.from_ms, &failure)) == 0)
		r = read_time(exchange, "to", &wish.to_ms, &failure);
	if (r == 0 && *step != '\0' && (parse_seconds(step, &step_s) < 0 ||
	    step_s > UINT32_MAX))
		r = failure_of_field(&failure, "step", "must be seconds, or a "
		    "time such as 10m");
	if (r == 0 && wish.to_ms != 0 && wish.to_ms < wish.from_ms)
		r = failure_of_field(&failure, "to", "must not be before from");
	wish.step_ms = step_s * 1000;
	if (r < 0)
		exchange_fail(exchange, &failure);
	else if ((listing = listing_begin(exchange)) != NULL)
		metrics_of(exchange_who(exchange), &wish, add, on_listed,
		    listing);
}

void
native_list_metrics(struct exchange *exchange)
{
	struct listing *listing = listing_begin(exchange);

	if (listing != NULL)
		metrics_list(exchange_who(exchange), add, on_listed, listing);
}
