// SPDX-License-Identifier: Apache-2.0
/*
 * Who gateway-http speaks for: random numbers that stand for a user and, where
 * that is how they came in, a token. Each use checks that it still is good.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "keys/store.h"

#define API_IDENTITIES_MAX 65536

struct api_identity {
	uint64_t number;
	int64_t user_id;
	int64_t token_id; /* 0 = by peer credentials */
	char org[STORE_NAME_SIZE];
	char user[STORE_NAME_SIZE];
	uint64_t used; /* when last, as a count of uses */
};

struct api_identities {
	struct api_identity *rows;
	size_t n, capacity;
	uint64_t uses;
};

/*
 * The number that stands for {user, token}, made at first. Where there are
 * API_IDENTITIES_MAX, the one not used for longest is forgotten: its next
 * request is refused, and the client authenticates again.
 */
int api_identity_add(struct api_identities *identities,
    const struct api_identity *identity, uint64_t *ret_number,
    struct err *err);

/* -EACCES where its user is no more, or its token was revoked or has expired;
 * else 0. */
int api_identity_check(const struct api_identity *identity,
    struct store *store, int64_t now_ms, struct err *err);

/*
 * Copies the identity behind a number; -EACCES where there is none, or as
 * api_identity_check says.
 */
int api_identity_find(struct api_identities *identities, struct store *store,
    uint64_t number, int64_t now_ms, struct api_identity *ret,
    struct err *err);

void api_identities_free(struct api_identities *identities);
