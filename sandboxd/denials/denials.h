// SPDX-License-Identifier: Apache-2.0
/*
 * What sandboxes are refused comes into their logs here (docs/EGRESS.md): a
 * socket in each sandbox's namespace rings when its kernel has added to the
 * set of what was refused, which is then read. Of one that is refused nothing
 * nobody hears, and nothing is done.
 */
#pragma once

#include "sandboxd/daemon.h"

/* Listens to a sandbox that has begun, and no more to one that has ended; to
 * be called whenever its state or its policy may have changed. */
void denials_review(struct sandbox *sandbox);
