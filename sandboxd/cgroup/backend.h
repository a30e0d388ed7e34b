// SPDX-License-Identifier: Apache-2.0
/* What cgroup.c and its two back ends share; nobody else includes this. */
#pragma once

#include <stddef.h>

#include "sandboxd/cgroup/cgroup.h"

#define CGROUP_GROUP_SIZE 64
#define CGROUP_VALUE_SIZE 64
#define CGROUP_PARENT_MAX 128

/* The trees a host may have; "" in cgroup_host where it has not. */
enum cgroup_tree {
	CGROUP_UNIFIED,
	CGROUP_MEMORY, /* v1 from here on */
	CGROUP_PIDS,
	CGROUP_CPU,
	CGROUP_FREEZER,
	CGROUP_CPUACCT, /* no limits, but programs look for them */
	CGROUP_CPUSET,
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
	/* Bytes in use, once the kernel has tried to have no more than these:
	 * above them a lower limit is refused. */
	int (*shrink)(const struct cgroup_host *host, const char *id,
	    uint64_t bytes, uint64_t *ret_used, struct err *err);
	int (*set_total)(const struct cgroup_host *host,
	    const struct cgroup_limits *limits, struct err *err);
	int (*set_weight)(
	    const struct cgroup_host *host, unsigned weight, struct err *err);
	int (*oom_kills)(const struct cgroup_host *host, const char *id,
	    uint32_t *ret, struct err *err);
	int (*freeze)(const struct cgroup_host *host, const char *id,
	    bool is_frozen, int wait_ms, struct err *err);
	int (*unwritten)(const struct cgroup_host *host, const char *id,
	    uint64_t *ret_bytes, struct err *err);
	bool (*is_frozen)(const struct cgroup_host *host, const char *id);
	/* CGROUP_INIT_KILLS and CGROUP_INIT_OOM of cgroup.h; neither is open
	 * after an error. */
	int (*open_oom)(const struct cgroup_host *host, const char *id,
	    int *ret_kills_fd, int *ret_oom_fd, struct err *err);
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

/* The two groups of a sandbox that its processes are in (cgroup.h). */
#define CGROUP_MAIN   "main"
#define CGROUP_RESCUE "rescue"

/* The tree where a sandbox has these. */
enum cgroup_tree cgroup_leaf_tree(const struct cgroup_host *host);

/* How many us of each period a sandbox may use of all CPUs together. */
void cgroup_cpu_quota(uint32_t cpu_millis, uint32_t *ret_quota_us,
    uint32_t *ret_period_us);

/* Writes ID/LEAF to group[CGROUP_GROUP_SIZE]: an id as far as the functions
 * below are concerned. */
void cgroup_leaf(const char *id, const char *leaf, char *group);

/* The same for what a sandbox's processes are in, in this tree. */
void cgroup_of_processes(const struct cgroup_host *host, enum cgroup_tree tree,
    const char *id, char *group);

/* Makes them, and removes them, as cgroup_remove does; *left_us is what may be
 * waited and becomes what is left of it. */
int cgroup_make_leaves(
    const struct cgroup_host *host, const char *id, struct err *err);
int cgroup_remove_leaves(const struct cgroup_host *host, const char *id,
    uint64_t *left_us, struct err *err);

/* Where init makes groups for processes that live on. */
#define CGROUP_TASKS "tasks"

/*
 * Makes that folder, of `owner`, who is root in the sandbox, and opens it as a
 * mount of its own; -1 where the host has no v2 tree. The caller closes it.
 */
int cgroup_open_tasks(const struct cgroup_host *host, const char *id,
    uid_t owner, int *ret_fd, struct err *err);

/* Removes it with all that is in it, as cgroup_remove_leaves does. */
int cgroup_remove_tasks(const struct cgroup_host *host, const char *id,
    uint64_t *left_us, struct err *err);

/* mkdir(2), where there is none yet; and rmdir(2), again while somebody is
 * still in there, up to *left_us. */
int cgroup_make_folder(const char *path, struct err *err);
int cgroup_remove_folder(const char *path, uint64_t *left_us, struct err *err);

/* An id becomes a path: nothing but a sandbox's name may. 0 or -EINVAL. */
int cgroup_check_id(const char *id, struct err *err);

/*
 * Has the groups below `folder` (a cpuset group) begin with the CPUs and the
 * memory that the one above it has; without, no process could be in one.
 */
int cgroup_v1_open_cpuset(const char *folder, struct err *err);

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
