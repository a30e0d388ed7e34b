// SPDX-License-Identifier: Apache-2.0
/*
 * The session ids of recent logins. A client's signature is over the id of its
 * key exchange, which no two connections share: one that comes again was kept
 * by somebody who should not have it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Logins that are remembered, the newest; and bytes kept of each id's hash. */
#define SESSION_IDS_MAX	  16384
#define SESSION_IDS_HASH_BYTES 16

struct session_ids {
	uint8_t hashes[SESSION_IDS_MAX][SESSION_IDS_HASH_BYTES];
	size_t n;    /* of them in use */
	size_t next; /* the one that is overwritten next */
};

/* Whether the id is new; it is remembered from now on. */
bool session_ids_is_new(struct session_ids *ids, const uint8_t *session_id,
    size_t size);
