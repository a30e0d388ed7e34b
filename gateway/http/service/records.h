// SPDX-License-Identifier: Apache-2.0
/*
 * Lists of what the broker keeps: one call gives all of them, another removes
 * one. They are read one after the other while the answer is there.
 */
#pragma once

#include <stdint.h>

#include "common/rpc.h"

struct identity;

/* Records of one kind; calls of {identity} and of {identity, id}. */
struct records_kind {
	const struct rpc_call *list;
	const struct rpc_call *remove; /* NULL: not removed by a number */
	const struct rpc_layout *layout;
};

extern const struct records_kind records_tokens, records_ssh_keys,
    records_ssh_cas, records_ssh_revocations, records_orgs, records_users,
    records_webhooks, records_agents;

/* Those of an answer that are not read yet. */
struct records {
	const struct rpc_layout *layout;
	struct rpc_bytes bytes;
	uint32_t count;
};

/* Reads the next into *ret_record, the struct of the layout. 1, 0 at the end,
 * or -EBADMSG. */
int records_next(struct records *records, void *ret_record);

/* err is NULL, or why there are none. */
typedef void records_done(void *arg, struct records *records,
    const struct err *err);
typedef void records_end_done(void *arg, const struct err *err);

/* Those of the caller; done is called once, maybe before this returns. */
void records_list(struct identity *who, const struct records_kind *kind,
    records_done *done, void *arg);

/* -ENOENT where the caller has no such thing. */
void records_remove(struct identity *who, const struct records_kind *kind,
    uint64_t id, records_end_done *done, void *arg);
