// SPDX-License-Identifier: Apache-2.0
/*
 * What setting `encrypted_dns` closes (docs/EGRESS.md): DNS over TLS and QUIC,
 * which have a port (RFC 7858, RFC 9250), and over HTTPS where that is known to
 * be served (common/encrypted_dns.def).
 */
#pragma once

#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/nft.h"

/* Whether it is closed to a sandbox of this policy; NULL: to all of them. */
bool encrypted_dns_is_closed(const struct egress_host *host,
    const struct policy *policy);

/* The same by a ceiling beside it, or (NULL) without one. */
static inline bool
encrypted_dns_is_closed_by(const struct egress_host *host,
    const struct policy *policy, const struct policy *ceiling)
{
	return encrypted_dns_is_closed(host, policy) ||
	    (ceiling != NULL && encrypted_dns_is_closed(host, ceiling));
}

/* Why, where it is, no packet to this port of TCP or UDP leaves, or NULL.
 * Static words. */
const char *encrypted_dns_refuses(const struct prefix *to, int port);

/* Whether a rule can allow nothing else, by a name or by its ports: -EINVAL
 * names the field. The caller knows that it is closed. */
int encrypted_dns_check(const struct policy *policy, struct err *err);

/* Adds what refuses it to a chain of a transaction; once in a table. */
void encrypted_dns_add_rules(struct nft *nft, const char *chain);
