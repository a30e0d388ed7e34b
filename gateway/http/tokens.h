// SPDX-License-Identifier: Apache-2.0
/* /v1/tokens: the API tokens of the caller. */
#pragma once

#include "gateway/http/request.h"

/* {"tokens": [...]}, never with the secret. */
int tokens_list(struct request *request, struct reply *reply, struct err *err);

/* Makes one from {name, ttl_seconds}: 201, and the secret this once. */
int tokens_create(struct request *request, struct reply *reply,
    struct err *err);

/* 204; -ENOENT where the caller has no such token. */
int tokens_revoke(struct request *request, struct reply *reply,
    struct err *err);
