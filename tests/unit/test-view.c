// SPDX-License-Identifier: Apache-2.0
/* What a sandbox reads of itself, from what is counted of it. */
#include "sandboxd/view/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define MIB (1ULL << 20)

static char buffer[VIEW_TEXT_SIZE];
static const char two_processors[] =
    "processor\t: 0\nmodel\t: a\n\nprocessor\t: 1\nmodel\t: b\n\n";

static struct view_facts
facts_of(uint64_t limit_bytes, uint32_t cpu_millis)
{
	return (struct view_facts){.memory.limit = limit_bytes,
	    .cpu.limit_millis = cpu_millis, .host_memory_bytes = 1024 * MIB,
	    .n_host_cpus = 2, .cpuinfo = two_processors};
}

static const char *
text_of(enum view_kind kind, const struct view_facts *facts)
{
	static char copy[VIEW_TEXT_SIZE];
	const char *text;
	size_t length = view_text(kind, facts, buffer, &text);

	assert(length < sizeof copy);
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

static void
check_line(enum view_kind kind, const struct view_facts *facts,
    const char *line)
{
	const char *text = text_of(kind, facts);

	if (strstr(text, line) == NULL)
		printf("no \"%s\" in:\n%s", line, text);
	assert(strstr(text, line) != NULL);
}

static void
test_memory(void)
{
	struct view_facts facts = facts_of(512 * MIB, 1000);

	facts.memory.used = 100 * MIB;
	facts.memory.active_file = 10 * MIB;
	facts.memory.inactive_file = 20 * MIB;
	facts.memory.slab_reclaimable = 2 * MIB;
	check_line(VIEW_MEMINFO, &facts, "MemTotal:         524288 kB\n");
	check_line(VIEW_MEMINFO, &facts, "MemFree:          421888 kB\n");
	check_line(VIEW_MEMINFO, &facts, "MemAvailable:     454656 kB\n");
	check_line(VIEW_MEMINFO, &facts, "SwapTotal:             0 kB\n");
}

/* What is counted at different moments need not add up, and no limit is more
 * than the host has. */
static void
test_memory_odd(void)
{
	struct view_facts facts = facts_of(UINT64_MAX, 0);

	facts.memory.used = 2000 * MIB;
	facts.memory.inactive_file = 3000 * MIB;
	check_line(VIEW_MEMINFO, &facts, "MemTotal:        1048576 kB\n");
	check_line(VIEW_MEMINFO, &facts, "MemFree:               0 kB\n");
	check_line(VIEW_MEMINFO, &facts, "MemAvailable:    1048576 kB\n");
}

static void
test_cpus(void)
{
	static const struct {
		uint32_t millis;
		unsigned wanted;
	} rows[] = {{0, 2}, {1, 1}, {500, 1}, {1000, 1}, {1001, 2}, {2000, 2},
	    {64000, 2}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct view_facts facts = facts_of(MIB, rows[i].millis);

		assert(view_cpus(&facts) == rows[i].wanted);
	}
}

/* All that 1.5 CPUs did in 10 s, and nothing in as much again. */
static void
test_stat(void)
{
	struct view_facts facts = facts_of(MIB, 1500);

	facts.cpu.user_us = 10000000;
	facts.cpu.system_us = 5000000;
	facts.age_us = 20000000;
	facts.boot_unix_s = 1234567890;
	check_line(VIEW_STAT, &facts, "cpu  1000 0 500 1500 0 0 0 0 0 0\n"
	    "cpu0 500 0 250 750 0 0 0 0 0 0\n"
	    "cpu1 500 0 250 750 0 0 0 0 0 0\nintr ");
	check_line(VIEW_STAT, &facts, "\nbtime 1234567890\n");
	facts.age_us = 1;
	check_line(VIEW_STAT, &facts, "cpu  1000 0 500 0 0");
}

static void
test_cpuinfo(void)
{
	struct view_facts facts = facts_of(MIB, 1000);

	assert(strcmp(text_of(VIEW_CPUINFO, &facts),
	    "processor\t: 0\nmodel\t: a\n\n") == 0);
	facts.cpu.limit_millis = 2000;
	assert(strcmp(text_of(VIEW_CPUINFO, &facts), two_processors) == 0);
	facts.cpuinfo = "one of another kind\n";
	assert(strcmp(text_of(VIEW_CPUINFO, &facts), facts.cpuinfo) == 0);
}

/* Two CPUs busy for a minute, then none for an hour. */
static void
test_load(void)
{
	struct view_facts facts = facts_of(MIB, 2000);

	facts.cpu.n_tasks = 7;
	for (int i = 0; i < 60; i++)
		load_average_fade(facts.loads, 1000000, 2000000);
	check_line(VIEW_LOADAVG, &facts, "1.26 0.36 0.13 1/7 7\n");
	load_average_fade(facts.loads, 3600ULL * 1000000, 0);
	check_line(VIEW_LOADAVG, &facts, "0.00 0.00 0.00 1/7 7\n");
	/* At once is the same as by and by. */
	load_average_fade(facts.loads, 60000000, 120000000);
	check_line(VIEW_LOADAVG, &facts, "1.26 0.36 0.13 1/7 7\n");
	load_average_fade(facts.loads, 0, 5);
	check_line(VIEW_LOADAVG, &facts, "1.26 ");
}

/* Of no host are there more lines than there is room for. */
static void
test_largest(void)
{
	struct view_facts facts = facts_of(UINT64_MAX, 0);
	const char *text;

	facts.n_host_cpus = 8 * VIEW_CPUS_MAX;
	facts.cpu.user_us = facts.cpu.system_us = UINT64_MAX / 4;
	facts.age_us = UINT64_MAX / 8;
	assert(view_text(VIEW_STAT, &facts, buffer, &text) < sizeof buffer);
}

int
main(void)
{
	test_memory();
	test_memory_odd();
	test_cpus();
	test_stat();
	test_cpuinfo();
	test_load();
	test_largest();
	return 0;
}
