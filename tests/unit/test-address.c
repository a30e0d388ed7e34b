// SPDX-License-Identifier: Apache-2.0
#include "common/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

static void
check(int family, const char *text, const uint8_t source[ADDRESS_SOURCE_SIZE])
{
	uint8_t found[ADDRESS_SOURCE_SIZE];
	union address address = {.any.sa_family = (sa_family_t)family};
	char formatted[ADDRESS_TEXT_SIZE];
	uint16_t port;

	assert(inet_pton(family, text, family == AF_INET ?
	    (void *)&address.in.sin_addr : &address.in6.sin6_addr) == 1);
	address.in.sin_port = htons(22); /* where an IPv6 address has it too */
	address_format(&address, formatted, &port);
	assert(strcmp(formatted, text) == 0 && port == 22);
	assert(address_source(&address.any, found));
	assert(memcmp(found, source, sizeof found) == 0);
}

int
main(void)
{
	static const uint8_t none[ADDRESS_SOURCE_SIZE];
	const union address local = {.any.sa_family = AF_UNIX};
	char text[ADDRESS_TEXT_SIZE] = "x";
	uint8_t source[ADDRESS_SOURCE_SIZE] = {1};
	uint16_t port = 1;

	check(AF_INET, "192.0.2.1",
	    (const uint8_t[]){0, 0, 0, 0, 192, 0, 2, 1});
	check(AF_INET6, "::ffff:192.0.2.1",
	    (const uint8_t[]){0, 0, 0, 0, 192, 0, 2, 1});
	check(AF_INET6, "2001:db8:1:2:3:4:5:6",
	    (const uint8_t[]){0x20, 1, 0xd, 0xb8, 0, 1, 0, 2});
	address_format(&local, text, &port);
	assert(*text == '\0' && port == 0);
	assert(!address_source(&local.any, source));
	assert(memcmp(source, none, sizeof none) == 0);
	assert(!address_source(NULL, source));
	return 0;
}
