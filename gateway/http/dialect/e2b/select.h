// SPDX-License-Identifier: Apache-2.0
/* Which process a request is about. */
#pragma once

#include "common/rpc_calls.h"
#include "gateway/http/engine/field.h"

struct identity;

/* "process": of a request; either of them. */
struct process_selector {
	uint32_t pid; /* 0 = not given */
	const char *tag;
};
extern const struct field_table e2b_selector;

/*
 * The newest of that pid or tag. process is NULL with err where there is none,
 * ESRCH, or nobody knows; called once, maybe before the function returns.
 */
typedef void process_found(void *arg, const struct rpc_process_info *process,
    const struct err *err);
void process_select(struct identity *who, const char *sandbox_id,
    const struct field_objects *selector, process_found *found, void *arg);
