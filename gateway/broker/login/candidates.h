// SPDX-License-Identifier: Apache-2.0
/* Which of those who hold a credential may come in by a user name. */
#pragma once

#include "gateway/broker/login/sandbox_index.h"
#include "gateway/protocol/username.h"
#include "keys/verify.h"

/*
 * Leaves those whom the name lets in, in their order. -ENOTUNIQ, and nobody is
 * left, where the name does not say which organisation's login it is, and they
 * are of several; else 0.
 */
int candidates_narrow(struct identities *candidates,
    const struct username *name);

/* Who of them is of a sandbox's organisation and reaches it, the first; NULL
 * where nobody does. */
const struct identity *candidates_for_sandbox(
    const struct identities *candidates, const struct sandbox_owner *owner);

/*
 * The same identity as it is now: by the same credential, with the same rights.
 * NULL where it is no more. One whom a certificate named before there was such
 * a user may have been made meanwhile.
 */
const struct identity *candidates_again(const struct identities *candidates,
    const struct identity *then);

/* What their sessions may do: enum rpc_right, of RPC_RIGHTS_SSH. */
uint32_t candidate_rights(const struct identity *identity);
