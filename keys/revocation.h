// SPDX-License-Identifier: Apache-2.0
/*
 * What an organisation's CAs have signed and no longer means, and keys that
 * are nobody's any more. Whoever let somebody in by one has to end that.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "keys/certificate.h"
#include "keys/store.h"

enum revocation_kind {
	REVOCATION_SERIAL,	/* a certificate of one CA */
	REVOCATION_KEY_ID,	/* every certificate with this key id */
	REVOCATION_FINGERPRINT, /* a key, certified or plain, or a CA */
	N_REVOCATION
};

/* "FINGERPRINT SERIAL", as it is stored. */
#define REVOCATION_SERIAL_SIZE 96

#define REVOCATIONS_MAX 10000 /* of an organisation */

/* All of a login that may be revoked; "" = it has none of that. */
struct revocable {
	char serial[REVOCATION_SERIAL_SIZE];
	char key_id[CERTIFICATE_KEY_ID_SIZE];
	char key[SSH_KEY_FINGERPRINT_SIZE]; /* the key, certified or plain */
	char ca[SSH_KEY_FINGERPRINT_SIZE];
};

struct revocation {
	int64_t id;
	enum revocation_kind kind;
	char ca[SSH_KEY_FINGERPRINT_SIZE]; /* of a serial; else "" */
	char value[CERTIFICATE_KEY_ID_SIZE];
	int64_t created_ms;
};

/* "serial", "key-id" or "fingerprint". */
const char *revocation_kind_name(enum revocation_kind kind);

/*
 * Each revokes for one organisation and fills *ret. -EINVAL names the field at
 * fault, -EEXIST where it is revoked already. A serial is one of the CA with
 * this id (-ENOENT: no such CA), and stays revoked where that CA is removed and
 * added again; 0 is no serial, as certificates without one all have it. -EDQUOT
 * where the organisation has REVOCATIONS_MAX.
 */
int revocation_add_serial(struct store *store, const char *org, int64_t ca_id,
    uint64_t serial, int64_t now_ms, struct revocation *ret, struct err *err);
int revocation_add_key_id(struct store *store, const char *org,
    const char *key_id, int64_t now_ms, struct revocation *ret,
    struct err *err);
int revocation_add_fingerprint(struct store *store, const char *org,
    const char *fingerprint, int64_t now_ms, struct revocation *ret,
    struct err *err);

/* Calls each(arg, revocation) in order of id until it returns non-zero, which
 * is returned. */
int revocation_list(struct store *store, const char *org,
    int (*each)(void *arg, const struct revocation *revocation), void *arg,
    struct err *err);

/* Takes it back. -ENOENT where the organisation has no such revocation. */
int revocation_remove(struct store *store, const char *org, int64_t id,
    struct err *err);

/* That of a certificate. */
void revocable_certificate(const struct certificate *certificate,
    struct revocable *ret);

/* Whether any of it was revoked: 1, 0 or -errno. */
int revocation_has(struct store *store, const char *org,
    const struct revocable *revocable, struct err *err);
