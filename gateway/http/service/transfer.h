// SPDX-License-Identifier: Apache-2.0
/*
 * Artifacts to a sandbox and from one, as they come: read from the one side
 * as fast as the other takes them.
 */
#pragma once

#include "gateway/protocol/depot_calls.h"

struct identity;

/* Strings live until done. meta is of an artifact that comes from a sandbox,
 * an object of strings. */
struct transfer_wish {
	const char *disk_id, *disk_path;
	const char *sandbox_id, *sandbox_path;
	const char *meta;
};

/* Once, and the last: it is where it was to be, or err is why not. artifact:
 * what came from a sandbox, whose strings live until the return; else NULL. */
typedef void transfer_done(void *arg, const struct rpc_artifact_info *artifact,
    const struct err *err);

/* To the sandbox, as its default user would write it. */
void transfer_to_sandbox(struct identity *who,
    const struct transfer_wish *wish, transfer_done *done, void *arg);

/* From it. */
void transfer_from_sandbox(struct identity *who,
    const struct transfer_wish *wish, transfer_done *done, void *arg);
