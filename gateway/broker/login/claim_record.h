// SPDX-License-Identifier: Apache-2.0
/* What is put on record of a claim: who came from where, with what, and to
 * which end. */
#pragma once

#include "gateway/protocol/broker_calls.h"

#define CLAIM_AUDIT_SIZE 384

struct claim;

/* In the audit log, and nothing waits for it. */
void claim_record_refusal(const struct claim *claim);

/* 0, or -errno where the login is not on record, and may not be. */
int claim_record_login(const struct claim *claim, enum broker_login kind);

/* As sandboxd logs whose call it is: "user@org credential from address". */
void claim_format_audit(const struct claim *claim,
    char ret[CLAIM_AUDIT_SIZE]);
