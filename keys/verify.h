// SPDX-License-Identifier: Apache-2.0
/*
 * "Who holds this key, or this token?" Every question does the same work
 * whether the answer is somebody or nobody.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/parse.h"
#include "keys/role.h"
#include "keys/store.h"
#include "keys/token_limits.h"

/* Most holders of one key that are considered. */
#define VERIFY_IDENTITIES_MAX 16

/* Numbers are those the queries in statement.c answer. */
enum credential {
	CREDENTIAL_SSH_KEY = 0,
	CREDENTIAL_TOKEN = 1,
	CREDENTIAL_ACCESS = 2,
	CREDENTIAL_CERTIFICATE = 3, /* of verify_certificate.h; id: its CA */
};

struct identity {
	enum credential credential;
	int64_t credential_id;
	int64_t user_id;
	char org[STORE_NAME_SIZE];
	char user[STORE_NAME_SIZE];
	char sandbox_id[SANDBOX_ID_SIZE]; /* the only one; "" = all */
	uint32_t rights;  /* enum rpc_right, of RPC_RIGHTS_SSH; 0 = all */
	bool is_recorded; /* the organisation wants its sessions recorded */
	struct standing standing;
};

struct identities {
	size_t n;
	struct identity rows[VERIFY_IDENTITIES_MAX];
};

/*
 * Who may use the key with this RFC 4253 blob, and to reach sandbox_id where
 * it is not "". Nobody is no error: 0 and n = 0.
 */
int verify_ssh_key(struct store *store, const uint8_t *blob, size_t size,
    const char *sandbox_id, int64_t now_ms, struct identities *ret,
    struct err *err);

/* The same for a token's text; neither revoked nor expired ones count. */
int verify_token(struct store *store, const void *text, size_t size,
    int64_t now_ms, struct identities *ret, struct err *err);

/* What is known of a token that was verified once. */
struct token_terms_now {
	int64_t user_id; /* whose it is */
	int64_t expires_ms; /* 0 = as long as it likes */
	uint32_t scopes;
	char sandbox_id[SANDBOX_ID_SIZE];
	struct token_limits limits;
};

/* Whether it still is good: 0 or -EACCES. */
int verify_token_id(struct store *store, int64_t token_id, int64_t now_ms,
    struct token_terms_now *ret, struct err *err);

/*
 * Notes that the identity's credential let somebody in; it reaches the
 * database with the next store_flush.
 */
void verify_note_use(struct store *store, const struct identity *identity,
    int64_t now_ms);
