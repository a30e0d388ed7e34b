// SPDX-License-Identifier: Apache-2.0
/* How many of each there are, counted as where one more is added. */
#pragma once

#include <stdint.h>

#include "common/err.h"
#include "keys/store.h"

struct counts {
	/* of an organisation */
	int64_t users, cas, revocations, webhooks, agents;
	/* of a user */
	int64_t tokens, keys, accesses;
};

/* Of these two by their ids; user_id 0 has none. 0 or -errno. */
int counts_get(struct store *store, int64_t org_id, int64_t user_id,
    struct counts *ret, struct err *err);
