// SPDX-License-Identifier: Apache-2.0
/*
 * What a sandbox sees of its limits: its own groups, at /sys/fs/cgroup, where
 * the JVM, node, Go and others look for the memory and the CPUs they may use.
 */
#pragma once

#include "sandboxd/recipe/runtime.h"

/*
 * Mounts them, read-only, below the current folder, which is the sandbox's root
 * to be and has /sys; from the host's file systems, which must still be there.
 * As the kernel has them: version 2's folder, or one for each controller of
 * version 1. The groups exist.
 */
int limits_view_mount(const struct runtime *runtime, const char *id,
    struct err *err);
