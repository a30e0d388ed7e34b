// SPDX-License-Identifier: Apache-2.0
#include "common/address.h"

#include <arpa/inet.h>
#include <string.h>

void
address_format(const union address *address, char ret[ADDRESS_TEXT_SIZE],
    uint16_t *ret_port)
{
	*ret = '\0';
	*ret_port = 0;
	if (address->any.sa_family == AF_INET) {
		(void)inet_ntop(AF_INET, &address->in.sin_addr, ret,
		    ADDRESS_TEXT_SIZE);
		*ret_port = ntohs(address->in.sin_port);
	} else if (address->any.sa_family == AF_INET6) {
		(void)inet_ntop(AF_INET6, &address->in6.sin6_addr, ret,
		    ADDRESS_TEXT_SIZE);
		*ret_port = ntohs(address->in6.sin6_port);
	}
}

bool
address_source(const struct sockaddr *address,
    uint8_t ret[ADDRESS_SOURCE_SIZE])
{
	union address copy;

	/* No global /64 begins with a zero byte. */
	memset(ret, 0, ADDRESS_SOURCE_SIZE);
	if (address != NULL && address->sa_family == AF_INET) {
		memcpy(&copy.in, address, sizeof copy.in);
		memcpy(ret + 4, &copy.in.sin_addr, 4);
		return true;
	}
	if (address == NULL || address->sa_family != AF_INET6)
		return false;
	memcpy(&copy.in6, address, sizeof copy.in6);
	if (IN6_IS_ADDR_V4MAPPED(&copy.in6.sin6_addr))
		memcpy(ret + 4, copy.in6.sin6_addr.s6_addr + 12, 4);
	else
		memcpy(ret, copy.in6.sin6_addr.s6_addr, ADDRESS_SOURCE_SIZE);
	return true;
}
