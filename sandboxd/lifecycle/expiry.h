// SPDX-License-Identifier: Apache-2.0
/*
 * A sandbox's deadlines (lifetime.h) on the daemon's clock: kept in its row as
 * Unix times, raised as events when they are due, and put off by use. For
 * lifecycle.c and actions.c.
 */
#pragma once

#include "sandboxd/daemon.h"

/*
 * What was used lately is not written down at every byte: as often as this, and
 * when it ends. A sandboxd that finds it so much later takes it for used now.
 */
#define EXPIRY_SAVE_MS 10000

/* A pause that failed is tried again after this. */
#define EXPIRY_RETRY_MS 60000

/* The deadlines of a row that was loaded. */
void expiry_load(struct sandbox *sandbox);

/* It begins to run, or is found to: see lifetime_begin. */
void expiry_begin(struct sandbox *sandbox);

/* It runs: one that was resumed before a crash, and whose row does not say so,
 * has its ttl all the same. */
void expiry_complete(struct sandbox *sandbox);

/* It is paused: from now on it may be demoted. */
void expiry_paused(struct sandbox *sandbox);

/* It was not to be paused after all. */
void expiry_put_off(struct sandbox *sandbox);

/* ttl and hard_ttl begin anew; duration_s 0 = as its ttl says,
 * RPC_NEVER = no more ttl this time. */
void expiry_renew(struct sandbox *sandbox, uint64_t duration_s);

/* Its record says something else than before: what it says begins now. */
void expiry_change(struct sandbox *sandbox);

/* Whether its ttl was what paused it. */
bool expiry_has_paused(const struct sandbox *sandbox);

/*
 * It is used: told as last_activity, and saved now and then. kind is one of
 * docs/API.md's table.
 */
void expiry_touch(struct sandbox *sandbox, const char *kind);

/* Whether somebody uses it now, whose end we will be told. */
bool expiry_is_held(const struct sandbox *sandbox);

/*
 * Raises what is due where it is at rest, and sets the clock for what will be;
 * to be called whenever anything of that may have changed. Raises at most one
 * event, as its last act.
 */
void expiry_review(struct sandbox *sandbox);
