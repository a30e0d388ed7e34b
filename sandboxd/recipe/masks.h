// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel shows in /proc and /sys of the host and of other sandboxes,
 * and what of it could be written to (docs/THREATS.md).
 */
#pragma once

#include "common/err.h"

/*
 * Hides it, below the current folder, which is the sandbox's root to be and has
 * both: `paths`, separated by spaces, and besides, whatever that is, what the
 * host does and what its disks and file systems are. A file that is hidden is
 * /dev/null, a folder is the empty one of place_fd (memory_place.h); what this
 * kernel does not have is left out.
 */
int masks_mount(const char *paths, int place_fd, struct err *err);
