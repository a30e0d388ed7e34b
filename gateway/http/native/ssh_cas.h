// SPDX-License-Identifier: Apache-2.0
/* /v1/ssh-cas and /v1/ssh-revocations: those of the caller's organisation. */
#pragma once

#include "gateway/http/native/collection.h"

extern const struct collection ssh_cas, ssh_revocations;

/* Adds {public_key, name}: 201 and the CA. */
int ssh_cas_add(struct request *request, struct reply *reply,
    struct err *err);

/* Adds {serial, ca}, {key_id} or {fingerprint}: 201 and the revocation. */
int ssh_revocations_add(struct request *request, struct reply *reply,
    struct err *err);
