// SPDX-License-Identifier: Apache-2.0
/*
 * statfs(2) inside a sandbox is answered by its init, which could not wait for
 * itself (sandboxd/init/disk_size.h): with this as its third argument, of
 * which the kernel knows nothing, the system call filter lets it through.
 */
#pragma once

#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define STATFS_PLAIN 0x73616e6467617465ULL

/* fstatfs(2), of the kernel's own. */
static inline int
fstatfs_plain(int fd, struct statfs *ret)
{
	return (int)syscall(SYS_fstatfs, fd, ret, STATFS_PLAIN);
}
