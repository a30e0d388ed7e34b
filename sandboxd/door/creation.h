// SPDX-License-Identifier: Apache-2.0
/* What a create asks for, against what may be asked for. */
#pragma once

#include "sandboxd/door/peer.h"

/*
 * Fills in the record of a new sandbox, whose env is the caller's to free.
 * Where that is made from a snapshot *ret_source is it. -EINVAL names the
 * field, its value and what is allowed; -ENOENT the template or the snapshot;
 * -EDQUOT and -ENOSPC a limit of its organisation or of the host. What is
 * accepted counts as one of the organisation's creates.
 */
int creation_read(const struct peer *peer,
    const struct rpc_sandbox_create_req *request, struct sandbox_record *ret,
    struct sandbox_source *ret_source, struct err *err);

/*
 * The record of a fork of a sandbox, of the caller's organisation, with its
 * limits, environment, policy and lifetime, and what its disk is a copy of.
 * -EBUSY while the sandbox is being made, or given other limits, which may
 * still be refused; -EOPNOTSUPP where disks cannot be copied; else as above.
 */
int creation_fork(const struct peer *peer, const struct sandbox *source,
    const struct rpc_sandbox_fork_req *request, struct sandbox_record *ret,
    struct sandbox_source *ret_source, struct err *err);
