// SPDX-License-Identifier: Apache-2.0
/*
 * A claim of an SSH session, while it is decided. Whatever is wrong (user name,
 * sandbox, key, token, its expiry, or whose sandbox it is), the same words are
 * said at the same time after the request, and sandboxd is asked nothing: who
 * may is decided by the keys and by sandbox_index.h.
 */
#pragma once

#include "common/rpc.h"

struct broker;
struct connection;

/*
 * Begin to decide auth_publickey and auth_secret; the connection listens again
 * once the claim is answered, and may be gone then. 0, or -errno, which is the
 * answer.
 */
int claim_publickey(struct connection *connection, uint32_t id,
    const void *request, struct err *err);
int claim_secret(struct connection *connection, uint32_t id,
    const void *request, struct err *err);

/* sandboxd has told whose sandboxes are: goes on with the claims that wait. */
void claims_resume(struct broker *broker);

/*
 * To be called when a credential was revoked or removed: refuses the claims
 * that go by it, and undoes the sandboxes that are being made for them. Each
 * claim asks again before it is accepted, whether this was called or not.
 */
void claims_review(struct broker *broker);

/* Ends the claim being decided, if there is one, without an answer. What was
 * made for it is undone, as nobody has come in. */
void claim_abandon(struct connection *connection);
