// SPDX-License-Identifier: Apache-2.0
/*
 * What sandboxes use, sampled on the rounds of patrol.c, which wake nobody for
 * it: of one that runs a counter of the kernel's is read every METER_STEP_MS,
 * and all that is told of it where that has moved. What is kept is the loop's
 * memory alone: another sandboxd begins anew (docs/METRICS.md).
 */
#pragma once

#include "sandboxd/daemon.h"

#define METER_STEP_MS 5000u

/* Who asks is told what is no older than this. */
#define METER_FRESH_MS 1000u

/* Of a patrol: samples one that runs and nobody waits with, where that is
 * due. */
void meter_look(struct sandbox *sandbox);

/* The same of who asks for it. */
void meter_look_now(struct sandbox *sandbox);
