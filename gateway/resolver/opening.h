// SPDX-License-Identifier: Apache-2.0
/*
 * What a connection begins with, as far as it names whom it is for: a
 * ClientHello of TLS (RFC 8446, RFC 6066), or the head of a request of HTTP/1
 * (RFC 9112). Strict: what could be read in two ways names nobody.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/egress.h"

/* Of an opening; what is longer names nobody. */
#define OPENING_BYTES_MAX 16384

enum opening_state {
	OPENING_MORE,	/* it is not whole yet */
	OPENING_NAMES,	/* the name is there */
	OPENING_NOBODY, /* no name that can be seen, or no such protocol */
};

struct opening {
	uint32_t kind; /* EGRESS_TLS, EGRESS_HTTP, or 0: neither */
	char name[EGRESS_DOMAIN_SIZE]; /* as egress_domain_read has it */
	size_t size; /* of HTTP: of its head, in bytes */
};

/*
 * Reads the first `size` bytes; *ret is filled as far as is known, also where
 * that is OPENING_NOBODY. A ClientHello with an encrypted one in it (ECH) names
 * nobody: who is meant cannot be seen.
 */
enum opening_state opening_read(const uint8_t *data, size_t size,
    struct opening *ret);

/*
 * The head of HTTP once more, as it is passed on: without what is between two
 * neighbours (RFC 9110 section 7.6.1), and with "Connection: close", so that no
 * other request follows the one that was looked at. `head` is whole, and was
 * OPENING_NAMES. Room for OPENING_BYTES_MAX + OPENING_MORE_BYTES; the bytes
 * written.
 */
#define OPENING_MORE_BYTES 32
size_t opening_close(const uint8_t *head, size_t size, uint8_t *ret);
