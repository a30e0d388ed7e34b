// SPDX-License-Identifier: Apache-2.0
/*
 * Names to addresses without the C library's name services, which a static
 * program cannot load. What the DNS answers is parsed by a short-lived child
 * that is nobody.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define RESOLVE_ADDRESSES_MAX 8

struct resolve_address {
	int32_t family; /* AF_INET or AF_INET6 */
	uint8_t bytes[16];
};

/*
 * Addresses that need no network: numeric hosts, "localhost", /etc/hosts.
 * Returns how many, 0 where the DNS must be asked.
 */
size_t resolve_local(const char *host,
    struct resolve_address ret[RESOLVE_ADDRESSES_MAX]);

/* The same, from the text of a hosts file only. */
size_t resolve_hosts(const char *text, const char *host,
    struct resolve_address ret[RESOLVE_ADDRESSES_MAX]);

/*
 * Asks the DNS in a child; *ret_fd becomes readable when it is done and is the
 * caller's to close. The child ends by itself and is an orphan to reap.
 * 0 or -errno.
 */
int resolve_start(const char *host, int *ret_fd);

/* What the child found; 0 for nothing. */
size_t resolve_read(int fd, struct resolve_address ret[RESOLVE_ADDRESSES_MAX]);
