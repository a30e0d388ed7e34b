// SPDX-License-Identifier: Apache-2.0
/*
 * The half of a create that runs in the new process, from the first moment in
 * its namespaces to the exec of init. It begins as the host's root and ends
 * as root of the sandbox's user namespace; the order is what confines.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/disk_mounts.h"
#include "sandboxd/recipe/runtime.h"

/* What fail_at counts from for steps in here; create.c's count from 1. */
#define INSIDE_FIRST_STEP 101

struct inside {
	const struct runtime *runtime;
	const char *id;
	uint32_t slot;
	uint32_t uid_base;
	int userns_fd;
	const int *group_fds; /* become init's 4 and on; cgroup.h */
	/* The worker's other end: parts come here, then a byte when link and
	 * firewall are up; a struct err goes; closed by the exec. */
	int talk_fd;
	/* Its parts, of which it knows nothing at first; blank.h. */
	uint64_t memory_limit_bytes;
	bool is_nesting;
	int root_fd;	 /* detached mount */
	int tmp_fd;	 /* detached mount, for /tmp */
	int listener_fd; /* becomes init's descriptor 3 */
	int log_fd;	 /* and the last but one of those it is born with */
	int *place_fd;	 /* inside_run's: memory_place.h */
	int *sys_fd;	 /* inside_run's: /proc/sys, while it can be written */
	int *size_fd;	 /* inside_run's: what asks init of statfs(2), or -1 */
	char disks[DISK_MOUNTS_SIZE]; /* disk_mount.h */
	int mount_fds[DISK_MOUNTS_MAX]; /* detached mounts, one each */
};

/* Never returns: becomes init, or reports and exits. */
void inside_run(struct inside *inside) __attribute__((noreturn));
