// SPDX-License-Identifier: Apache-2.0
/*
 * Who holds a capability: what they are asking for, and what they are writing.
 * It ends when they hang up, when the broker says so, or in time.
 */
#pragma once

#include "common/rpc_server.h"
#include "gateway/depot/depot.h"
#include "gateway/protocol/handover.h"

struct call;
struct upload;
struct grep;

/* Whose a job is, for a thread that it may outlive its holder in. */
struct holder_scope {
	char org[HANDOVER_DEPOT_NAME_SIZE], owner[HANDOVER_DEPOT_NAME_SIZE];
	struct scope scope; /* of these */
};

struct holder {
	LIST_ENTRY(holder) link;
	struct depot *depot;
	struct rpc_server server;
	struct loop_watch watch;
	struct loop_timer expiry;
	uint64_t number; /* of the identity that it stands for */
	struct holder_scope whose;
	LIST_HEAD(, call) calls; /* being answered */
	unsigned n_calls;
	LIST_HEAD(, upload) uploads;
	LIST_HEAD(, grep) greps;
};

/* One as the broker orders it; takes over fd. */
int holder_new(struct depot *depot, const struct handover_depot *order,
    int fd, struct err *err);

/* What it is writing has never been there, and what it asked for and has not
 * begun is not done. */
void holder_free(struct holder *holder);

void holder_copy_scope(const struct holder *holder, struct holder_scope *ret);

/* Those of one number, and of an organisation's name. */
void holders_cut(struct depot *depot, uint64_t number);
void holders_cut_org(struct depot *depot, const char *org);
