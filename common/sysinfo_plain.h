// SPDX-License-Identifier: Apache-2.0
/*
 * sysinfo(2) inside a sandbox is answered by its init (answers.h), which could
 * not wait for itself: with this as its second argument, of which the kernel
 * knows nothing, the system call filter lets it through.
 */
#pragma once

#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define SYSINFO_PLAIN 0x73616e6467617465ULL

/* The kernel's own. */
static inline int
sysinfo_plain(struct sysinfo *ret)
{
	return (int)syscall(SYS_sysinfo, ret, SYSINFO_PLAIN);
}
