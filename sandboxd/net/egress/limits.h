// SPDX-License-Identifier: Apache-2.0
/*
 * How much a sandbox sends and receives (docs/EGRESS.md, Rates and numbers), in
 * tables of their own in its namespace: one for what its policy says, or the
 * host, and one for what its organisation's ceiling does. Each is replaced
 * only where it says something else, so that another policy does not begin
 * counting anew. One without limits has neither, and pays nothing.
 */
#pragma once

#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/nft.h"

/* Whose limits: the mark of what is told says that too, by TOLD_CEILING. */
enum limits_whose { LIMITS_OWN, LIMITS_CEILING, N_LIMITS_WHOSE };

#define LIMITS_TABLE_SIZE  80
#define LIMITS_MARKER_SIZE 40

struct limits {
	struct egress_limits value;
	char table[LIMITS_TABLE_SIZE], marker[LIMITS_MARKER_SIZE];
	/* What limits_look has found. */
	bool is_there, is_replaced, is_removed;
};

struct limits_plan {
	struct limits of[N_LIMITS_WHOSE];
	/* The lower of both, 0 = none: what the links are to send. */
	uint64_t out_bytes_per_second, in_bytes_per_second;
	bool has_any, had_any;
	bool is_looked; /* else nothing is there yet */
};

/* What is wanted, as of a namespace where nothing is. ceiling NULL: none. */
void limits_plan(const struct egress_host *host, const struct policy *policy,
    const struct policy *ceiling, struct limits_plan *ret);

/* Looks in the caller's namespace what of that is there already: 1 where
 * something is to be done, 0, or -errno. */
int limits_look(struct limits_plan *plan, struct err *err);

/* Adds what is to be done to a transaction, which has another table. is_anew:
 * what is there is of another form, and goes. */
void limits_add(const struct limits_plan *plan, bool is_anew,
    struct nft *nft);

/* The name of the table that a bell may be about. */
void limits_table(const struct egress_host *host, enum limits_whose whose,
    char ret[LIMITS_TABLE_SIZE]);

/* What is kept in the told sets of these tables; see told.h. */
#define LIMITS_TOLD_MAX (N_LIMITS_WHOSE * N_EGRESS_LIMIT)
