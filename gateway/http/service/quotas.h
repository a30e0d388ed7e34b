// SPDX-License-Identifier: Apache-2.0
/* What the caller's organisation may have and has, as whoever keeps each limit
 * counts it (common/quota.def). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

struct identity;

enum quota_unit { QUOTA_COUNT, QUOTA_BYTES, QUOTA_MILLIS, N_QUOTA_UNIT };
enum quota_scope { QUOTA_ORGANISATION, QUOTA_USER, QUOTA_DISK,
	N_QUOTA_SCOPE };

struct quota_view {
	const char *name, *text; /* static */
	uint32_t unit, scope;	 /* enum quota_unit, enum quota_scope */
	uint64_t used, limit;	 /* 0 = none */
};

/* Called once, maybe before quotas_get returns; err is NULL, or why there are
 * none. They live until the return. */
typedef void quotas_done(void *arg, const struct quota_view *quotas, size_t n,
    const struct err *err);

/* -EACCES where the caller may not see sandboxes, or is for one alone. */
void quotas_get(struct identity *who, quotas_done *done, void *arg);

/* The one of this name, of which there has to be one. */
const struct quota_view *quotas_find(const struct quota_view *quotas, size_t n,
    const char *name);
