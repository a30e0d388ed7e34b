// SPDX-License-Identifier: Apache-2.0
/* What the broker does with a login by certificate, beside that by a key. */
#pragma once

#include <stdbool.h>

#include "common/rpc.h"
#include "gateway/protocol/username.h"
#include "keys/verify_certificate.h"

#define CERTIFICATE_LOGIN_TEXT_SIZE 384

/*
 * Whom a certificate lets in, by verify_certificate: why it lets nobody in is
 * logged, and no error. *ret_certificate is the caller's to free, also where
 * nobody is; its ranges point into `key`.
 */
int certificate_login_find(struct store *store, const struct rpc_bytes *key,
    const struct certificate_use *use, struct certificate **ret_certificate,
    struct identities *ret, struct err *err);

/* Whether it is good for such a user name: with a forced command, that of a
 * sandbox alone; with any critical option, not the lobby's. */
bool certificate_login_permits(const struct certificate *certificate,
    const struct username *name);

/* Binds a fresh capability to its forced command, if it has one. 0 or -errno:
 * nobody may have the capability then. */
int certificate_login_restrict(const struct certificate *certificate,
    int cap_fd);

/* Who is new to a certificate's organisation becomes a user of it, so that what
 * is made belongs to somebody. NULL: nothing to do. 0, or -errno, logged. */
int certificate_login_enrol(struct store *store,
    const struct certificate *certificate, struct identity *who);

/* Its key id and serial, for the audit log; "" for NULL. */
void certificate_login_describe(const struct certificate *certificate,
    char ret[CERTIFICATE_LOGIN_TEXT_SIZE]);
