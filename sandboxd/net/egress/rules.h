// SPDX-License-Identifier: Apache-2.0
/* What both locks of the firewall say alike; see egress.h. */
#pragma once

#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/nft.h"

/* Chains every table of ours has. */
#define EGRESS_CHAIN_DESTINATION "destination" /* ends in a verdict */
#define EGRESS_CHAIN_DNS	 "dns"	       /* accepts DNS or returns */
#define EGRESS_CHAIN_REFUSE	 "refuse"      /* counts and rejects */

/* The sets of resolvers, which are there where the host has any. */
#define EGRESS_SET_RESOLVERS "resolver"

/* Whether it has one of this family. */
bool egress_has_resolver(const struct egress_host *host, sa_family_t family);

/*
 * Adds the sets and the three chains to a transaction. Which packets are sent
 * through EGRESS_CHAIN_DESTINATION is the caller's: those that leave a
 * sandbox, both new and established. What is not refused to all goes on in the
 * chain `next`, which is there already, or is accepted where that is NULL; and
 * what is refused is told (told.h), unless that is NULL.
 * is_dns_closed: encrypted DNS is refused, too (encrypted_dns.h).
 */
void egress_add_rules(struct nft *nft, const struct egress_host *host,
    const char *next, bool is_dns_closed);
