// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/quota.h"

#include <errno.h>
#include <string.h>

#include "sandboxd/lifecycle/resize.h"

static bool
runs(const struct sandbox_record *record)
{
	return strcmp(sandbox_state_desired(record->state), "active") == 0;
}

struct quota_used
quota_count(const struct sandbox_table *table, const char *org,
    const char *but_id)
{
	struct quota_used used = {0};

	for (size_t i = 0; i < table->n; i++) {
		const struct sandbox_record *record =
		    &table->sorted[i]->record;
		const struct resize counted =
		    resize_counted(table->sorted[i]);

		if (strcmp(record->org, org) != 0 || (*but_id != '\0' &&
		    strcmp(record->id, but_id) == 0))
			continue;
		used.sandboxes++;
		used.running += runs(record);
		used.memory_bytes += counted.memory_bytes;
		used.cpu_millis += counted.cpu_millis;
		used.disk_bytes += counted.disk_bytes;
	}
	return used;
}

static int
check(const char *what, uint64_t most, uint64_t used, uint64_t wanted,
    const char *org, struct err *err)
{
	if (most == 0 || (used <= most && wanted <= most - used))
		return 0;
	err_set(err, EDQUOT, "%s: organisation %s may have %llu and "
	    "has %llu of it; destroy a sandbox or a snapshot, or ask an admin "
	    "for more", what, org, (unsigned long long)most,
	    (unsigned long long)used);
	return err_cause(err, what);
}

int
quota_check_disk(uint64_t most, const struct sandbox_table *table,
    const char *org, uint64_t beside, uint64_t wanted, struct err *err)
{
	return check("max_disk", most,
	    quota_count(table, org, "").disk_bytes + beside,
	    wanted, org, err);
}

static int
check_running(const struct quota *quota, const struct quota_used *used,
    const char *org, struct err *err)
{
	if (quota->running == 0 || used->running < quota->running)
		return 0;
	err_set(err, EDQUOT, "max_running: organisation %s may have "
	    "%llu and has %llu of it; pause or suspend a sandbox, or ask an "
	    "admin for more", org, (unsigned long long)quota->running,
	    (unsigned long long)used->running);
	return err_cause(err, "max_running");
}

/* Of a CPU quota, which is whole ones, in thousandths. */
static int
check_cpu(const struct quota *quota, const struct quota_used *used,
    uint64_t wanted_millis, const char *org, struct err *err)
{
	if (quota->cpu == 0 || used->cpu_millis + wanted_millis <=
	    quota->cpu * 1000)
		return 0;
	err_set(err, EDQUOT, "max_cpu: organisation %s may have %llu "
	    "and has %llu.%03llu of it; destroy a sandbox, or ask an admin "
	    "for more", org, (unsigned long long)quota->cpu,
	    (unsigned long long)used->cpu_millis / 1000,
	    (unsigned long long)used->cpu_millis % 1000);
	return err_cause(err, "max_cpu");
}

int
quota_check(const struct quota *quota, const struct sandbox_table *table,
    const struct sandbox_record *wanted, uint64_t beside, uint64_t of_disks,
    struct err *err)
{
	const struct quota_used used = quota_count(table, wanted->org, "");
	int r;

	if ((r = check("max_sandboxes", quota->sandboxes, used.sandboxes, 1,
	    wanted->org, err)) < 0 ||
	    (r = check_running(quota, &used, wanted->org, err)) < 0 ||
	    (r = check("max_memory", quota->memory_bytes, used.memory_bytes,
	    wanted->memory_limit_bytes, wanted->org, err)) < 0 ||
	    (r = check_cpu(quota, &used, wanted->cpu_limit_millis,
	    wanted->org, err)) < 0)
		return r;
	return check("max_disk", quota->disk_bytes, used.disk_bytes + beside,
	    wanted->disk_limit_bytes + of_disks, wanted->org, err);
}

int
quota_check_start(const struct quota *quota, const struct sandbox_table *table,
    const struct sandbox_record *record, struct err *err)
{
	struct quota_used used;

	if (quota->running == 0 || runs(record))
		return 0;
	used = quota_count(table, record->org, record->id);
	return check_running(quota, &used, record->org, err);
}

int
quota_check_resize(const struct quota *quota,
    const struct sandbox_table *table, const struct sandbox_record *record,
    const struct sandbox_record *wanted, uint64_t beside, struct err *err)
{
	const struct quota_used used = quota_count(table, record->org,
	    record->id);
	int r = 0;

	if (wanted->memory_limit_bytes > record->memory_limit_bytes)
		r = check("max_memory", quota->memory_bytes,
		    used.memory_bytes, wanted->memory_limit_bytes,
		    record->org, err);
	if (r == 0 && wanted->cpu_limit_millis > record->cpu_limit_millis)
		r = check_cpu(quota, &used, wanted->cpu_limit_millis,
		    record->org, err);
	if (r == 0 && wanted->disk_limit_bytes > record->disk_limit_bytes)
		r = check("max_disk", quota->disk_bytes,
		    used.disk_bytes + beside, wanted->disk_limit_bytes,
		    record->org, err);
	return r;
}
