// SPDX-License-Identifier: Apache-2.0
/*
 * The end of ephemeral sandboxes, by one rule whatever came before: one that
 * runs or is suspended, for which no capability of its own is open and to
 * whose init nobody is attached, is destroyed after ephemeral_linger. Nothing
 * of it is remembered but the row's flag, so it holds across every restart.
 */
#pragma once

#include "sandboxd/daemon.h"

/*
 * To be called whenever one of these may have changed: starts or stops the
 * sandbox's clock. No-op for a sandbox that is not ephemeral.
 */
void ephemeral_review(struct sandbox *sandbox);

/* The same by id; "" or one that is no more is nobody's. */
void ephemeral_review_id(struct daemon *daemon, const char *id);
