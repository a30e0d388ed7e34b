// SPDX-License-Identifier: Apache-2.0
/* Whom a webhook may be posted to. */
#include "gateway/webhook/public.h"

#include <assert.h>

static bool
is_allowed(const char *text, const char *network)
{
	struct prefix address, allowed;

	assert(prefix_parse(text, &address) == 0);
	assert(*network == '\0' || prefix_parse(network, &allowed) == 0);
	return public_is_allowed(&address, &allowed, *network != '\0');
}

int
main(void)
{
	static const char *const own[] = {"127.0.0.1", "127.255.255.255",
	    "0.0.0.0", "10.1.2.3", "100.64.0.1", "169.254.169.254",
	    "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.0.0.1",
	    "198.19.0.1", "203.0.113.7", "224.0.0.1", "255.255.255.255",
	    "::", "::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "fe80::1",
	    "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
	    "2002:7f00:1::", "2001:0:1::"};
	static const char *const others[] = {"8.8.8.8", "172.32.0.1",
	    "100.128.0.1", "192.0.1.1", "2a00:1450::1", "2600::1"};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		assert(!is_allowed(own[i], ""));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert(is_allowed(others[i], ""));
	assert(is_allowed("127.0.0.1", "127.0.0.0/8"));
	assert(is_allowed("10.1.2.3", "10.1.0.0/16"));
	assert(!is_allowed("10.2.2.3", "10.1.0.0/16"));
	assert(!is_allowed("::1", "127.0.0.0/8"));
	return 0;
}
