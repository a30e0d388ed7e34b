// SPDX-License-Identifier: Apache-2.0
/*
 * Who gateway-http speaks for: random numbers that stand for a user and for how
 * they came in, so that what one of them is given is no other's. Each use
 * checks that it still is good; gateway-http, which keeps what it was told, is
 * told when it is not (ending.h).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/parse.h"
#include "keys/role.h"
#include "keys/store.h"
#include "keys/token_limits.h"

#define API_IDENTITIES_MAX 65536
#define API_BOUND_MAX	   2048 /* of them, bound to a sandbox */
#define API_ACTOR_SIZE	   (2 * STORE_NAME_SIZE)

struct api_identity {
	uint64_t number;
	int64_t actor_id; /* the user who asks; 0 = the operator, by his uid */
	int64_t user_id;  /* for whom; 0 = nobody in particular of the org */
	int64_t org_id;
	int64_t token_id; /* that let them in, or to the lobby; 0 = none */
	/* The sandbox that what they showed is for (keys/sandbox_token.h), and
	 * no more than commands and files in it; "" = they showed no such. */
	char bound_id[SANDBOX_ID_SIZE];
	uint64_t lobby;	  /* the login to it, a random number; 0 = none */
	uint64_t tag;	  /* of that login's capabilities */
	uint32_t uid;	  /* the peer's, where there is neither */
	char org[STORE_NAME_SIZE], user[STORE_NAME_SIZE];
	char actor[API_ACTOR_SIZE]; /* for the audit log */
	/* What it may, as it was when that was last looked at. */
	struct standing standing;
	char sandbox_id[SANDBOX_ID_SIZE]; /* the only one; "" = all */
	int64_t expires_ms;		  /* Unix; 0 = does not */
	struct token_limits limits;	  /* of its token */
	uint64_t used; /* when last, as a count of uses */
};

struct api_identities {
	struct api_identity *rows;
	size_t n, capacity;
	uint64_t uses;
};

/*
 * The number that stands for {actor, user, org, token, lobby, uid}, made at
 * first. Where
 * there are API_IDENTITIES_MAX, the one not authenticated for longest is
 * forgotten: *ret_forgotten is its number, else 0.
 */
int api_identity_add(struct api_identities *identities,
    const struct api_identity *identity, uint64_t *ret_number,
    uint64_t *ret_forgotten, struct err *err);

/*
 * Looks up what it is worth now: standing, sandbox_id and expires_ms. -EACCES
 * where its user, or whom it acts for, is no more, where its token was revoked
 * or has expired, and where it may not act for them any more; else 0.
 */
int api_identity_check(struct api_identity *identity, struct store *store,
    int64_t now_ms, struct err *err);

/*
 * Makes it act for a user of an organisation, "" = its own or itself. -EPERM
 * where it may not, the same whether there is such an organisation or not;
 * -ENOENT for one there is not.
 */
int api_identity_act(struct api_identity *identity, struct store *store,
    const char *org, const char *user, struct err *err);

/*
 * Copies the identity behind a number; -EACCES where there is none, or as
 * api_identity_check says.
 */
int api_identity_find(struct api_identities *identities, struct store *store,
    uint64_t number, int64_t now_ms, struct api_identity *ret,
    struct err *err);

void api_identities_free(struct api_identities *identities);
