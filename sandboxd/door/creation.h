// SPDX-License-Identifier: Apache-2.0
/* What a create asks for, against what may be asked for. */
#pragma once

#include "sandboxd/door/peer.h"

/*
 * Fills in the record of a new sandbox, whose env is the caller's to free.
 * -EINVAL names the field, its value and what is allowed; -ENOENT the template.
 */
int creation_read(const struct peer *peer,
    const struct rpc_sandbox_create_req *request, struct sandbox_record *ret,
    struct err *err);
