// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/metrics.h"

#include <errno.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/rpc_calls.h"
#include "sandboxd/lifecycle/meter.h"

/* As metric.def has it of both lists; and most that one record takes. */
#define LIST_BYTES_MAX	 131072
#define METRIC_BYTES_MAX 256

_Static_assert(METER_POINTS_MAX * METRIC_BYTES_MAX <= LIST_BYTES_MAX,
    "all of one sandbox in one answer");

/* What is on the clock, on that of the world, and back. Both are rounded, so
 * that it comes out as one more or less; what was told is asked for by the same
 * number. */
static uint64_t
unix_ahead_ms(const struct daemon *daemon)
{
	static uint64_t kept_ms;
	const uint64_t ahead_ms = clock_unix_ms() -
	    daemon->clock.now_ms(&daemon->clock);

	if (ahead_ms > kept_ms + 1 || ahead_ms + 1 < kept_ms)
		kept_ms = ahead_ms;
	return kept_ms;
}

static int
add(struct rpc_list *list, const struct sandbox *sandbox,
    const struct meter_point *point, struct err *err)
{
	const struct meter_sample *sample = point->sample;
	const struct rpc_metric metric = {.id = sandbox->record.id,
	    .at_ms = point->at_ms + unix_ahead_ms(sandbox->daemon),
	    .cpu_us = sample->cpu_us, .cpu_used_millis = point->cpu_millis,
	    .cpu_limit_millis = sample->cpu_limit_millis,
	    .memory_bytes = sample->memory_bytes,
	    .cache_bytes = sample->cache_bytes,
	    .memory_limit_bytes = sample->memory_limit_bytes,
	    .disk_bytes = sample->disk_bytes,
	    .disk_limit_bytes = sample->disk_limit_bytes,
	    .tasks = sample->tasks, .tasks_limit = sample->tasks_limit,
	    .received_bytes = sample->received_bytes,
	    .sent_bytes = sample->sent_bytes};
	int r = rpc_list_add(list, &rpc_layout_metric, &metric);

	return r < 0 ? err_set(err, -r, "too much to tell") : 0;
}

/* A time of the world on the clock; what was before that began is its start. */
static uint64_t
on_clock(const struct daemon *daemon, uint64_t unix_ms)
{
	const uint64_t ahead_ms = unix_ahead_ms(daemon);

	return unix_ms > ahead_ms ? unix_ms - ahead_ms : 0;
}

int
metrics_of_sandbox(struct peer *peer, uint32_t request_id,
    struct sandbox *sandbox, const struct rpc_sandbox_metrics_req *request,
    struct err *err)
{
	const uint64_t to_ms = request->to_ms == 0 ? UINT64_MAX :
	    on_clock(sandbox->daemon, request->to_ms);
	struct meter_reading reading = {.ring = &sandbox->meter.ring,
	    .from_ms = on_clock(sandbox->daemon, request->from_ms),
	    .step_ms = request->step_ms};
	auto_free uint8_t *buffer = malloc(LIST_BYTES_MAX);
	struct rpc_list list = {.data = buffer, .size = LIST_BYTES_MAX};
	struct rpc_sandbox_metrics_rep reply;
	struct meter_point point;
	int r = 0;

	if (buffer == NULL)
		return err_set(err, ENOMEM, "no memory");
	meter_look_now(sandbox);
	while (r == 0 && meter_reading_next(&reading, &point) > 0 &&
	    point.at_ms <= to_ms)
		r = add(&list, sandbox, &point, err);
	if (r < 0)
		return r;
	reply.metrics = rpc_list_bytes(&list);
	peer_reply(peer, &rpc_call_sandbox_metrics, request_id, &reply, NULL,
	    0);
	return 0;
}

/* The last of one; 0 where there is none. */
static int
find_last(const struct sandbox *sandbox, struct meter_point *ret)
{
	const struct meter_ring *ring = &sandbox->meter.ring;
	struct meter_reading reading = {.ring = ring,
	    .next = ring->n > 2 ? ring->n - 2 : 0};
	int is_found = 0;

	while (meter_reading_next(&reading, ret) > 0)
		is_found = 1;
	return is_found;
}

int
metrics_page(struct peer *peer, uint32_t request_id, const char *after,
    struct err *err)
{
	const struct sandbox_table *table = &peer->daemon->sandboxes;
	auto_free uint8_t *buffer = malloc(LIST_BYTES_MAX);
	struct rpc_list list = {.data = buffer, .size = LIST_BYTES_MAX};
	struct rpc_metric_list_rep reply = {.last = ""};
	struct meter_point point;
	int r = 0;

	if (buffer == NULL)
		return err_set(err, ENOMEM, "no memory");
	for (size_t i = sandbox_after(table, after);
	    i < table->n && r == 0 && reply.more == 0; i++) {
		const struct sandbox *sandbox = table->sorted[i];

		if (sandbox->record.state != SANDBOX_RUNNING ||
		    !capability_sees(&peer->capability, &sandbox->record) ||
		    !find_last(sandbox, &point))
			continue;
		if (list.used + METRIC_BYTES_MAX > list.size) {
			reply.more = 1;
			break;
		}
		r = add(&list, sandbox, &point, err);
		reply.last = sandbox->record.id;
	}
	if (r < 0)
		return r;
	reply.metrics = rpc_list_bytes(&list);
	peer_reply(peer, &rpc_call_metric_list, request_id, &reply, NULL, 0);
	return 0;
}
