// SPDX-License-Identifier: Apache-2.0
/*
 * Who holds a capability: what they are asking for, and what they are writing.
 * It ends when they hang up, when the broker says so, or in time.
 */
#pragma once

#include "common/rpc_server.h"
#include "gateway/depot/depot.h"
#include "gateway/protocol/handover.h"

struct upload;
struct grep;

struct holder {
	LIST_ENTRY(holder) link;
	struct depot *depot;
	struct rpc_server server;
	struct loop_watch watch;
	struct loop_timer expiry;
	uint64_t number; /* of the identity that it stands for */
	char org[HANDOVER_DEPOT_NAME_SIZE], owner[HANDOVER_DEPOT_NAME_SIZE];
	struct scope scope; /* of these */
	LIST_HEAD(, upload) uploads;
	LIST_HEAD(, grep) greps;
};

/* One as the broker orders it; takes over fd. */
int holder_new(struct depot *depot, const struct handover_depot *order,
    int fd, struct err *err);

/* What it is writing has never been there. */
void holder_free(struct holder *holder);

/* Those of one number, and of an organisation's name. */
void holders_cut(struct depot *depot, uint64_t number);
void holders_cut_org(struct depot *depot, const char *org);
