// SPDX-License-Identifier: Apache-2.0
/* A sandbox as the API shows it, from the rows of common/sandbox.def. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "common/rpc_calls.h"

/*
 * The object of docs/API.md, with how SSH is served: host and port. The
 * caller's; NULL where memory is out.
 */
json_t *sandbox_to_json(const struct rpc_sandbox_info *info, const char *host,
    uint32_t port);
