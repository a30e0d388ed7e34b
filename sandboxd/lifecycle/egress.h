// SPDX-License-Identifier: Apache-2.0
/*
 * A change of a sandbox's egress policy: the row first, then the kernel, then
 * the answer. It is beside the machine, as a policy changes no state; one at a
 * time. For lifecycle.c and adopt.c.
 */
#pragma once

#include "sandboxd/daemon.h"

/* Whether a change may begin: -EBUSY while another is under way. */
int egress_prepare(struct sandbox *sandbox, struct err *err);

/* Begins one, whose asker waits already. */
void egress_save(struct sandbox *sandbox, struct rpc_bytes list);

/* Its row was written, or not. */
void egress_saved(struct sandbox *sandbox, const struct err *err);

/* Has a worker put the record's policy in force, where it has a process. */
void egress_apply(struct sandbox *sandbox);

/* A worker has, or has not, for the init of this pid. */
void egress_applied(struct sandbox *sandbox, pid_t pid,
    const struct err *err);

/* It was started, with the policy that was its record's when that began. */
void egress_started(struct sandbox *sandbox);
