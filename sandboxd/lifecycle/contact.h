// SPDX-License-Identifier: Apache-2.0
/*
 * How sandboxd speaks with a sandbox's init: it connects to the socket that
 * init listens on. What init answers is believed about its own sandbox alone.
 */
#pragma once

#include "sandboxd/lifecycle/sandbox.h"

/*
 * A connection to init with these rights, known there by this audit name, and
 * bound to forced_command unless that is NULL; blocking, ready to hand on. Does
 * not wait. -EAGAIN where init is too busy to accept.
 */
int contact_open(const struct sandbox *sandbox, uint32_t rights,
    const char *audit, const char *forced_command, int *ret_fd,
    struct err *err);

/*
 * Opens our own connection and sends init_setup. Its answer, or its absence
 * within start_timeout, is the event READY or SILENT; a hang-up later is SILENT
 * too. Who else is attached is told as that changes.
 */
int contact_begin(struct sandbox *sandbox, struct err *err);

/* The same with init_prepare; and then, on the connection that this has opened,
 * init_setup. */
int contact_prepare(struct sandbox *sandbox, struct err *err);
int contact_set_up(struct sandbox *sandbox, struct err *err);

/*
 * Asks init to end all other processes inside. Its answer, or that there will
 * be none, goes to those who wait for WAITER_KILL. -ENOTCONN where there is no
 * connection of ours, -EAGAIN where init does not read.
 */
int contact_kill(struct sandbox *sandbox, struct err *err);

/* Whether there is one that has not ended. */
bool contact_is_open(const struct sandbox *sandbox);

/* Forgets our own connection. */
void contact_end(struct sandbox *sandbox);
