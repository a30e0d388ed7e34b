// SPDX-License-Identifier: Apache-2.0
/* What the machine's actions do to the world. For lifecycle.c, and
 * expiry.c to save. */
#pragma once

#include "sandboxd/daemon.h"

/* Writes its row; a durable one is followed by SAVED or UNSAVED. */
int action_save(struct sandbox *sandbox, enum registry_durability durability,
    struct err *err);

/* Hands a job on it to the workers. */
int action_submit(const struct sandbox *sandbox, enum job_kind kind,
    struct err *err);

/*
 * Performs an action for a sandbox that is in its new state already; `why` is
 * what came with the event, or NULL. Returns the event that this led to, with
 * its reason in *ret_why, or N_MACHINE_EVENTS for none. After ACTION_FORGET
 * there is no sandbox any more.
 */
enum machine_event action_perform(struct sandbox *sandbox,
    enum machine_action action, const struct err *why, struct err *ret_why);
