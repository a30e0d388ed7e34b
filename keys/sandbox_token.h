// SPDX-License-Identifier: Apache-2.0
/*
 * What a holder of a token may give to somebody who is to use one sandbox, and
 * nothing else of his: "sga_", the sandbox, the number of the token and a
 * BLAKE2b of both, keyed with a key that is derived from token.key. Nothing of
 * it is stored: it is good while that token is, and while the sandbox is there,
 * which is the caller's to look up.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/parse.h"

struct store;

#define SANDBOX_TOKEN_PREFIX "sga_"
#define SANDBOX_TOKEN_SIZE   128 /* of the text, terminator included */

/* That of a well-formed sandbox id and a token's number, always the same. */
void sandbox_token_make(const struct store *store, const char *sandbox_id,
    int64_t token_id, char ret[SANDBOX_TOKEN_SIZE]);

/* Whether the text calls itself one, good or not. */
bool sandbox_token_is_one(const char *text);

/* What one was made of; false: it was not made here. */
bool sandbox_token_read(const struct store *store, const char *text,
    char ret_sandbox_id[SANDBOX_ID_SIZE], int64_t *ret_token_id);
