// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Of Docker's, without MKNOD and AUDIT_WRITE: neither is worth anything in a
 * user namespace that is not the host's. NET_RAW is not either, over a network
 * that is the host's; but ping and tcpdump carry it as a file's capability, and
 * the kernel executes no such file where the bounding set lacks it. ping itself
 * uses the sockets of net.ipv4.ping_group_range.
 */
static const unsigned kept[] = {
    CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID,
    CAP_SETUID, CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_NET_RAW,
    CAP_SYS_CHROOT, CAP_SETFCAP,
};

/* The kernel's last capability is at most this. */
#define CAPABILITIES_MAX 64

static bool
is_kept(unsigned capability)
{
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (kept[i] == capability)
			return true;
	return false;
}

int
caps_drop(struct err *err)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	uint64_t mask = 0;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return err_errno(err, "ambient capabilities");
	for (unsigned i = 0; i < CAPABILITIES_MAX; i++) {
		if (is_kept(i)) {
			mask |= 1ULL << i;
			continue;
		}
		/* EINVAL: past the last one this kernel knows. */
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0) {
			if (errno == EINVAL)
				break;
			return err_errno(err, "capability %u", i);
		}
	}
	data[0].effective = data[0].permitted = (uint32_t)mask;
	data[1].effective = data[1].permitted = (uint32_t)(mask >> 32);
	if (syscall(SYS_capset, &header, data) < 0)
		return err_errno(err, "capset");
	return 0;
}
