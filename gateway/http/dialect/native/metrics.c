// SPDX-License-Identifier: Apache-2.0
/* The service's figures as Prometheus reads them (its text format, 0.0.4), and
 * whether all of it answers. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "common/rpc_calls.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/engine/outbox.h"
#include "gateway/http/service/metrics.h"
#include "gateway/http/service/status.h"
#include "gateway/protocol/broker_calls.h"

#define MEDIA_TYPE "text/plain; version=0.0.4"
#define LINE_SIZE  512

/* What one uses, its id among it. */
struct kept {
	struct rpc_metric metric;
	char id[SANDBOX_ID_SIZE];
};

struct metrics {
	struct exchange *exchange;
	struct outbox out;
	int failed;
	/* Where they are asked for: each figure is told of all, in turn. */
	struct kept *sandboxes; /* owned */
	size_t n_sandboxes, room;
};

static void
add(struct metrics *metrics, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
add(struct metrics *metrics, const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof line ||
	    outbox_add(&metrics->out, line, (size_t)n) < 0)
		metrics->failed = -ENOMEM;
}

static void
add_gauge(struct metrics *metrics, const char *name, const char *help,
    uint64_t value)
{
	add(metrics, "# HELP sandgate_%s %s\n# TYPE sandgate_%s gauge\n"
	    "sandgate_%s %" PRIu64 "\n", name, help, name, name, value);
}

/* One of three figures of every resource. */
static void
add_resources(struct metrics *metrics, const char *name, const char *help,
    const struct rpc_host_resources_rep *reply,
    uint64_t (*value)(const struct rpc_host_resource *resource))
{
	struct rpc_bytes left = reply->resources;
	struct rpc_host_resource resource;

	add(metrics, "# HELP sandgate_resource_%s %s\n"
	    "# TYPE sandgate_resource_%s gauge\n", name, help, name);
	while (rpc_list_next(&rpc_layout_host_resource, &left, &resource))
		add(metrics, "sandgate_resource_%s{resource=\"%s\"} %" PRIu64
		    "\n", name, resource.name, value(&resource));
}

static uint64_t
bound_of(const struct rpc_host_resource *resource)
{
	return resource->bound;
}

static uint64_t
used_of(const struct rpc_host_resource *resource)
{
	return resource->used;
}

static void
add_sandboxd(struct metrics *metrics,
    const struct rpc_host_status_rep *sandboxd,
    const struct rpc_host_resources_rep *resources)
{
	add_gauge(metrics, "sandboxes", "sandboxes there are",
	    sandboxd->sandboxes);
	add_gauge(metrics, "sandboxes_max", "sandboxes there may be",
	    sandboxd->sandboxes_max);
	add_gauge(metrics, "disk_total_bytes", "of all disks",
	    sandboxd->disk_total_bytes);
	add_gauge(metrics, "disk_free_bytes", "left of it",
	    sandboxd->disk_free_bytes);
	add_gauge(metrics, "sandboxd_start_time_seconds",
	    "when it started, Unix time", sandboxd->started_ms / 1000);
	add_resources(metrics, "bound", "what the host has, 0: no number",
	    resources, bound_of);
	add_resources(metrics, "used", "of it now", resources, used_of);
}

/* A figure of each sandbox. */
struct figure {
	const char *name, *type, *help;
	size_t offset; /* of a uint64_t of rpc_metric, or a uint32_t */
	bool is_small;
	double unit;
};

#define FIGURE(field) offsetof(struct rpc_metric, field)
static const struct figure figures[] = {
    {"cpu_seconds_total", "counter", "CPU time since it was started",
	FIGURE(cpu_us), false, 1e6},
    {"cpu_limit", "gauge", "CPUs it may keep busy", FIGURE(cpu_limit_millis),
	true, 1e3},
    {"memory_bytes", "gauge", "memory, without cache", FIGURE(memory_bytes),
	false, 1},
    {"memory_cache_bytes", "gauge", "of files, as long as there is room",
	FIGURE(cache_bytes), false, 1},
    {"memory_limit_bytes", "gauge", "of both", FIGURE(memory_limit_bytes),
	false, 1},
    {"disk_bytes", "gauge", "on its disk", FIGURE(disk_bytes), false, 1},
    {"disk_limit_bytes", "gauge", "that may be", FIGURE(disk_limit_bytes),
	false, 1},
    {"processes", "gauge", "processes and threads", FIGURE(tasks), true, 1},
    {"processes_limit", "gauge", "that may be", FIGURE(tasks_limit), true, 1},
    {"network_received_bytes_total", "counter", "since it was started",
	FIGURE(received_bytes), false, 1},
    {"network_sent_bytes_total", "counter", "likewise", FIGURE(sent_bytes),
	false, 1},
};

static double
value_of(const struct figure *figure, const struct rpc_metric *metric)
{
	const char *at = (const char *)metric + figure->offset;

	return (figure->is_small ?
	    *(const uint32_t *)(const void *)at :
	    (double)*(const uint64_t *)(const void *)at) / figure->unit;
}

static void
add_figure(struct metrics *metrics, const struct figure *figure)
{
	add(metrics, "# HELP sandgate_sandbox_%s %s\n"
	    "# TYPE sandgate_sandbox_%s %s\n", figure->name, figure->help,
	    figure->name, figure->type);
	for (size_t i = 0; i < metrics->n_sandboxes; i++)
		add(metrics, "sandgate_sandbox_%s{sandbox=\"%s\"} %.17g\n",
		    figure->name, metrics->sandboxes[i].id,
		    value_of(figure, &metrics->sandboxes[i].metric));
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct metrics *metrics = arg;
	size_t n = outbox_take(&metrics->out, data, size);

	return n > 0 ? (ssize_t)n : -ENODATA;
}

static void
on_gone(void *arg)
{
	struct metrics *metrics = arg;

	outbox_fini(&metrics->out);
	free(metrics->sandboxes);
}

static void
reply(struct metrics *metrics)
{
	const struct err no_memory = {ENOMEM, "out of memory"};

	if (metrics->failed < 0)
		exchange_fail_err(metrics->exchange, &no_memory);
	else
		exchange_reply_stream(metrics->exchange, 200, MEDIA_TYPE,
		    outbox_size(&metrics->out));
}

static int
keep(void *arg, const struct rpc_metric *metric)
{
	struct metrics *metrics = arg;
	struct kept *kept;

	if (metrics->n_sandboxes == metrics->room) {
		size_t room = metrics->room * 2 + 64;
		struct kept *more = reallocarray(metrics->sandboxes, room,
		    sizeof *more);

		if (more == NULL)
			return -ENOMEM;
		metrics->sandboxes = more;
		metrics->room = room;
	}
	kept = &metrics->sandboxes[metrics->n_sandboxes++];
	kept->metric = *metric;
	snprintf(kept->id, sizeof kept->id, "%s", metric->id);
	return 0;
}

static void
on_kept(void *arg, const struct err *err)
{
	struct metrics *metrics = arg;

	if (err != NULL) {
		exchange_fail_err(metrics->exchange, err);
		return;
	}
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
		add_figure(metrics, &figures[i]);
	reply(metrics);
}

static void
on_status(void *arg, const struct rpc_gateway_status_rep *gateway,
    const struct rpc_host_status_rep *sandboxd,
    const struct rpc_host_resources_rep *resources, const struct err *err)
{
	struct metrics *metrics = arg;

	if (err != NULL) {
		exchange_fail_err(metrics->exchange, err);
		return;
	}
	add_gauge(metrics, "sandboxd_up", "whether sandboxd answers",
	    sandboxd != NULL);
	add_gauge(metrics, "ssh_connections", "connections by SSH",
	    gateway->connections);
	add_gauge(metrics, "gateway_start_time_seconds",
	    "when it started, Unix time", gateway->started_ms / 1000);
	if (sandboxd != NULL)
		add_sandboxd(metrics, sandboxd, resources);
	if (sandboxd != NULL && strcmp(exchange_query(metrics->exchange,
	    "sandboxes"), "1") == 0)
		metrics_list(exchange_who(metrics->exchange), keep, on_kept,
		    metrics);
	else
		reply(metrics);
}

void
native_get_metrics(struct exchange *exchange)
{
	struct metrics *metrics = exchange_memory(exchange, sizeof *metrics);
	const struct exchange_stream stream = {.give = give, .gone = on_gone,
	    .arg = metrics};
	const struct err err = {ENOMEM, "out of memory"};

	if (metrics == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	metrics->exchange = exchange;
	exchange_set_stream(exchange, &stream);
	status_get(exchange_who(exchange), on_status, metrics);
}

static void
on_ready(void *arg, const struct rpc_gateway_status_rep *gateway,
    const struct rpc_host_status_rep *sandboxd,
    const struct rpc_host_resources_rep *resources, const struct err *err)
{
	const struct err away = {EPIPE, "sandboxd does not answer"};

	(void)gateway;
	(void)resources;
	if (err != NULL || sandboxd == NULL)
		exchange_fail_err(arg, err != NULL ? err : &away);
	else
		native_get_health(arg);
}

void
native_get_readiness(struct exchange *exchange)
{
	status_get(exchange_who(exchange), on_ready, exchange);
}
