// SPDX-License-Identifier: Apache-2.0
/* Sandboxes of the caller's organisation. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/rpc_calls.h"

struct identity;

/* One, and how it is reached; strings live until the callback returns. */
struct sandboxes_view {
	struct rpc_sandbox_info info;
	const char *ssh_host;
	uint32_t ssh_port;
};

/* Each is called once, maybe before the function returns; err is NULL, or why
 * not. */
typedef void sandboxes_one_done(void *arg,
    const struct sandboxes_view *sandbox, const struct err *err);
typedef void sandboxes_done(void *arg, const struct err *err);

/* Empty values of a wish are as rpc.def has them. */
void sandboxes_create(struct identity *who,
    const struct rpc_sandbox_create_req *wish, sandboxes_one_done *done,
    void *arg);

/* The id of the one that has a name, in a buffer that ends with the call; NULL
 * and -ENOENT, or -EEXIST where there are several. */
typedef void sandboxes_name_done(void *arg, const char *id,
    const struct err *err);
void sandboxes_find(struct identity *who, const char *name,
    sandboxes_name_done *done, void *arg);

/* Also one that was destroyed and is remembered; -EREMOTE where it is
 * another organisation's, as long as it is there. */
void sandboxes_get(struct identity *who, const char *id,
    sandboxes_one_done *done, void *arg);

/* NAME=value of what its processes begin with, until the return. */
typedef void sandboxes_env_done(void *arg, const struct rpc_strv *env,
    const struct err *err);
void sandboxes_env(struct identity *who, const char *id,
    sandboxes_env_done *done, void *arg);

/* Ends once nothing of it is left. */
void sandboxes_destroy(struct identity *who, const char *id,
    sandboxes_done *done, void *arg);

/* Ends once every process in it has been sent SIGKILL. */
void sandboxes_kill(struct identity *who, const char *id,
    sandboxes_done *done, void *arg);

/* Empty values of a wish are as rpc.def has them. */
void sandboxes_refresh(struct identity *who, const char *id,
    uint64_t duration_s, sandboxes_one_done *done, void *arg);
void sandboxes_resize(struct identity *who,
    const struct rpc_sandbox_resize_req *wish, sandboxes_one_done *done,
    void *arg);
void sandboxes_change(struct identity *who,
    const struct rpc_sandbox_change_req *wish, sandboxes_one_done *done,
    void *arg);

/* Another one with a copy of its disk, or of a snapshot of that. */
void sandboxes_fork(struct identity *who,
    const struct rpc_sandbox_fork_req *wish, sandboxes_one_done *done,
    void *arg);

/* Its disk becomes that of a snapshot, by its id or name. */
void sandboxes_restore(struct identity *who, const char *id,
    const char *snapshot, sandboxes_one_done *done, void *arg);

/* What a sandbox can be told to become; ends when it has. */
enum sandboxes_power { SANDBOXES_PAUSED, SANDBOXES_SUSPENDED,
	SANDBOXES_RUNNING };
void sandboxes_power(struct identity *who, const char *id,
    enum sandboxes_power power, sandboxes_one_done *done, void *arg);

/*
 * All of them, or all that were destroyed, behind an id ("" = from the first)
 * in order of id: `each` is called for every one before done, with the same
 * arg; it returns 0, 1 where it wants no more, or -errno to end it all.
 */
void sandboxes_list(struct identity *who, bool is_destroyed, const char *after,
    int (*each)(void *arg, const struct sandboxes_view *sandbox),
    sandboxes_done *done, void *arg);
