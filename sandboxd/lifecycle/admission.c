// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/admission.h"

#include <errno.h>
#include <string.h>

#include "sandboxd/lifecycle/resize.h"

/* Of the pool, where the settings do not say how much is to stay free. */
#define DISK_RESERVE_PARTS 50

static bool
holds_memory(enum sandbox_state state)
{
	switch (state) {
	case SANDBOX_SUSPENDED:
	case SANDBOX_CLEANED:
	case SANDBOX_FAILED:
	case SANDBOX_BURYING:
	case SANDBOX_DESTROYED:
		return false;
	default:
		return true;
	}
}

struct promise
admission_promised(const struct sandbox_table *table, const char *but_id)
{
	struct promise promised = {0};

	for (size_t i = 0; i < table->n; i++) {
		const struct sandbox_record *record =
		    &table->sorted[i]->record;
		const struct resize counted =
		    resize_counted(table->sorted[i]);

		/* What is nobody's yet gives way to what is. */
		if (strcmp(record->id, but_id) == 0 ||
		    sandbox_state_is_pooled(record->state))
			continue;
		promised.disk_bytes += counted.disk_bytes;
		if (holds_memory(record->state))
			promised.memory_bytes += counted.memory_bytes;
	}
	return promised;
}

static uint64_t
percent(uint64_t value, uint64_t percent)
{
	return percent == 0 ? UINT64_MAX : value / 100 * percent;
}

struct promise
admission_most(const struct ceilings *ceilings,
    const struct settings *settings)
{
	return (struct promise){
	    percent(ceilings->all_memory_bytes, settings->memory_overcommit),
	    percent(ceilings->host.disk_bytes, settings->disk_overcommit)};
}

static int
check(const char *what, const char *setting, uint64_t setting_percent,
    uint64_t most, uint64_t promised, uint64_t wanted, struct err *err)
{
	if (wanted == 0 || (promised <= most && wanted <= most - promised))
		return 0;
	err_set(err, ENOSPC, "%s: this host may promise %llu bytes "
	    "(%s %llu %%) and has promised %llu to all; try again when other "
	    "sandboxes have ended", what, (unsigned long long)most, setting,
	    (unsigned long long)setting_percent,
	    (unsigned long long)promised);
	return err_cause(err, setting);
}

/* A new disk is empty, but what others go on writing has to find room. */
static int
check_free(const struct daemon *daemon, struct err *err)
{
	uint64_t reserve = daemon->settings.disk_reserve_bytes;
	struct disk_usage usage;
	int r = disk_pool_usage(daemon->runtime.disks, &usage, err);

	if (r < 0)
		return r;
	if (reserve == 0)
		reserve = usage.total_bytes / DISK_RESERVE_PARTS;
	if (usage.free_bytes >= reserve)
		return 0;
	err_set(err, ENOSPC, "disk: the pool of this host has %llu "
	    "bytes free of %llu, and disk_reserve keeps %llu; try again when "
	    "other sandboxes have ended",
	    (unsigned long long)usage.free_bytes,
	    (unsigned long long)usage.total_bytes,
	    (unsigned long long)reserve);
	return err_cause(err, "disk_reserve");
}

int
admission_check(const struct daemon *daemon, const char *id,
    uint64_t memory_bytes, uint64_t disk_bytes, struct err *err)
{
	const struct settings *settings = &daemon->settings;
	const struct promise promised =
	    admission_promised(&daemon->sandboxes, id);
	const struct promise most = admission_most(&daemon->runtime.ceilings,
	    settings);
	int r = check("memory", "memory_overcommit",
	    settings->memory_overcommit, most.memory_bytes,
	    promised.memory_bytes, memory_bytes, err);

	if (r == 0)
		r = check("disk", "disk_overcommit", settings->disk_overcommit,
		    most.disk_bytes, promised.disk_bytes, disk_bytes, err);
	return r == 0 && disk_bytes != 0 ? check_free(daemon, err) : r;
}

int
admission_check_start(const struct sandbox *sandbox, struct err *err)
{
	const struct sandbox_record *record = &sandbox->record;

	return holds_memory(record->state) ? 0 :
	    admission_check(sandbox->daemon, record->id,
	    record->memory_limit_bytes, 0, err);
}
