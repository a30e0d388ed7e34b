// SPDX-License-Identifier: Apache-2.0
/*
 * Landlock (landlock(7)) by its system calls: which files this process may
 * open, make, move and remove, for good. What it does not hold, as chmod(2),
 * the system call filter does (syscalls.h).
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>

#include "common/err.h"

/*
 * Whether the kernel that runs can hold a login for files alone. 0, or
 * -EOPNOTSUPP with words that say which kernel does.
 */
int landlock_check(struct err *err);

/*
 * From here on this process opens nothing but what is below the folders and
 * files that are in / now, without /proc, /dev and /sys; it writes, makes,
 * moves and removes there only where it `writes`, and makes no devices, FIFOs
 * or sockets anywhere. / itself cannot be opened any more: *ret_root is it,
 * open for reading, and the caller's. 0 or -errno with words.
 */
int landlock_enter(bool writes, DIR **ret_root, struct err *err);
