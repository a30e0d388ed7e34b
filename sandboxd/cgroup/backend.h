// SPDX-License-Identifier: Apache-2.0
/* What cgroup.c and its two back ends share; nobody else includes this. */
#pragma once

#include <stddef.h>

#include "sandboxd/cgroup/cgroup.h"

#define CGROUP_PATH_SIZE     512
#define CGROUP_VALUE_SIZE    64
#define CGROUP_PARENT_MAX    128
#define CGROUP_CPU_PERIOD_US 100000u

/* The trees a host may have; "" in cgroup_host where it has not. */
enum cgroup_tree {
	CGROUP_UNIFIED,
	CGROUP_MEMORY, /* v1 from here on */
	CGROUP_PIDS,
	CGROUP_CPU,
	CGROUP_FREEZER,
	N_CGROUP_TREE
};

struct cgroup_host {
	const struct cgroup_backend *backend;	/* of the limits */
	const struct cgroup_backend *processes; /* of freeze and kill */
	const char *name;
	char mounts[N_CGROUP_TREE][CGROUP_PATH_SIZE];
	char parent[CGROUP_PARENT_MAX];
};

struct cgroup_backend {
	int (*set_limits)(const struct cgroup_host *host, const char *id,
	    const struct cgroup_limits *limits, struct err *err);
	int (*oom_kills)(const struct cgroup_host *host, const char *id,
	    uint32_t *ret, struct err *err);
	int (*freeze)(const struct cgroup_host *host, const char *id,
	    bool is_frozen, struct err *err);
	bool (*is_frozen)(const struct cgroup_host *host, const char *id);
	int (*kill)(
	    const struct cgroup_host *host, const char *id, struct err *err);
};

extern const struct cgroup_backend cgroup_v1;
extern const struct cgroup_backend cgroup_v2;

/*
 * cgroup_detect with the list of mounts (/proc/self/mountinfo) as a
 * parameter, so that a test can show it another host.
 */
int cgroup_detect_in(const char *mountinfo, const char *parent,
    struct cgroup_host **ret, struct err *err);

/* Lets the groups below `folder` (a v2 group) have memory, pids and cpu. */
int cgroup_v2_delegate(const char *folder, struct err *err);

/* Writes MOUNT/PARENT/ID/FILE, each of id and file left out where NULL, to
 * path[CGROUP_PATH_SIZE]. */
int cgroup_file_path(const struct cgroup_host *host, enum cgroup_tree tree,
    const char *id, const char *file, char *path, struct err *err);

/* One write of value to a file of a sandbox's group. 0 or -errno. */
int cgroup_write(const struct cgroup_host *host, enum cgroup_tree tree,
    const char *id, const char *file, const char *value, struct err *err);

/* Reads such a file, cut to size - 1 bytes and terminated. 0 or -errno. */
int cgroup_read(const struct cgroup_host *host, enum cgroup_tree tree,
    const char *id, const char *file, char *text, size_t size, struct err *err);

/* The number after `key` at the start of a line of text; 0 if none is. */
uint64_t cgroup_value_of(const char *text, const char *key);
