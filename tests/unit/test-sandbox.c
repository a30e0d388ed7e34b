// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void
test_table(void)
{
	struct sandbox_table table;
	struct sandbox *sandboxes[8], *extra;
	struct sandbox_record record = {0};
	struct err err = {0};
	uint32_t slot;

	assert(sandbox_table_init(&table, 8, &err) == 0);
	for (int i = 7; i >= 0; i--) {
		memset(&record, 0, sizeof record);
		snprintf(record.id, sizeof record.id, "sb_%012d", i);
		assert(sandbox_free_slot(&table, &record.slot, &err) == 0);
		assert(record.slot == (uint32_t)(7 - i));
		assert(sandbox_add(&table, &record, NULL, &sandboxes[i],
		    &err) == 0);
	}
	assert(sandbox_free_slot(&table, &slot, &err) == -ENOSPC);
	assert(strstr(err.text, "max_sandboxes") != NULL);
	assert(sandbox_add(&table, &record, NULL, &extra, &err) < 0);
	for (size_t i = 0; i < table.n; i++)
		assert(table.sorted[i] == sandboxes[i]);
	assert(sandbox_find(&table, "sb_000000000003") == sandboxes[3]);
	assert(sandbox_find(&table, "sb_00000000000") == NULL);
	assert(sandbox_find(&table, "") == NULL);
	assert(sandbox_after(&table, "") == 0);
	assert(sandbox_after(&table, "sb_000000000003") == 4);
	sandbox_remove(&table, sandboxes[3]);
	assert(sandbox_find(&table, "sb_000000000003") == NULL);
	assert(sandbox_after(&table, "sb_000000000003") == 3);
	assert(sandbox_free_slot(&table, &slot, &err) == 0 && slot == 4);
	sandbox_table_fini(&table);
}

static void
test_id(void)
{
	char one[SANDBOX_ID_SIZE], other[SANDBOX_ID_SIZE];

	sandbox_make_id(one);
	sandbox_make_id(other);
	assert(sandbox_id_is_valid(one) && sandbox_id_is_valid(other));
	assert(strlen(one) == SANDBOX_ID_LENGTH && strcmp(one, other) != 0);
}

int
main(void)
{
	test_table();
	test_id();
	return 0;
}
