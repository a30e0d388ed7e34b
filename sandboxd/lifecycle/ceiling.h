// SPDX-License-Identifier: Apache-2.0
/*
 * The ceiling of an organisation (docs/EGRESS.md): a policy that the policy of
 * each of its sandboxes is narrowed by, in whatever state they are. A change is
 * the row first, then the kernel of every one that runs, then the answer; one
 * at a time.
 */
#pragma once

#include "common/rpc.h"
#include "sandboxd/daemon.h"

/* A list of one, which lives until the loop goes on, or an empty one. */
struct rpc_bytes ceiling_of(const struct daemon *daemon, const char *org);

/* Reads them all, before anything of a sandbox is done. */
int ceilings_load(struct daemon *daemon, struct err *err);
void ceilings_end(struct daemon *daemon);

/*
 * Begins a change, to a list that can be read, or an empty one. The asker is
 * told, without a sandbox, once it is in force; or is released at once, and
 * that is -EBUSY while another is under way, -EACCES where it is the operator's
 * and who asks is not.
 */
int ceiling_set(struct daemon *daemon, const char *org,
    struct rpc_bytes list, bool is_operators, const struct asker *asker,
    struct err *err);

/* The writer's: its row was written, or not. */
void ceiling_written(const char *org, const struct err *err, void *data);

/* A worker has, or has not, put a sandbox's policies in force. */
void ceiling_applied(const struct sandbox *sandbox, const struct err *err);

/* Answers whoever waits for what has come to its end. */
void ceilings_review(struct daemon *daemon);
