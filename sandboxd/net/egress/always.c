// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/always.h"

#include <assert.h>
#include <string.h>

struct row {
	const char *prefix, *words;
};

/*
 * Refused whatever the configuration allows: addresses that mean this host,
 * this link (where clouds serve credentials), many hosts, or, written in IPv6,
 * an IPv4 address that would not be looked at.
 */
static const struct row never[] = {
    {"0.0.0.0/8", "this network is never allowed"},
    {"127.0.0.0/8", "loopback is never allowed"},
    {"169.254.0.0/16", "link-local is never allowed"},
    {"192.88.99.0/24", "a 6to4 relay is never allowed"},
    {"224.0.0.0/4", "multicast is never allowed"},
    {"240.0.0.0/4", "a reserved address is never allowed"},
    {"::/96", "loopback is never allowed"},
    {"::ffff:0:0/96", "IPv4 in an IPv6 address is never allowed"},
    {"100::/64", "the discard prefix is never allowed"},
    {"2001::/32", "Teredo is never allowed"},
    {"2002::/16", "6to4 is never allowed"},
    {"fe80::/9", "link-local is never allowed"},
    {"ff00::/8", "multicast is never allowed"},
};
#define N_NEVER (sizeof never / sizeof *never)

#define PRIVATE " is private, and not in this host's allow_private"

/*
 * Refused unless allowed: networks that are somebody's inside. The
 * documentation ranges (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24,
 * 2001:db8::/32) are not among them: they name nobody's inside.
 */
static const struct row private[] = {
    {"10.0.0.0/8", "10.0.0.0/8" PRIVATE},
    {"100.64.0.0/10", "100.64.0.0/10" PRIVATE}, /* carriers' */
    {"172.16.0.0/12", "172.16.0.0/12" PRIVATE},
    /* Protocol assignments, metadata of some. */
    {"192.0.0.0/24", "192.0.0.0/24" PRIVATE},
    {"192.168.0.0/16", "192.168.0.0/16" PRIVATE},
    {"198.18.0.0/15", "198.18.0.0/15" PRIVATE}, /* benchmarks, labs */
    /* NAT64 may lead to any of the above. */
    {"64:ff9b::/96", "64:ff9b::/96" PRIVATE},
    {"64:ff9b:1::/48", "64:ff9b:1::/48" PRIVATE},
    {"fc00::/7", "fc00::/7" PRIVATE},
};
#define N_PRIVATE (sizeof private / sizeof *private)

static const char sandboxes[] = "no sandbox reaches another";

_Static_assert(N_NEVER + ALWAYS_RANGES <= ALWAYS_PREFIXES_MAX &&
    N_PRIVATE <= ALWAYS_PREFIXES_MAX, "there is room for all");

static struct prefix
read_row(const struct row *row)
{
	struct prefix prefix;
	int r = prefix_parse(row->prefix, &prefix);

	assert(r == 0);
	return prefix;
}

void
always_range(const struct net_range *range, struct prefix ret[ALWAYS_RANGES])
{
	memset(ret, 0, ALWAYS_RANGES * sizeof *ret);
	ret[0].family = AF_INET;
	ret[0].length = range->prefix;
	memcpy(ret[0].address, &range->base, sizeof range->base);
	ret[1].family = AF_INET6;
	ret[1].length = 64;
	memcpy(ret[1].address, &range->base6, sizeof range->base6);
}

static struct prefix
half_of(const struct prefix *prefix, bool is_second)
{
	struct prefix half = *prefix;
	const unsigned char bit = (unsigned char)(0x80 >> half.length % 8);
	unsigned char *byte = &half.address[half.length / 8];

	*byte = (unsigned char)(is_second ? *byte | bit : *byte & ~bit);
	half.length++;
	return half;
}

/* Adds what of it the host does not allow: it is halved for as long as that
 * has a part. */
static size_t
add_rest(const struct egress_host *host, const struct prefix *prefix,
    struct prefix *ret, size_t n)
{
	bool is_part = false;

	for (size_t i = 0; i < host->n_allowed_private; i++) {
		if (prefix_has(&host->allowed_private[i], prefix))
			return n;
		is_part = is_part ||
		    prefix_has(prefix, &host->allowed_private[i]);
	}
	if (!is_part) {
		assert(n < ALWAYS_REFUSED_MAX);
		ret[n] = *prefix;
		return n + 1;
	}
	for (int i = 0; i < 2; i++) {
		const struct prefix half = half_of(prefix, i > 0);

		n = add_rest(host, &half, ret, n);
	}
	return n;
}

size_t
always_refused(const struct egress_host *host,
    struct prefix ret[ALWAYS_REFUSED_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < N_NEVER; i++)
		ret[n++] = read_row(&never[i]);
	/* The range itself, so that no allowance opens it from inside. */
	always_range(&host->range, ret + n);
	n += ALWAYS_RANGES;
	for (size_t i = 0; i < N_PRIVATE; i++) {
		const struct prefix prefix = read_row(&private[i]);

		n = add_rest(host, &prefix, ret, n);
	}
	return n;
}

static const char *
find_row(const struct row *rows, size_t n, const struct prefix *inside)
{
	for (size_t i = 0; i < n; i++) {
		struct prefix prefix = read_row(&rows[i]);

		if (prefix_has(&prefix, inside))
			return rows[i].words;
	}
	return NULL;
}

static const char *
find_never(const struct egress_host *host, const struct prefix *inside)
{
	struct prefix range[ALWAYS_RANGES];

	always_range(&host->range, range);
	for (size_t i = 0; i < ALWAYS_RANGES; i++)
		if (prefix_has(&range[i], inside))
			return sandboxes;
	return find_row(never, N_NEVER, inside);
}

static bool
is_resolver(const struct egress_host *host, const struct prefix *address)
{
	for (size_t i = 0; i < host->n_resolvers; i++)
		if (prefix_has(&host->resolvers[i], address))
			return true;
	return false;
}

/* Whether they have an address in common. */
static bool
is_allowed_in(const struct egress_host *host, const struct prefix *prefix)
{
	for (size_t i = 0; i < host->n_allowed_private; i++)
		if (prefix_has(prefix, &host->allowed_private[i]) ||
		    prefix_has(&host->allowed_private[i], prefix))
			return true;
	return false;
}

const char *
always_refuses(const struct egress_host *host, const struct prefix *address,
    bool is_tcp, int port)
{
	const char *why;

	if (port == ALWAYS_DNS_PORT && is_resolver(host, address))
		return NULL;
	if ((why = find_never(host, address)) != NULL)
		return why;
	if (!is_allowed_in(host, address) &&
	    (why = find_row(private, N_PRIVATE, address)) != NULL)
		return why;
	return is_tcp && port == ALWAYS_SMTP_PORT && !host->is_smtp_open ?
	    ALWAYS_SMTP : NULL;
}

bool
always_is_public(const struct egress_host *host, const struct prefix *address)
{
	return find_never(host, address) == NULL &&
	    find_row(private, N_PRIVATE, address) == NULL;
}

const char *
always_refuses_all(const struct egress_host *host,
    const struct prefix *prefix)
{
	const char *why;

	if (is_resolver(host, prefix))
		return NULL;
	if ((why = find_never(host, prefix)) != NULL)
		return why;
	return is_allowed_in(host, prefix) ? NULL :
	    find_row(private, N_PRIVATE, prefix);
}
