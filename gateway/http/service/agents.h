// SPDX-License-Identifier: Apache-2.0
/* Agents of the caller's organisation (keys/agent.h); lists and removal are
 * records.h's. */
#pragma once

#include "gateway/http/service/records.h"
#include "gateway/protocol/broker_calls.h"

struct identity;

/* The agent, until the return; or why there is none. */
typedef void agents_done(void *arg, const struct rpc_agent_info *agent,
    const struct err *err);

/* Adds one; wish->identity is filled in. done is called once, maybe before
 * this returns. */
void agents_add(struct identity *who, struct rpc_agent_add_req *wish,
    agents_done *done, void *arg);

/* ENOENT where the organisation has none of that number. */
void agents_get(struct identity *who, uint64_t id, agents_done *done,
    void *arg);
