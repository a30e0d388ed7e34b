// SPDX-License-Identifier: Apache-2.0
/*
 * What a sandbox may reach, as E2B has it: what is allowed is allowed whatever
 * is denied, and what is neither is.
 */
#pragma once

#include "gateway/http/dialect/e2b/e2b.h"

struct network_wish {
	struct rpc_strv allowed, denied;
};
extern const struct field_table e2b_network;

/*
 * A list of one policy, which the caller frees, or none where nothing is said.
 * A failure's field begins with `path`.
 */
int network_make(const struct network_wish *wish, enum field_boolean internet,
    const char *path, struct rpc_bytes *ret, struct failure *failure);
