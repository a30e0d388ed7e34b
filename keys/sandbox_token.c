// SPDX-License-Identifier: Apache-2.0
#include "keys/sandbox_token.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "keys/statement.h"

#define MAC_BYTES     32
#define MAC_TEXT_SIZE 44 /* base64url, terminator included */

/* So that what is told here says nothing of the stored hashes of tokens. */
static void
derive_key(const struct store *store, uint8_t ret[MAC_BYTES])
{
	static const char what[] = "access to one sandbox";

	crypto_generichash(ret, MAC_BYTES, (const uint8_t *)what, sizeof what,
	    store->token_key, sizeof store->token_key);
}

void
sandbox_token_make(const struct store *store, const char *sandbox_id,
    int64_t token_id, char ret[SANDBOX_TOKEN_SIZE])
{
	uint8_t key[MAC_BYTES], mac[MAC_BYTES];
	char text[MAC_TEXT_SIZE];
	int n = snprintf(ret, SANDBOX_TOKEN_SIZE,
	    SANDBOX_TOKEN_PREFIX "%s_%lld", sandbox_id + 3,
	    (long long)token_id);

	derive_key(store, key);
	crypto_generichash(mac, sizeof mac, (const uint8_t *)ret, (size_t)n,
	    key, sizeof key);
	sodium_bin2base64(text, sizeof text, mac, sizeof mac,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(ret + n, SANDBOX_TOKEN_SIZE - (size_t)n, "_%s", text);
	sodium_memzero(key, sizeof key);
}

bool
sandbox_token_is_one(const char *text)
{
	return strncmp(text, SANDBOX_TOKEN_PREFIX,
	    sizeof SANDBOX_TOKEN_PREFIX - 1) == 0;
}

/* What it says, in the form in which it was made. */
static bool
take_apart(const char *text, char id[SANDBOX_ID_SIZE], int64_t *token_id)
{
	char digits[21];
	uint64_t number;
	size_t n;

	if (!sandbox_token_is_one(text))
		return false;
	text += sizeof SANDBOX_TOKEN_PREFIX - 1;
	n = strcspn(text, "_");
	if (text[n] == '\0' || n + 4 > SANDBOX_ID_SIZE)
		return false;
	snprintf(id, SANDBOX_ID_SIZE, "sb_%.*s", (int)n, text);
	text += n + 1;
	n = strcspn(text, "_");
	if (text[n] == '\0' || n >= sizeof digits || !sandbox_id_is_valid(id))
		return false;
	memcpy(digits, text, n);
	digits[n] = '\0';
	if (parse_u64(digits, &number) < 0 || number > INT64_MAX)
		return false;
	*token_id = (int64_t)number;
	return true;
}

bool
sandbox_token_read(const struct store *store, const char *text,
    char ret_sandbox_id[SANDBOX_ID_SIZE], int64_t *ret_token_id)
{
	char good[SANDBOX_TOKEN_SIZE], id[SANDBOX_ID_SIZE];
	int64_t token_id;
	bool is_good;

	if (strlen(text) >= sizeof good || !take_apart(text, id, &token_id))
		return false;
	sandbox_token_make(store, id, token_id, good);
	is_good = strlen(good) == strlen(text) &&
	    sodium_memcmp(good, text, strlen(good)) == 0;
	sodium_memzero(good, sizeof good);
	if (!is_good)
		return false;
	memcpy(ret_sandbox_id, id, sizeof id);
	*ret_token_id = token_id;
	return true;
}
