// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/view/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TICKS_PER_S 100 /* USER_HZ, which no Linux of today has otherwise */
#define US_PER_TICK (1000000 / TICKS_PER_S)

const char *const view_names[N_VIEW_KIND] = {
    [VIEW_MEMINFO] = "meminfo",
    [VIEW_STAT] = "stat",
    [VIEW_LOADAVG] = "loadavg",
    [VIEW_CPUINFO] = "cpuinfo",
    [VIEW_VMSTAT] = "vmstat",
};

struct out {
	char *text;
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void
add(struct out *out, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(out->text + out->length, VIEW_TEXT_SIZE - out->length,
	    format, args);
	va_end(args);
	assert(n >= 0 && out->length + (size_t)n < VIEW_TEXT_SIZE);
	out->length += (size_t)n;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

unsigned
view_cpus(const struct view_facts *facts)
{
	unsigned limit = facts->cpu.limit_millis / 1000 +
	    (facts->cpu.limit_millis % 1000 != 0);
	unsigned all = (unsigned)least(facts->n_host_cpus, VIEW_CPUS_MAX);

	return limit == 0 || limit > all ? all : limit;
}

/* As the kernel: what is free, and what it would find where it looks. */
static void
write_meminfo(const struct view_facts *facts, struct out *out)
{
	const struct cgroup_memory_use *m = &facts->memory;
	const uint64_t total = least(m->limit, facts->host_memory_bytes);
	const uint64_t used = least(m->used, total), unused = total - used;
	const uint64_t found = m->active_file + m->inactive_file +
	    m->slab_reclaimable;
	const struct {
		const char *name;
		uint64_t bytes;
	} rows[] = {
	    {"MemTotal:", total}, {"MemFree:", unused},
	    {"MemAvailable:", unused + least(found, used)}, {"Buffers:", 0},
	    {"Cached:", m->file}, {"SwapCached:", 0},
	    {"Active:", m->active_anon + m->active_file},
	    {"Inactive:", m->inactive_anon + m->inactive_file},
	    {"Active(anon):", m->active_anon},
	    {"Inactive(anon):", m->inactive_anon},
	    {"Active(file):", m->active_file},
	    {"Inactive(file):", m->inactive_file},
	    {"Unevictable:", m->unevictable}, {"Mlocked:", 0},
	    {"SwapTotal:", 0}, {"SwapFree:", 0}, {"Dirty:", m->dirty},
	    {"Writeback:", m->writeback}, {"AnonPages:", m->anon},
	    {"Mapped:", m->mapped}, {"Shmem:", m->shmem},
	    {"KReclaimable:", m->slab_reclaimable},
	    {"Slab:", m->slab_reclaimable + m->slab_unreclaimable},
	    {"SReclaimable:", m->slab_reclaimable},
	    {"SUnreclaim:", m->slab_unreclaimable},
	    {"KernelStack:", m->kernel_stack},
	    {"PageTables:", m->page_tables}, {"NFS_Unstable:", 0},
	    {"Bounce:", 0}, {"WritebackTmp:", 0}, {"CommitLimit:", total},
	    {"Committed_AS:", m->anon},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		add(out, "%-15s %8" PRIu64 " kB\n", rows[i].name,
		    rows[i].bytes / 1024);
}

/* Time that nothing was done in, of what the limit lets be done. */
static uint64_t
idle_us(const struct view_facts *facts)
{
	const uint64_t used = facts->cpu.user_us + facts->cpu.system_us;
	const uint64_t millis = least(facts->cpu.limit_millis > 0 ?
	    facts->cpu.limit_millis : UINT64_MAX,
	    (uint64_t)facts->n_host_cpus * 1000);
	const uint64_t all = facts->age_us / 1000 * millis;

	return all > used ? all - used : 0;
}

static void
write_times(const struct view_facts *facts, uint64_t parts, struct out *out)
{
	add(out, " %" PRIu64 " 0 %" PRIu64 " %" PRIu64 " 0 0 0 0 0 0\n",
	    facts->cpu.user_us / US_PER_TICK / parts,
	    facts->cpu.system_us / US_PER_TICK / parts,
	    idle_us(facts) / US_PER_TICK / parts);
}

/* Whose CPU time was whose is not counted: each had a part of it. */
static void
write_stat(const struct view_facts *facts, struct out *out)
{
	const unsigned n = view_cpus(facts);

	add(out, "cpu ");
	write_times(facts, 1, out);
	for (unsigned i = 0; i < n; i++) {
		add(out, "cpu%u", i);
		write_times(facts, n, out);
	}
	add(out, "intr 0\nctxt 0\nbtime %" PRIu64 "\nprocesses %" PRIu32 "\n"
	    "procs_running 1\nprocs_blocked 0\n"
	    "softirq 0 0 0 0 0 0 0 0 0 0 0\n", facts->boot_unix_s,
	    facts->cpu.n_tasks);
}

static void
write_loadavg(const struct view_facts *facts, struct out *out)
{
	add(out, "%.2f %.2f %.2f 1/%" PRIu32 " %" PRIu32 "\n",
	    facts->loads[0], facts->loads[1], facts->loads[2],
	    facts->cpu.n_tasks, facts->cpu.n_tasks);
}

/* What vmstat(8) looks for. Nobody swaps, and whose the host's reads and writes
 * were is not counted here. */
static void
write_vmstat(const struct view_facts *facts, struct out *out)
{
	add(out, "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n"
	    "pgfault %" PRIu64 "\npgmajfault %" PRIu64 "\n",
	    facts->memory.faults, facts->memory.major_faults);
}

/* A processor's lines end with an empty one. */
static size_t
cpuinfo_length(const char *text, unsigned n)
{
	const char *at = text, *end;

	for (; n > 0 && (end = strstr(at, "\n\n")) != NULL; n--)
		at = end + 2;
	return n > 0 ? strlen(text) : (size_t)(at - text);
}

size_t
view_text(enum view_kind kind, const struct view_facts *facts,
    char buffer[VIEW_TEXT_SIZE], const char **ret_text)
{
	struct out out = {.text = buffer};

	*ret_text = buffer;
	switch (kind) {
	case VIEW_MEMINFO:
		write_meminfo(facts, &out);
		break;
	case VIEW_STAT:
		write_stat(facts, &out);
		break;
	case VIEW_LOADAVG:
		write_loadavg(facts, &out);
		break;
	case VIEW_CPUINFO:
		*ret_text = facts->cpuinfo;
		return cpuinfo_length(facts->cpuinfo, view_cpus(facts));
	case VIEW_VMSTAT:
		write_vmstat(facts, &out);
		break;
	case N_VIEW_KIND:
		break;
	}
	return out.length;
}
