// SPDX-License-Identifier: Apache-2.0
/*
 * Looks after what no limit of the kernel's does: a sandbox that has more
 * sockets of those that are charged to nobody than it may have (uncharged_max)
 * loses all its processes, as by "sandgate kill". Each is looked at about once
 * a second, some at a time, so that the loop is never long at it. What they use
 * is sampled on the same rounds (meter.h).
 */
#pragma once

#include "sandboxd/daemon.h"

/* Begins, and goes on for as long as the daemon. */
void patrol_begin(struct daemon *daemon);
