// SPDX-License-Identifier: Apache-2.0
/*
 * Who may come in with what a client shows, by the name it gives. A login asks
 * twice: when it begins, and last of all, as what it waits for takes seconds
 * in which the credential may have ended.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gateway/protocol/username.h"
#include "keys/revocation.h"
#include "keys/ssh_key.h"
#include "keys/verify_certificate.h"

struct holders_question {
	const char *user;    /* as the client wrote it */
	const char *address; /* the client's, numeric */
	bool is_token;
	const uint8_t *data; /* the blob of a key, or a token's text */
	uint32_t size;
};

struct holders {
	struct identities identities; /* whom the name lets in; may be none */
	struct username name;
	struct certificate *certificate; /* NULL = none; points into `data` */
	/* A key's fingerprint, or "token" and its number: for the log. */
	char credential[SSH_KEY_FINGERPRINT_SIZE];
};

/* Fills *ret, the caller's to holders_fini, also after an error. Nobody is no
 * error; why a certificate lets nobody in is logged. 0 or -errno. */
int holders_find(struct store *store, const struct holders_question *question,
    struct holders *ret, struct err *err);
void holders_fini(struct holders *holders);

/* What of it may be revoked; nothing of a token. */
void holders_revocable(const struct holders *holders,
    const struct holders_question *question, struct revocable *ret);
