// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/forward/resolve.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

int
main(void)
{
	static const char hosts[] = "# words\n127.0.1.1\tsb-x  sb-x.local\n"
	    "not-an-address sb-x\n::1 sb-x # sb-y\n10.0.0.1\n"
	    "10.0.0.2 last";
	struct resolve_address found[RESOLVE_ADDRESSES_MAX];

	assert(resolve_hosts(hosts, "sb-x", found) == 2);
	assert(found[0].family == AF_INET && found[0].bytes[2] == 1);
	assert(found[1].family == AF_INET6 && found[1].bytes[15] == 1);
	assert(resolve_hosts(hosts, "SB-X.local", found) == 1);
	assert(resolve_hosts(hosts, "sb-y", found) == 0);
	assert(resolve_hosts(hosts, "last", found) == 1);
	assert(resolve_hosts("", "x", found) == 0);
	assert(resolve_local("192.0.2.1", found) == 1);
	assert(resolve_local("2001:db8::1", found) == 1);
	assert(resolve_local("127.1", found) == 1);
	assert(found[0].family == AF_INET &&
	    memcmp(found[0].bytes, "\x7f\0\0\1", 4) == 0);
	assert(resolve_local("127.1 x", found) == 0);
	assert(resolve_local("LocalHost", found) == 2);
	return 0;
}
