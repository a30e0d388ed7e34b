// SPDX-License-Identifier: Apache-2.0
/* What a sandbox may reach, in Sandbox0's words. */
#pragma once

#include "gateway/http/dialect/sandbox0/sandbox0.h"

struct network_wish {
	uint32_t mode;
	struct field_objects egress;
	char *bindings; /* of credentials: there are none */
};

extern const struct field_table sandbox0_network_wish;

/* A list of one policy; the caller frees ret->data. What cannot be is a failure
 * of its field, whose path begins with `path`. */
int sandbox0_network_make(const struct network_wish *wish, const char *path,
    struct rpc_bytes *ret, struct failure *failure);

void sandbox0_get_network(struct exchange *exchange);
void sandbox0_set_network(struct exchange *exchange);
