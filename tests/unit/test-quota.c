// SPDX-License-Identifier: Apache-2.0
/* What an organisation may have: to the last of it, and not of others. */
#include "sandboxd/door/quota.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int
main(void)
{
	struct sandbox a = {.record = {.org = "acme",
	    .memory_limit_bytes = 100, .disk_limit_bytes = 10}}, b = a,
	    foreign = {.record = {.org = "evil",
	    .memory_limit_bytes = 1 << 20, .disk_limit_bytes = 1 << 20}};
	struct sandbox *sorted[] = {&a, &foreign, &b};
	const struct sandbox_table table = {.sorted = sorted, .n = 3};
	struct quota quota = {0};
	struct err err = {0};

	/* None at all, and each to its last. */
	assert(quota_check(&quota, &table, &a.record, &err) == 0);
	quota = (struct quota){3, 300, 30};
	assert(quota_check(&quota, &table, &a.record, &err) == 0);
	quota = (struct quota){2, 300, 30};
	assert(quota_check(&quota, &table, &a.record, &err) == -EDQUOT);
	assert(strncmp(err.text, "max_sandboxes: organisation acme may have 2 "
	    "and has 2", 52) == 0);
	quota = (struct quota){3, 299, 30};
	assert(quota_check(&quota, &table, &a.record, &err) == -EDQUOT);
	assert(strncmp(err.text, "max_memory:", 11) == 0);
	quota = (struct quota){3, 300, 29};
	assert(quota_check(&quota, &table, &a.record, &err) == -EDQUOT);
	assert(strncmp(err.text, "max_disk:", 9) == 0);
	/* One that was lowered below what is there. */
	quota = (struct quota){0, 1, 0};
	assert(quota_check(&quota, &table, &a.record, &err) == -EDQUOT);
	/* Sums that would not fit do not fit. */
	quota = (struct quota){0, 300, 0};
	a.record.memory_limit_bytes = UINT64_MAX;
	strcpy(b.record.org, "other");
	assert(quota_check(&quota, &table, &b.record, &err) == 0);
	assert(quota_check(&quota, &table, &a.record, &err) == -EDQUOT);
	return 0;
}
