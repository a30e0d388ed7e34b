// SPDX-License-Identifier: Apache-2.0
/*
 * User namespaces that map a sandbox's range of host uids and gids, and how
 * many namespaces may be made in them: none, but in a nesting sandbox.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"

/* The uid that a second extent maps to the host's 0, in namespaces made for
 * idmapped mounts; overlayfs' work folder belongs to it. */
#define USERNS_HOST_ROOT 65536

enum userns_kind {
	USERNS_SANDBOX, /* ids 0 to 65535, for processes */
	USERNS_IDMAP,	/* and USERNS_HOST_ROOT, for mounts alone */
};

/*
 * Namespaces of a kind that a nesting sandbox may have at once, its own user
 * namespace among them; of users the kernel counts, so all of them together are
 * counted as one, in a user namespace between the sandbox's and the host's.
 */
#define USERNS_NESTED_MAX     256
#define USERNS_NESTED_NET_MAX 64

/* As userns_make of USERNS_SANDBOX, with these limits. */
int userns_make_nesting(uint32_t uid_base, int *ret_fd, struct err *err);

/*
 * Makes a namespace whose id 0 is uid_base on the host. *ret_fd keeps it
 * alive; the caller closes it.
 */
int userns_make(uint32_t uid_base, enum userns_kind kind, int *ret_fd,
    struct err *err);

/*
 * As root of such a namespace: has no namespaces made in it. sys_fd is a folder
 * /proc/sys of a procfs of the sandbox's own (net_settle of net/net.h says
 * why).
 */
int userns_close(int sys_fd, struct err *err);
