// SPDX-License-Identifier: Apache-2.0
/* Idempotency-Key, by which one who did not hear the answer asks again for the
 * same and does not get two (docs/API.md). */
#pragma once

#include "gateway/http/engine/exchange.h"

#define REPEAT_KEY_MAX	 255 /* bytes of the header */
#define REPEAT_HASH_SIZE 33  /* of the first half of a SHA-256, in hex */

/* Both "" where the request has no key. */
struct repeat_key {
	char key[REPEAT_HASH_SIZE];
	char body[REPEAT_HASH_SIZE]; /* of what it is asked for, and where */
};

/* Of a request of a route that is_repeatable. -EINVAL for a key that is none.
 */
int repeat_key_read(const struct exchange *exchange, struct repeat_key *ret,
    struct failure *failure);
