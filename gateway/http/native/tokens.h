// SPDX-License-Identifier: Apache-2.0
/* /v1/tokens: the API tokens of the caller. */
#pragma once

#include "gateway/http/native/collection.h"

extern const struct collection tokens; /* never with their secrets */

/* Makes one from {name, ttl_seconds}: 201, and the secret this once. */
int tokens_create(struct request *request, struct reply *reply,
    struct err *err);
