// SPDX-License-Identifier: Apache-2.0
/* Which sandbox a signed URL is for, and by whose token: broker.def 181. */
#pragma once

#include "gateway/broker/broker.h"
#include "gateway/protocol/broker_calls.h"

/* Where a URL does not say which sandbox it is for, every one that is tried is
 * a hash: so many at most for one URL, and so many URLs a second. */
#define SIGNATURE_TRIES_MAX   8192
#define SIGNATURE_SCANS_PER_S 10

/* Tokens of one owner that are tried. */
#define SIGNATURE_TOKENS_MAX 64

/* 0; -EACCES where it is nobody's, or its time is over; -EAGAIN. */
int signature_find(struct broker *broker,
    const struct rpc_api_auth_signature_req *request, int64_t now_ms,
    char ret_sandbox_id[SANDBOX_ID_SIZE], int64_t *ret_token_id,
    struct err *err);
