// SPDX-License-Identifier: Apache-2.0
/* Where the trees of cgroups are mounted on this host. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

#define CGROUP_MOUNT_SIZE 512

/*
 * Writes to ret[CGROUP_MOUNT_SIZE] where the version 1 tree with this
 * controller is mounted, or, controller NULL, the tree of version 2; "" where
 * it is not. mountinfo is /proc/self/mountinfo, or what a test has in its
 * place. 0 or -errno.
 */
int cgroup_mount_find(const char *mountinfo, const char *controller, char *ret,
    struct err *err);

/* Whether `word` is one of the words of a list by commas or blanks. */
bool cgroup_mount_has_word(const char *list, const char *word);
