// SPDX-License-Identifier: Apache-2.0
/* Addresses of sockets. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_SIZE   INET6_ADDRSTRLEN
#define ADDRESS_SOURCE_SIZE 8

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage storage;
};

/* As digits, and the port; "" and 0 for what is neither IPv4 nor IPv6. */
void address_format(const union address *address, char ret[ADDRESS_TEXT_SIZE],
    uint16_t *ret_port);

/*
 * What counts as one source: an IPv4 address, also one mapped into IPv6, after
 * four zero bytes, or an IPv6 /64. False, and all zero, for what is neither, or
 * NULL.
 */
bool address_source(const struct sockaddr *address,
    uint8_t ret[ADDRESS_SOURCE_SIZE]);
