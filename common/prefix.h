// SPDX-License-Identifier: Apache-2.0
/* Addresses and prefixes of IPv4 and IPv6: 10.0.0.0/8, ::1. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "common/err.h"

#define PREFIX_TEXT_SIZE 52 /* INET6_ADDRSTRLEN, "/" and three digits */

struct prefix {
	sa_family_t family; /* AF_INET or AF_INET6 */
	unsigned char address[16];
	unsigned length; /* bits */
};

/* Reads "address" (all of its bits count) or "address/length". 0 or -EINVAL. */
int prefix_parse(const char *text, struct prefix *ret);

/*
 * Reads up to max of them, separated by spaces or tabs. -EINVAL names `key`
 * and the word at fault.
 */
int prefix_parse_list(const char *key, const char *words, struct prefix *ret,
    size_t max, size_t *ret_n, struct err *err);

/* Whether an address (as prefix_parse reads it) lies inside. */
bool prefix_has(const struct prefix *prefix, const struct prefix *address);

/* Whether bits beyond its length are set, as in 10.0.0.1/8. */
bool prefix_has_host_bits(const struct prefix *prefix);

/* "192.0.2.0/24"; a single address without its length. */
void prefix_format(const struct prefix *prefix, char ret[PREFIX_TEXT_SIZE]);
