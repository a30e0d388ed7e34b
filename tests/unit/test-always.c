// SPDX-License-Identifier: Apache-2.0
/* What is refused to all, as sets and as words. */
#include "sandboxd/net/egress/always.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>

static struct egress_host host;

static bool
is_in(const struct prefix *prefixes, size_t n, const struct prefix *address)
{
	for (size_t i = 0; i < n; i++)
		if (prefix_has(&prefixes[i], address))
			return true;
	return false;
}

/* At random: within the prefix, or beside it in one of its bits. */
static struct prefix
address_near(const struct prefix *prefix)
{
	struct prefix address = *prefix;
	const unsigned size = prefix->family == AF_INET ? 32 : 128;

	address.length = size;
	for (unsigned bit = prefix->length; bit < size; bit++)
		if (rand() % 2 == 0)
			address.address[bit / 8] ^= (unsigned char)(0x80 >>
			    bit % 8);
	if (prefix->length > 0 && rand() % 2 == 0) {
		const unsigned bit = (unsigned)rand() % prefix->length;

		address.address[bit / 8] ^= (unsigned char)(0x80 >> bit % 8);
	}
	return address;
}

/* Addresses at random: the sets say what always_refuses does. */
static void
test_refused(void)
{
	static const char *const allowed[] = {"192.168.77.0/24", "10.1.2.3",
	    "10.128.0.0/9", "10.213.0.0/16", "169.254.0.0/16", "0.0.0.0/1",
	    "fd00:99::/32", "64:ff9b::/96", "fd00:99:1::/48"};
	static struct prefix refused[ALWAYS_REFUSED_MAX];
	struct egress_host other = host;

	for (size_t n = 0; n <= sizeof allowed / sizeof *allowed; n++) {
		const size_t n_refused = always_refused(&other, refused);

		for (int i = 0; i < 4000; i++) {
			const struct prefix address = address_near(rand() % 2 ||
			    n == 0 ? &refused[(size_t)rand() % n_refused] :
			    &other.allowed_private[(size_t)rand() % n]);

			assert(is_in(refused, n_refused, &address) ==
			    (always_refuses(&other, &address, false, -1) !=
			    NULL));
		}
		if (n < sizeof allowed / sizeof *allowed) {
			assert(prefix_parse(allowed[n],
			    &other.allowed_private[n]) == 0);
			other.n_allowed_private = n + 1;
		}
	}
}

int
main(void)
{
	host.range.prefix = 16;
	host.range.base.s_addr = htonl(10u << 24 | 213u << 16);
	host.range.base6.s6_addr[0] = 0xfd;
	test_refused();
	return 0;
}
