// SPDX-License-Identifier: Apache-2.0
/*
 * Deleting what a sandbox has built, when no process can reach it any more: by
 * name in open folders, following nothing.
 */
#pragma once

/*
 * Empties the folder of fd, however deep what is in it, with a bounded number
 * of descriptors. 0, -EBUSY where that takes longer than timeout_ms (0: it may
 * take as long as it takes; what is left stays), or another -errno.
 */
int tree_empty(int fd, unsigned timeout_ms);
