// SPDX-License-Identifier: Apache-2.0
/*
 * What a sandbox reads where the kernel would tell of the host: the files of
 * /proc of these names, as proc(5) has them, of its own limits and use. Pure.
 */
#pragma once

#include <stddef.h>

#include "common/load_average.h"
#include "sandboxd/cgroup/use.h"

enum view_kind {
	VIEW_MEMINFO,
	VIEW_STAT,
	VIEW_LOADAVG,
	VIEW_CPUINFO,
	VIEW_VMSTAT,
	N_VIEW_KIND
};

/* The names in /proc. */
extern const char *const view_names[N_VIEW_KIND];

/* For all CPUs of a host: a line of /proc/stat has less than 64 bytes. */
#define VIEW_CPUS_MAX  1024u
#define VIEW_TEXT_SIZE (VIEW_CPUS_MAX * 64 + 4096)

struct view_facts {
	struct cgroup_memory_use memory;
	struct cgroup_cpu_use cpu;
	uint64_t host_memory_bytes; /* no limit is more */
	unsigned n_host_cpus;	    /* at least 1, nor that */
	uint64_t age_us;	    /* since the sandbox was started */
	uint64_t boot_unix_s;	    /* when that was */
	double loads[LOAD_AVERAGES];
	const char *cpuinfo; /* the host's /proc/cpuinfo */
};

/* As many as the limit amounts to, rounded up, and no more than there are. */
unsigned view_cpus(const struct view_facts *facts);

/*
 * The text of one: *ret_text, which points to buffer or into facts->cpuinfo,
 * and its length. Numbers keep their places unless they get longer.
 */
size_t view_text(enum view_kind kind, const struct view_facts *facts,
    char buffer[VIEW_TEXT_SIZE], const char **ret_text);
