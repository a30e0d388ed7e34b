// SPDX-License-Identifier: Apache-2.0
/*
 * Whether an SSH client holds a private key: the check of RFC 4252 section 7,
 * made where the decision is made rather than where the bytes came in. The
 * signature and what was signed are an attacker's; the key is one we store.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "keys/range.h"

/* Most bytes of a signature and of signed data that are looked at. */
#define SIGNATURE_SIZE_MAX	  4096
#define SIGNATURE_SIGNED_SIZE_MAX 16384

/* What a client's signature says, once it is known to be good. */
struct signature_claim {
	const uint8_t *session_id; /* of the key exchange; into signed_data */
	size_t session_id_size;	   /* 20 to 64 */
	const char *user;	   /* not terminated */
	size_t user_size;
	bool is_user_verified; /* by a security key: PIN or biometrics */
};

/* What a client hands over to prove that it holds a key. */
struct signature_proof {
	struct range offered; /* the blob it named: the key or a certificate */
	struct range key;     /* the plain key itself */
	struct range signature;
	struct range signed_data;
};

/*
 * Checks one signature blob (RFC 4253 section 6.6: algorithm, then signature)
 * over `data` with a public key blob. Algorithms: ssh-ed25519,
 * ecdsa-sha2-nistp256/384/521, rsa-sha2-256/512 and the two sk- kinds of
 * OpenSSH's PROTOCOL.u2f, for which the user must have been present. Returns 0,
 * -EBADMSG for malformed input, -ENOTSUP for another algorithm or one that is
 * not the key's, -EACCES where it does not verify.
 */
int signature_verify(const uint8_t *key, size_t key_size,
    const uint8_t *signature, size_t signature_size, const uint8_t *data,
    size_t data_size, struct err *err);

/*
 * As signature_verify over the data of a "publickey" user authentication
 * request, which must be for service "ssh-connection" and for what was offered.
 * Whose certificate that is, if it is one, is not looked at.
 * On success *ret points into signed_data.
 */
int signature_verify_userauth(const struct signature_proof *proof,
    struct signature_claim *ret, struct err *err);
