// SPDX-License-Identifier: Apache-2.0
/*
 * The firewall, in two locks. A small static table in the host's namespace
 * holds what is true for every sandbox; the policy of one sandbox lives in its
 * own network namespace, which it cannot touch, and dies with it. Each is one
 * netlink transaction, without running nft.
 *
 * True for all: no spoofed source, nothing from sandbox to sandbox, nothing to
 * the host itself, nothing to link-local and metadata addresses, nothing to
 * private ranges, except DNS to the configured resolvers; IPv6 the same.
 * Refusals are rejects, so that a connect fails at once.
 */
#pragma once

#include <netinet/in.h>
#include <stddef.h>

#include "common/egress.h"
#include "common/err.h"
#include "common/prefix.h"
#include "sandboxd/net/net.h"

#define EGRESS_RESOLVERS_MAX 8
#define EGRESS_ALLOW_MAX     64

struct policy;

/* Setting encrypted_dns. */
enum egress_encrypted_dns {
	EGRESS_ENCRYPTED_DNS_AUTO, /* closed where names are ruled */
	EGRESS_ENCRYPTED_DNS_ALLOWED, /* the policy's to decide */
	EGRESS_ENCRYPTED_DNS_DENIED,  /* closed to all */
};

struct egress_host {
	const char *table; /* name of the inet table, such as "sandgate" */
	struct net_range range;
	struct prefix resolvers[EGRESS_RESOLVERS_MAX]; /* DNS only */
	size_t n_resolvers;
	/* Private prefixes sandboxes may reach all the same. */
	struct prefix allowed_private[EGRESS_ALLOW_MAX];
	size_t n_allowed_private;
	bool is_smtp_open; /* port 25 of TCP is the policy's to decide */
	enum egress_encrypted_dns encrypted_dns;
	struct egress_limits limits; /* where a policy does not say */
	bool is_closed;	   /* one without a policy of its own reaches nothing */
};

/*
 * Installs or replaces the host table in one transaction: input, forward and
 * prerouting filters for links of the range, and masquerading for what leaves
 * by any other interface. Flows of sandboxes that it forbids are cut before
 * this returns. Idempotent.
 */
int egress_host_install(const struct egress_host *host, struct err *err);

/*
 * The mark of packets to the resolvers by sockets that another process holds.
 * It follows from the table's name, as each table lets those of its mark go to
 * its own resolvers alone, and a host may have several.
 */
uint32_t egress_resolver_mark(const struct egress_host *host);

/* Removes the host table, and that of totals; one that is gone is no error. */
int egress_host_remove(const struct egress_host *host, struct err *err);

/* Whether the host table is there: 1, 0 or -errno. */
int egress_host_exists(const struct egress_host *host, struct err *err);

/*
 * Installs or replaces the table in a sandbox's namespace, in one transaction:
 * the rules for all once more, for what they let through the ceiling (NULL:
 * there is none), for what that lets through its policy, inbound only replies.
 * Where there is a table, it is replaced unless it says just that, and flows
 * that either forbids are cut before this returns. So are the limits of both
 * (limits.h), in the same transaction; and the rates of both ends of the link,
 * whose name in the caller's namespace is `link`.
 */
int egress_sandbox_install(const struct egress_host *host,
    const struct policy *policy, const struct policy *ceiling,
    const char *link, int netns_fd, struct err *err);
