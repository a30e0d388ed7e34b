// SPDX-License-Identifier: Apache-2.0
/*
 * What is refused to every sandbox whatever its policy says, as data: the
 * rules of both locks are made from it, and refusals named by it. Nothing here
 * needs a kernel.
 */
#pragma once

#include "common/prefix.h"
#include "sandboxd/net/egress/egress.h"

#define ALWAYS_PREFIXES_MAX 24
#define ALWAYS_RANGES	    2 /* the sandboxes' own, of either family */
#define ALWAYS_DNS_PORT	    53
#define ALWAYS_SMTP_PORT    25
#define ALWAYS_SMTP	    "mail's port is closed here (allow_smtp)"

/* What is never to be reached, and what is private but for what the host
 * allows of it, which leaves of a prefix one for each of its bits at most; how
 * many. */
#define ALWAYS_REFUSED_MAX \
	(2 * ALWAYS_PREFIXES_MAX + 128 * EGRESS_ALLOW_MAX)
size_t always_refused(const struct egress_host *host,
    struct prefix ret[ALWAYS_REFUSED_MAX]);

/* The range as two prefixes. */
void always_range(const struct net_range *range,
    struct prefix ret[ALWAYS_RANGES]);

/*
 * Why no packet to this address and port of TCP or UDP (`port`; -1: neither)
 * leaves, or NULL where the policy decides. Static words. The host's own
 * addresses are known to its kernel alone.
 */
const char *always_refuses(const struct egress_host *host,
    const struct prefix *address, bool is_tcp, int port);

/* Whether it is neither refused always nor private, whatever the host allows:
 * where a name of somebody else's may lead. */
bool always_is_public(const struct egress_host *host,
    const struct prefix *address);

/* Why nothing within the prefix can be reached, or NULL. */
const char *always_refuses_all(const struct egress_host *host,
    const struct prefix *prefix);
