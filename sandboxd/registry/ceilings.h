// SPDX-License-Identifier: Apache-2.0
/* The registry's ceilings: what the sandboxes of an organisation reach at most
 * (docs/EGRESS.md). */
#pragma once

#include "common/rpc.h"
#include "sandboxd/registry/registry.h"

struct ceiling_record {
	const char *org;
	struct rpc_bytes policy; /* rpc.def's list of one; empty: none */
	bool is_operators;
};

/* Calls found(record, data) for every row, whose record lives as long as that;
 * stops at the first negative answer and returns it. */
int registry_load_ceilings(struct registry *registry,
    int (*found)(const struct ceiling_record *record, void *data,
    struct err *err), void *data, struct err *err);

/* Writes an organisation's row, or removes it; durable. */
int registry_set_ceiling(struct registry *registry,
    const struct ceiling_record *record, struct err *err);
