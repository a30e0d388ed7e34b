// SPDX-License-Identifier: Apache-2.0
/*
 * How sandboxd speaks with a sandbox's init: it connects to the socket that
 * init listens on. What init answers is believed about its own sandbox alone.
 */
#pragma once

#include "sandboxd/lifecycle/sandbox.h"

struct capability;

/*
 * A connection to init that can do what the capability can, blocking, ready to
 * hand on; does not wait. -EAGAIN where init is too busy to accept.
 */
int contact_open(const struct sandbox *sandbox,
    const struct capability *capability, int *ret_fd, struct err *err);

/*
 * Opens our own connection and sends init_setup. Its answer, or its absence
 * within start_timeout, ends in lifecycle_ready() or lifecycle_lost().
 */
int contact_begin(struct sandbox *sandbox, struct err *err);

/* Forgets our own connection. */
void contact_end(struct sandbox *sandbox);
