// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/meter.h"

#include "common/log.h"
#include "sandboxd/recipe/usage.h"

static void
sample(struct sandbox *sandbox, uint64_t cpu_us, uint64_t now_ms)
{
	const struct sandbox_record *record = &sandbox->record;
	struct meter_sample now = {.at_ms = now_ms,
	    .life = record->start_ticks, .cpu_us = cpu_us,
	    .memory_limit_bytes = record->memory_limit_bytes,
	    .cpu_limit_millis = record->cpu_limit_millis,
	    .tasks_limit = record->pids_limit};
	struct usage usage;
	struct err err = {0};

	if (usage_read(&sandbox->daemon->runtime, record->id, record->slot,
	    &usage, &err) < 0) {
		log_debug("meter id=%s: %s", record->id, err.text);
		return;
	}
	now.memory_bytes = usage.memory_bytes;
	now.cache_bytes = usage.cache_bytes;
	now.disk_bytes = usage.disk_bytes;
	now.disk_limit_bytes = usage.is_disk_counted ?
	    record->disk_limit_bytes : 0;
	now.received_bytes = usage.received_bytes;
	now.sent_bytes = usage.sent_bytes;
	now.tasks = usage.tasks;
	if (meter_ring_add(&sandbox->meter.ring, &now, &err) < 0)
		log_debug("meter id=%s: %s", record->id, err.text);
	else
		sandbox->meter.cpu_us = cpu_us;
}

static void
look(struct sandbox *sandbox, uint64_t after_ms)
{
	const struct daemon *daemon = sandbox->daemon;
	struct sandbox_meter *meter = &sandbox->meter;
	const uint64_t now_ms = daemon->clock.now_ms(&daemon->clock);
	uint64_t cpu_us;

	if (sandbox->record.state != SANDBOX_RUNNING ||
	    sandbox->record.pid <= 0 || sandbox->pooled.is_in ||
	    (meter->looked_ms != 0 && now_ms - meter->looked_ms < after_ms) ||
	    usage_read_cpu(&daemon->runtime, sandbox->record.id, &cpu_us) < 0)
		return;
	meter->looked_ms = now_ms;
	if (cpu_us == meter->cpu_us && meter_ring_prolong(&meter->ring,
	    sandbox->record.start_ticks, now_ms))
		return;
	sample(sandbox, cpu_us, now_ms);
}

void
meter_look(struct sandbox *sandbox)
{
	look(sandbox, METER_STEP_MS);
}

void
meter_look_now(struct sandbox *sandbox)
{
	look(sandbox, METER_FRESH_MS);
}
