// SPDX-License-Identifier: Apache-2.0
/*
 * The last process of a sandbox to die unmounts its overlay, and overlayfs
 * then writes out the whole file system below: what every other sandbox has
 * not written yet as well. Where the disk is to be deleted anyway nobody should
 * wait for that. A child of ours holds the root file system until they are all
 * dead, and does the unmounting; it has nothing else open.
 */
#pragma once

#include "sandboxd/cgroup/cgroup.h"

/* Children of one worker that may be at it at once; beyond that the sandbox
 * does it, as it always could. */
#define HOLDS_MAX 8

/*
 * Begins to hold the root file system of the sandbox `id` if it has a process.
 * Returns a descriptor, to be closed when all of them are dead, or -1 where
 * nothing is held. The caller is a worker, which ignores SIGCHLD.
 */
int hold_root(const struct cgroup_host *cgroups, const char *id);
