// SPDX-License-Identifier: Apache-2.0
/*
 * Tokens: "sg_" and 32 random bytes in base64url. Shown once; the store keeps
 * a BLAKE2b hash keyed with token.key, so that its file alone tests no guess.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/parse.h"
#include "keys/store.h"
#include "keys/token_limits.h"

#define TOKEN_PREFIX	 "sg_"
#define TOKEN_BYTES	 32
#define TOKEN_SIZE	 48 /* of the text, terminator included */
#define TOKEN_HASH_BYTES 32
#define TOKENS_MAX	 10000 /* of a user */

struct token {
	int64_t id;
	char name[STORE_NAME_SIZE];
	int64_t created_ms;
	int64_t expires_ms; /* 0 = never */
	int64_t last_used_ms;
	int64_t revoked_ms; /* 0 = not revoked */
	char sandbox_id[SANDBOX_ID_SIZE]; /* "" = every one */
	uint32_t rights; /* enum rpc_right, of SSH; 0 = all */
	uint32_t scopes; /* enum scope_bit; 0 = all of the user's role */
	struct token_limits limits;
};

/* What a new token is to be worth. */
struct token_terms {
	const char *name;
	const char *sandbox_id; /* the only one it opens; "" or NULL = all */
	uint32_t rights;	/* 0 = all */
	uint32_t scopes;	/* 0 = all */
	uint64_t ttl_ms;	/* 0 = without end */
	struct token_limits limits;
};

/*
 * Makes a token of the user and writes its text to ret_text, the only time it
 * is told. -EINVAL for a bad name, or for a token of one sandbox whose ttl is
 * not as access.h has it; -EDQUOT where he has TOKENS_MAX that are good. Those
 * of one sandbox that have expired are removed on the way, and all that have
 * ended where there are too many; that the sandbox is the user's to share is
 * the caller's to check.
 */
int token_create(struct store *store, int64_t user_id,
    const struct token_terms *terms, int64_t now_ms,
    char ret_text[TOKEN_SIZE], struct token *ret, struct err *err);

/* Calls each(arg, token) in order of id until it returns non-zero, which is
 * returned. */
int token_list(struct store *store, int64_t user_id,
    int (*each)(void *arg, const struct token *token), void *arg,
    struct err *err);

/* From now on the token is refused; again is no error. -ENOENT where the user
 * has no such token. */
int token_revoke(struct store *store, int64_t user_id, int64_t id,
    int64_t now_ms, struct err *err);

/* Writes a fresh text, 256 bits of chance, which is not kept. */
void token_make(char ret_text[TOKEN_SIZE]);

/* The stored hash of a text of any form. */
void token_hash(const struct store *store, const void *text, size_t size,
    uint8_t ret[TOKEN_HASH_BYTES]);
