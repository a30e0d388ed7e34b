// SPDX-License-Identifier: Apache-2.0
/*
 * A paused sandbox keeps its memory as a favour: where the host has less
 * left than demote_below, those that were paused longest are suspended, one a
 * second, until it has enough. (pause_keep, which ends a pause by its time, is
 * lifetime.h's.)
 */
#pragma once

#include "sandboxd/daemon.h"

/* Begins, and goes on for as long as the daemon. */
void demotion_begin(struct daemon *daemon);
