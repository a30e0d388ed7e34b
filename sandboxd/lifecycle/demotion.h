// SPDX-License-Identifier: Apache-2.0
/*
 * A paused sandbox keeps its memory as a favour: where the host has less
 * left than demote_below, or all sandboxes together less than an eighth of what
 * they may have, those that were paused longest are suspended, one a second,
 * until there is enough. (pause_keep, which ends a pause by its time, is
 * lifetime.h's.)
 */
#pragma once

#include "sandboxd/daemon.h"

/* Begins, and goes on for as long as the daemon. */
void demotion_begin(struct daemon *daemon);
