// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/repeat_key.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"

static void
finish(crypto_hash_sha256_state *state, char ret[REPEAT_HASH_SIZE])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(state, hash);
	(void)sodium_bin2hex(ret, REPEAT_HASH_SIZE, hash,
	    (REPEAT_HASH_SIZE - 1) / 2);
}

static bool
is_key(const char *key)
{
	const size_t n = strlen(key);

	if (n == 0 || n > REPEAT_KEY_MAX)
		return false;
	for (; *key != '\0'; key++)
		if (*key < '!' || *key > '~')
			return false;
	return true;
}

/* With the terminator, so that no text runs into the next. */
static void
add(crypto_hash_sha256_state *state, const char *text)
{
	crypto_hash_sha256_update(state, (const uint8_t *)text,
	    strlen(text) + 1);
}

/* As values: how the object is laid out, and in which order, says nothing. */
static int
hash_request(const struct exchange *exchange, char ret[REPEAT_HASH_SIZE])
{
	const struct route *route = exchange_route(exchange);
	crypto_hash_sha256_state state;
	auto_free char *text = json_dumps(exchange_object(exchange),
	    JSON_SORT_KEYS | JSON_COMPACT);

	if (text == NULL)
		return -ENOMEM;
	(void)crypto_hash_sha256_init(&state);
	add(&state, route->method);
	add(&state, route->pattern);
	add(&state, exchange_param(exchange, "id"));
	add(&state, text);
	finish(&state, ret);
	return 0;
}

int
repeat_key_read(const struct exchange *exchange, struct repeat_key *ret,
    struct failure *failure)
{
	const char *key = exchange_header(exchange, "Idempotency-Key");
	crypto_hash_sha256_state state;

	*ret = (struct repeat_key){0};
	if (key == NULL)
		return 0;
	if (!is_key(key))
		return failure_of_field(failure, "Idempotency-Key",
		    "must be from 1 to %d printable characters without a "
		    "space", REPEAT_KEY_MAX);
	(void)crypto_hash_sha256_init(&state);
	add(&state, key);
	finish(&state, ret->key);
	if (hash_request(exchange, ret->body) == 0)
		return 0;
	return failure_set(failure, 503, "out_of_resources", NULL,
	    "out of memory");
}
