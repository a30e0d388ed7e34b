// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets whose unread messages the kernel charges to no group: netlink, ICMP
 * and raw ones. What each may hold is fixed (recipe/seccomp.c), so that their
 * number bounds the memory. Unix sockets are charged (GFP_KERNEL_ACCOUNT).
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* How many there are in the network namespace of a process; 0 where it is
 * gone. Reads one small file of /proc. */
uint64_t uncharged_of_process(pid_t pid);

/* The same of such a file, for tests. */
uint64_t uncharged_read(const char *path);
