// SPDX-License-Identifier: Apache-2.0
#include "gateway/webhook/public.h"

#include <assert.h>

/* Of IPv6 only what is given out to anybody (2000::/3), but for what wraps an
 * IPv4 address or is for examples. */
static const char *const reserved[] = {
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
};
static const char given_out[] = "2000::/3";

static bool
is_in(const char *text, const struct prefix *address)
{
	struct prefix prefix;
	int r = prefix_parse(text, &prefix);

	assert(r == 0);
	return prefix_has(&prefix, address);
}

bool
public_is_allowed(const struct prefix *address, const struct prefix *networks,
    size_t n_networks)
{
	for (size_t i = 0; i < n_networks; i++)
		if (prefix_has(&networks[i], address))
			return true;
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (is_in(reserved[i], address))
			return false;
	return address->family == AF_INET || is_in(given_out, address);
}
