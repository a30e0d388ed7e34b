// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/quota.h"

#include <errno.h>
#include <string.h>

static struct quota
count(const struct sandbox_table *table, const char *org)
{
	struct quota used = {0};

	for (size_t i = 0; i < table->n; i++) {
		const struct sandbox_record *record =
		    &table->sorted[i]->record;

		if (strcmp(record->org, org) != 0)
			continue;
		used.sandboxes++;
		used.memory_bytes += record->memory_limit_bytes;
		used.disk_bytes += record->disk_limit_bytes;
	}
	return used;
}

static int
check(const char *what, uint64_t most, uint64_t used, uint64_t wanted,
    const char *org, struct err *err)
{
	if (most == 0 || (used <= most && wanted <= most - used))
		return 0;
	return err_set(err, EDQUOT, "%s: organisation %s may have %llu and "
	    "has %llu of it; destroy a sandbox, or ask an admin for more",
	    what, org, (unsigned long long)most, (unsigned long long)used);
}

int
quota_check(const struct quota *quota, const struct sandbox_table *table,
    const struct sandbox_record *wanted, struct err *err)
{
	const struct quota used = count(table, wanted->org);
	int r = check("max_sandboxes", quota->sandboxes, used.sandboxes, 1,
	    wanted->org, err);

	if (r == 0)
		r = check("max_memory", quota->memory_bytes,
		    used.memory_bytes, wanted->memory_limit_bytes,
		    wanted->org, err);
	if (r == 0)
		r = check("max_disk", quota->disk_bytes, used.disk_bytes,
		    wanted->disk_limit_bytes, wanted->org, err);
	return r;
}
