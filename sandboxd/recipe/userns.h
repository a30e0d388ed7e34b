// SPDX-License-Identifier: Apache-2.0
/* User namespaces that map a sandbox's range of host uids and gids. */
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
 * Makes a namespace whose id 0 is uid_base on the host. *ret_fd keeps it
 * alive; the caller closes it.
 */
int userns_make(uint32_t uid_base, enum userns_kind kind, int *ret_fd,
    struct err *err);
