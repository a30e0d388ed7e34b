// SPDX-License-Identifier: Apache-2.0
/*
 * One connection of a sandbox whose first bytes are looked at (docs/EGRESS.md):
 * it came to a port of the sandbox's own in place of where it was sent, says
 * whom it is for, and goes on to there by a socket that sandboxd dials in the
 * sandbox. From then on gateway-relay passes its bytes on, unread, and its
 * packets are the firewall's alone: it lives on without its guest, and without
 * us. That it is there is remembered, so that it can be counted and cut.
 */
#pragma once

#include "gateway/resolver/guest.h"

/* At once, of one sandbox and of all. */
#define LOOKS_MAX     512
#define LOOKS_ALL_MAX 4000

struct look;

/* Takes over a connection that was accepted from a socket of the guest's. */
void look_begin(struct guest *guest, int fd);

/* Resets those of a guest that were not passed on yet; or all of the sandbox
 * with this id, or those that nothing of the guest's policy covers any more. */
void looks_stop(struct guest *guest);
void looks_drop(struct resolver *resolver, const char *id);
void looks_review(struct guest *guest);

/* The relay has something to say: resolver->relay's to call. Without a relay
 * the loop ends, so that there are others of both. */
void looks_relay_ready(struct loop_watch *watch, uint32_t events);
