// SPDX-License-Identifier: Apache-2.0
/* Keys that open one sandbox for a while, without being a user's key. */
#pragma once

#include <stdint.h>

#include "common/err.h"

struct store;

#define ACCESS_TTL_MIN_MS 1000ull
#define ACCESS_TTL_MAX_MS (24ull * 3600 * 1000)

#define ACCESS_MAX	  20000 /* of a user at once */

/* Whether a sandbox may be opened for ttl_ms at all: 0 or -EINVAL. */
int access_check(const char *sandbox_id, uint64_t ttl_ms, struct err *err);

/*
 * Lets whoever holds the key of an authorized_keys line into sandbox_id for
 * ttl_ms, in the name of the user, with these rights (0 = all). That the
 * sandbox is the user's to share is the caller's to check first. Rows that have
 * expired are removed on the way. -EDQUOT where he has ACCESS_MAX.
 */
int access_grant(struct store *store, int64_t user_id, const char *sandbox_id,
    const char *line, uint32_t rights, uint64_t ttl_ms, int64_t now_ms,
    int64_t *ret_expires_ms, struct err *err);

/* Removes the rows that have expired. */
int access_expire(struct store *store, int64_t now_ms, struct err *err);
