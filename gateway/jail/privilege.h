// SPDX-License-Identifier: Apache-2.0
/* Giving up what root can do; each function is for one program's start. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

/*
 * Becomes `user` with the groups the host gives it, for good: no_new_privs, no
 * capabilities, not dumpable. -ENOENT where there is no such user.
 */
int privilege_become(const char *user, struct err *err);

/*
 * Keeps only the capabilities whose bits are set in `keep` (those linux/
 * capability.h numbers), also for what is executed later.
 */
int privilege_limit(uint64_t keep, struct err *err);

/* The ids of a user or group of the host; -ENOENT and its name. */
int privilege_find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid,
    struct err *err);
int privilege_find_group(const char *name, gid_t *ret_gid, struct err *err);
