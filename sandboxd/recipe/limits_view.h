// SPDX-License-Identifier: Apache-2.0
/*
 * What a sandbox sees of its limits: its own groups, at /sys/fs/cgroup, where
 * the JVM, node, Go and others look for the memory and the CPUs they may use.
 */
#pragma once

#include "sandboxd/recipe/runtime.h"

/*
 * Mounts them, read-only and over a folder of place_fd (memory_place.h), below
 * the current folder, which is the sandbox's root to be and has /sys; from the
 * host's file systems, which must still be there. As the kernel has them:
 * version 2's folder, or one for each controller of version 1. The groups
 * exist.
 */
int limits_view_mount(const struct runtime *runtime, const char *id,
    int place_fd, struct err *err);

/*
 * Puts a file of the sandbox's root, uid `owner` of the host, over the list of
 * CPUs that are online, which the C library counts: /dev/.online, in which init
 * writes how many the limit amounts to (sandboxd/init/process/cpus.h). /dev is
 * mounted.
 */
int limits_view_cpus(uint32_t owner, struct err *err);
