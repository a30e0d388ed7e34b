// SPDX-License-Identifier: Apache-2.0
/*
 * What a sandbox was refused, as its kernel keeps it: each destination once a
 * period. The sets are in the sandbox's table and go with it.
 */
#pragma once

#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/egress/limits.h"
#include "sandboxd/net/nft_told.h"

/* Each destination is told once in so long, and at most so many of a family;
 * what is beyond that is refused without being told. */
#define TOLD_PERIOD_MS 60000
#define TOLD_MAX       64 /* of each family */
#define TOLD_ALL_MAX   (2 * TOLD_MAX + LIMITS_TOLD_MAX)

/* Marks of packets that say what refused them: rule i of the policy is i + 1,
 * none what is refused to all. TOLD_CEILING is added to those of the ceiling's
 * rules and default. */
enum told_mark {
	TOLD_ALWAYS = 0,
	TOLD_DEFAULT = 0x100,
	TOLD_FLOWS,   /* more of them than a sandbox may have */
	TOLD_CEILING = 0x10000,
	/* Refused on its way in: nothing of the sandbox's own. */
	TOLD_INBOUND = 0x20000,
	/* No destination: a limit (limits.h) has been reached, whose enum
	 * egress_limit is added. */
	TOLD_LIMIT = 0x40000,
};

/* Makes the chain "tell", to be jumped to, and its sets. */
#define TOLD_CHAIN "tell"
void told_add_rules(struct nft *nft);

/* Makes the set of a table of limits, and is the end of a rule there that has
 * found one of them reached. */
void told_add_limits(struct nft *nft);
void told_of_limit(struct nft *nft, bool is_ceilings,
    enum egress_limit limit);

/* What was refused within the period, with left_ms of it: into ret, which has
 * room for TOLD_ALL_MAX. */
int told_list(const struct egress_host *host, int netns_fd,
    struct nft_told *ret, size_t *ret_n, struct err *err);

/* A descriptor that is readable when there is more; see nft_told_bell. */
int told_listen(int netns_fd, int *ret_fd, struct err *err);
