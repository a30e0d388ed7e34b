// SPDX-License-Identifier: Apache-2.0
/* What the files of actions have in common, and those of actions_end.c; for
 * nobody else. Each is as action_perform is. */
#pragma once

#include "sandboxd/lifecycle/actions.h"

typedef enum machine_event perform_fn(struct sandbox *sandbox,
    const struct err *why, struct err *ret_why);

/* Writes its row; a write that cannot even begin is UNSAVED. */
enum machine_event action_write(struct sandbox *sandbox, enum writer_what what,
    enum registry_durability durability, struct err *ret_why);

/* Hands a job on it to the workers; JOB_FAILED where that cannot be. */
enum machine_event action_job(const struct sandbox *sandbox,
    enum job_kind kind, struct err *ret_why);

/* Why a start failed, for who asked for it: an errno that is not one of the
 * service's own (no such file, no such process) is not to be taken for one
 * about the request or the sandbox, which is there. */
void action_blame_host(struct err *failure);

/* Drops all that is known of a process that is no more, or soon will be. */
void action_forget_process(struct sandbox *sandbox);

perform_fn action_condemn, action_remove, action_balk, action_bury,
    action_forget, action_discard, action_drop;
