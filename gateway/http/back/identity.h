// SPDX-License-Identifier: Apache-2.0
/* Who is asking: the claim to the broker that begins every request. */
#pragma once

#include "gateway/http/engine/request.h"

/*
 * Fills in identity, org, user and capability_fd (the caller's to close) by
 * `token`, or where it is NULL by the peer of peer_fd, a Unix socket; -1 for
 * any other. -EACCES where the broker knows nobody so.
 */
int identity_claim(struct request *request, const char *token, int peer_fd,
    uint64_t timeout_ms, struct err *err);

/*
 * The token in the values of an Authorization and an X-API-Key header, either
 * of which may be NULL; Authorization wins. NULL where there is none.
 */
const char *identity_find_token(const char *authorization,
    const char *api_key);
