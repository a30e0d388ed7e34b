// SPDX-License-Identifier: Apache-2.0
/*
 * Creates and forks that are asked for a second time, by who did not hear the
 * answer: each has a key of its owner's choosing, and the sandbox that it made
 * is in the row that it is born with, so that kill -9 at any instant leaves
 * both or neither. What was not acknowledged and is undone gives its key up.
 */
#pragma once

#include "sandboxd/daemon.h"

/* How long a key is its request's, from when the sandbox was made. */
#define REPEAT_KEEP_MS (24u * 60 * 60 * 1000)

/* Keys of sandboxes that have ended, of one organisation; the oldest go. Those
 * of sandboxes that are there are bounded by these. */
#define REPEATS_MAX 1024

struct repeats;

/* Reads those of sandboxes that have ended; after the registry is open. */
int repeats_load(struct daemon *daemon, struct err *err);
void repeats_free(struct repeats *repeats);

/*
 * What the key of this record, which may be "", has made for its organisation
 * and owner: 1 and the id, whether it is there or has ended; 0 where it made
 * nothing; -EEXIST, in words that name it, where that was another request.
 */
int repeats_find(const struct daemon *daemon,
    const struct sandbox_record *wanted, char ret_id[SANDBOX_ID_SIZE],
    struct err *err);

/* One that has ended and has a tombstone leaves the table. Where there is no
 * memory its key is forgotten. */
void repeats_note(struct daemon *daemon, const struct sandbox_record *record);
