// SPDX-License-Identifier: Apache-2.0
/*
 * Limits of memory, processes and CPU, and freezing and killing all of a
 * sandbox at once. Two back ends: the unified hierarchy, and version 1 or
 * hybrid, where the controllers are v1 and freezing and killing are the v2
 * tree's if there is one, else the freezer's. Only groups under one parent
 * group of ours are ever touched.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/cgroup_mount.h"
#include "common/err.h"

struct cgroup_host; /* what was found at start */

/*
 * Processes of a sandbox beyond its limit, for the owner's rescue: they are in
 * a group of their own, which no process in the other gets into. So each group
 * has two below it where the kernel counts processes, "main" with init and all
 * that it starts, and "rescue".
 */
#define CGROUP_PIDS_RESERVE 64

#define CGROUP_PATH_SIZE CGROUP_MOUNT_SIZE

struct cgroup_limits {
	uint64_t memory_bytes;
	uint32_t pids;
	uint32_t cpu_millis; /* 1000 = one CPU */
};

/*
 * Finds the hierarchies and makes the parent group `parent` ("sandgate") in
 * each. Free with cgroup_host_free, which removes nothing.
 */
int cgroup_detect(const char *parent, struct cgroup_host **ret,
    struct err *err);
void cgroup_host_free(struct cgroup_host *host);

/*
 * Memory and processes of all sandboxes together, limits->cpu_millis aside: the
 * limits of the parent group. -EBUSY where they have more than that now.
 */
int cgroup_limit_all(const struct cgroup_host *host,
    const struct cgroup_limits *limits, struct err *err);

/*
 * What all sandboxes together get of a CPU that others of the host want as
 * well: a weight from 1 to 10000, where each other group beside the parent has
 * 100 (cpu.weight of cgroups(7)), and on version 1 each process outside of all
 * groups too, or its session. It takes nothing from them where nobody does.
 */
int cgroup_weigh_all(const struct cgroup_host *host, unsigned weight,
    struct err *err);

/* "v2", "v1" or "v1+v2"; static storage. */
const char *cgroup_backend(const struct cgroup_host *host);

/* Makes the groups of a sandbox with their limits; swap is off for them.
 * Existing groups of that id are reused. On failure nothing is left. */
int cgroup_create(const struct cgroup_host *host, const char *id,
    const struct cgroup_limits *limits, struct err *err);

/* Gives groups that there are other limits. */
int cgroup_change(const struct cgroup_host *host, const char *id,
    const struct cgroup_limits *limits, struct err *err);

/*
 * Gives the groups of a sandbox other limits. -EBUSY, and all as it was, where
 * it has more memory in use than it would have and the kernel finds none to
 * take back; nobody is killed for it.
 */
int cgroup_resize(const struct cgroup_host *host, const char *id,
    const struct cgroup_limits *limits, struct err *err);

/*
 * A descriptor of the sandbox's v2 group for CLONE_INTO_CGROUP, or -1 in
 * *ret_fd where there is no v2 tree. The caller closes it.
 */
int cgroup_open(const struct cgroup_host *host, const char *id, int *ret_fd,
    struct err *err);

/*
 * Says that a process will be attached soon. On v1 that has to wait for a grace
 * period of the kernel, the same for all who ask; a child of ours, who ignore
 * SIGCHLD, asks for it now, and what is done until then costs no time. Returns
 * whether it did: then nothing that makes groups or is born in one should be
 * done before the attach, for it would wait for the same. On v2 it did not.
 */
bool cgroup_announce(const struct cgroup_host *host);

/* Puts a process into every v1 group of the sandbox (and into the v2 one where
 * CLONE_INTO_CGROUP was not used). About 11 ms alone on v1. */
int cgroup_attach(const struct cgroup_host *host, const char *id, pid_t pid,
    bool is_in_v2, struct err *err);

/* The files of its groups that the init of a sandbox has open, and how. */
enum cgroup_init_file {
	CGROUP_INIT_MAIN,   /* cgroup.procs of main, to write */
	CGROUP_INIT_RESCUE, /* and of rescue */
	CGROUP_INIT_USED,   /* pids.current of main, to read */
	CGROUP_INIT_MAX,    /* pids.max of main, to read */
	CGROUP_INIT_KILLS,  /* where `oom_kill N` says how many, to read */
	CGROUP_INIT_OOM,    /* to wait for news of that: an eventfd, or where
			     * version 2 has it, that file (EPOLLPRI) */
	CGROUP_INIT_TASKS,  /* the folder for groups of its own; -1 = none */
	N_CGROUP_INIT_FILE
};

/*
 * Opens those files; `owner` is root in the sandbox. Who writes "0" to the
 * first two moves itself, on the permission of who opened them, and never above
 * the sandbox's own groups. The caller closes them; none is open after an
 * error.
 */
int cgroup_open_for_init(const struct cgroup_host *host, const char *id,
    uid_t owner, int ret_fds[N_CGROUP_INIT_FILE], struct err *err);

/*
 * Stops all its processes where they are, or lets them go on; returns when it
 * is so. -ETIMEDOUT after CGROUP_FREEZE_WAIT_MS: one sleeps in the kernel, and
 * those that are frozen stay so. -ENOENT where there is no such group.
 */
#define CGROUP_FREEZE_WAIT_MS 2000
int cgroup_freeze(const struct cgroup_host *host, const char *id,
    struct err *err);
int cgroup_thaw(const struct cgroup_host *host, const char *id,
    struct err *err);

/* The same, but waits wait_ms at most until all stand still. */
int cgroup_freeze_within(const struct cgroup_host *host, const char *id,
    int wait_ms, struct err *err);

/* What it has written to files and is in memory alone, about; no group has
 * nothing. */
int cgroup_unwritten(const struct cgroup_host *host, const char *id,
    uint64_t *ret_bytes, struct err *err);

/* Whether it was last told to freeze, and not to thaw; false where there is no
 * such group. */
bool cgroup_is_frozen(const struct cgroup_host *host, const char *id);

/*
 * What a sandbox may see of its own groups, one after the other: a folder of
 * the host goes to path[CGROUP_PATH_SIZE], and to *ret_name (static storage)
 * what it is called in /sys/fs/cgroup inside; "" is that itself. Returns 1, 0
 * past the last, or -errno.
 */
int cgroup_view(const struct cgroup_host *host, const char *id, unsigned i,
    const char **ret_name, char *path, struct err *err);

/* Sends SIGKILL to all of them, also while frozen. Does not wait. A group that
 * is gone is no error. */
int cgroup_kill(const struct cgroup_host *host, const char *id,
    struct err *err);

/* A process of the sandbox, or 0 in *ret where it has none. */
int cgroup_first_process(const struct cgroup_host *host, const char *id,
    pid_t *ret, struct err *err);

/* Removes the groups, waiting up to timeout_ms for the last process to go;
 * groups that are gone are no error. */
int cgroup_remove(const struct cgroup_host *host, const char *id,
    unsigned timeout_ms, struct err *err);

/* Removes the parent groups where they are empty. */
int cgroup_remove_parent(const struct cgroup_host *host, struct err *err);

/* Processes the kernel has killed for memory so far. */
int cgroup_oom_kills(const struct cgroup_host *host, const char *id,
    uint32_t *ret, struct err *err);

/* Calls found(id, data) for every sandbox group there is. */
int cgroup_list(const struct cgroup_host *host,
    void (*found)(const char *id, void *data), void *data, struct err *err);
