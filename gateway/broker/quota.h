// SPDX-License-Identifier: Apache-2.0
/* What an organisation may have, as sandboxd is told of it. */
#pragma once

#include "common/rpc_calls.h"

struct broker;

/* Fills in the limits of cap->org. Where the database cannot be read it is
 * logged, and they are those of one that may have nothing. */
void broker_quota_fill(struct broker *broker, struct rpc_cap_open_req *cap);
