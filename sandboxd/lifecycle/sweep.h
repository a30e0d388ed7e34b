// SPDX-License-Identifier: Apache-2.0
/* Tombstones whose time is over go, some a minute; and so does what the disks'
 * file system keeps of those that are gone. */
#pragma once

#include "sandboxd/daemon.h"

#define SWEEP_INTERVAL_MS 60000

/* Sweeps now and at every interval from then on. */
void sweep_begin(struct daemon *daemon);
