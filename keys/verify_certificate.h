// SPDX-License-Identifier: Apache-2.0
/* "Whom does this certificate let in, and to what?" */
#pragma once

#include "keys/certificate.h"
#include "keys/verify.h"

/* What a certificate is shown for. */
struct certificate_use {
	const char *sandbox_id; /* "" = none in particular */
	const char *address;	/* of the client, numeric */
	int64_t now_ms;
};

/*
 * Everything about a certificate but that the client holds its key: form,
 * time, address, a known CA and its signature, revocation, principals. One
 * identity an organisation: of a user, whose user_id is 0 where nobody of that
 * name is known, or, with user "", of the sandbox alone. 0, or -EACCES and why
 * nobody is let in (for the log, never for the client), or another -errno.
 */
int verify_certificate(struct store *store, const uint8_t *blob, size_t size,
    const struct certificate_use *use, struct certificate *ret_certificate,
    struct identities *ret, struct err *err);

/* Makes the user of such an identity where there is none yet. Only for one who
 * has proved to hold the key. */
int verify_certificate_enrol(struct store *store, struct identity *identity,
    int64_t now_ms, struct err *err);
