// SPDX-License-Identifier: Apache-2.0
/* What an organisation may have: to the last of it, and not of others. */
#include "sandboxd/lifecycle/admission.h"
#include "sandboxd/lifecycle/quota.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static struct err err;

static bool
says(const char *words)
{
	return strncmp(err.text, words, strlen(words)) == 0;
}

/* Of three that there are one rests. */
static void
test_running(void)
{
	struct sandbox a = {.record = {.org = "acme", .id = "a",
	    .state = SANDBOX_RUNNING, .cpu_limit_millis = 1500}}, b = a, c = a;
	struct sandbox *sorted[] = {&a, &b, &c};
	const struct sandbox_table table = {.sorted = sorted, .n = 3};
	struct quota quota = {.running = 2};

	strcpy(b.record.id, "b");
	b.record.state = SANDBOX_PAUSED;
	strcpy(c.record.id, "c");
	c.record.state = SANDBOX_CREATING;
	assert(quota_check_start(&quota, &table, &a.record, &err) == 0);
	assert(quota_check_start(&quota, &table, &b.record, &err) == -EDQUOT);
	assert(says("max_running: organisation acme may have 2 and has 2"));
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == -EDQUOT);
	c.record.state = SANDBOX_SUSPENDING;
	assert(quota_check_start(&quota, &table, &b.record, &err) == 0);
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == 0);
	/* CPUs are whole ones, what sandboxes have of them is not. */
	quota = (struct quota){.cpu = 6};
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == 0);
	quota.cpu = 5;
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == -EDQUOT);
	assert(says("max_cpu: organisation acme may have 5 and has 4.500"));
}

/* One that is being given less may stay with what it has. */
static void
test_resized(void)
{
	struct sandbox a = {.record = {.org = "acme", .id = "a",
	    .memory_limit_bytes = 10, .disk_limit_bytes = 10,
	    .cpu_limit_millis = 1000}, .resize = {.is_applying = true,
	    .memory_bytes = 90, .disk_bytes = 5, .cpu_millis = 1500}};
	struct sandbox *sorted[] = {&a};
	const struct sandbox_table table = {.sorted = sorted, .n = 1};
	const struct sandbox_record wanted = {.org = "acme", .id = "b",
	    .memory_limit_bytes = 20, .cpu_limit_millis = 500};
	struct quota quota = {.memory_bytes = 100};

	assert(quota_check(&quota, &table, &wanted, 0, 0, &err) == -EDQUOT);
	assert(admission_promised(&table, "").memory_bytes == 90);
	assert(admission_promised(&table, "").disk_bytes == 10);
	quota = (struct quota){.cpu = 1};
	assert(quota_check(&quota, &table, &wanted, 0, 0, &err) == -EDQUOT);
	a.resize.is_applying = false;
	quota = (struct quota){.memory_bytes = 100, .cpu = 2};
	assert(quota_check(&quota, &table, &wanted, 0, 0, &err) == 0);
	assert(admission_promised(&table, "").memory_bytes == 10);
}

/* Only what is more than before is asked for. */
static void
test_resize(void)
{
	struct sandbox a = {.record = {.org = "acme", .id = "a",
	    .memory_limit_bytes = 100, .disk_limit_bytes = 10,
	    .cpu_limit_millis = 1000}}, b = a;
	struct sandbox *sorted[] = {&a, &b};
	const struct sandbox_table table = {.sorted = sorted, .n = 2};
	struct sandbox_record wanted = a.record;
	struct quota quota = {.sandboxes = 1, .memory_bytes = 220, .cpu = 2,
	    .disk_bytes = 15};

	strcpy(b.record.id, "b");
	wanted.memory_limit_bytes = 120;
	assert(quota_check_resize(&quota, &table, &a.record, &wanted, 0,
	    &err) == 0);
	wanted.memory_limit_bytes = 121;
	assert(quota_check_resize(&quota, &table, &a.record, &wanted, 0,
	    &err) == -EDQUOT);
	assert(says("max_memory: organisation acme may have 220 and has 100"));
	wanted.memory_limit_bytes = 50;
	assert(quota_check_resize(&quota, &table, &a.record, &wanted, 0,
	    &err) == 0);
	wanted.disk_limit_bytes = 11;
	quota.disk_bytes = 30;
	assert(quota_check_resize(&quota, &table, &a.record, &wanted, 9,
	    &err) == 0);
	assert(quota_check_resize(&quota, &table, &a.record, &wanted, 10,
	    &err) == -EDQUOT);
	wanted.cpu_limit_millis = 1001;
	assert(quota_check_resize(&quota, &table, &a.record, &wanted, 0,
	    &err) == -EDQUOT);
}

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

	/* None at all, and each to its last. */
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == 0);
	quota = (struct quota){.sandboxes = 3, .memory_bytes = 300,
	    .disk_bytes = 30};
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == 0);
	quota.sandboxes = 2;
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == -EDQUOT);
	assert(strncmp(err.text, "max_sandboxes: organisation acme may have 2 "
	    "and has 2", 52) == 0);
	quota.sandboxes = 3;
	quota.memory_bytes = 299;
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == -EDQUOT);
	assert(strncmp(err.text, "max_memory:", 11) == 0);
	quota.memory_bytes = 300;
	quota.disk_bytes = 29;
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == -EDQUOT);
	assert(strncmp(err.text, "max_disk:", 9) == 0);
	/* What there is beside sandboxes counts, and comes with one. */
	quota.disk_bytes = 60;
	assert(quota_check(&quota, &table, &a.record, 20, 10, &err) == 0);
	assert(quota_check(&quota, &table, &a.record, 21, 10, &err) == -EDQUOT);
	assert(says("max_disk: organisation acme may have 60 and has 41 of"));
	/* One that was lowered below what is there. */
	quota = (struct quota){.memory_bytes = 1};
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == -EDQUOT);
	/* Sums that would not fit do not fit. */
	quota = (struct quota){.memory_bytes = 300};
	a.record.memory_limit_bytes = UINT64_MAX;
	strcpy(b.record.org, "other");
	assert(quota_check(&quota, &table, &b.record, 0, 0, &err) == 0);
	assert(quota_check(&quota, &table, &a.record, 0, 0, &err) == -EDQUOT);
	test_running();
	test_resized();
	test_resize();
	return 0;
}
