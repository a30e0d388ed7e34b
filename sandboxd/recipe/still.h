// SPDX-License-Identifier: Apache-2.0
/*
 * A sandbox whose processes stand still while its disk is copied, so that the
 * copy is of one instant. That is no pause: its state stays what it is, and it
 * never outlives the copy. Pauses and copies of one sandbox take turns on its
 * disk's folder (flock), so that neither undoes what the other did; a mark in
 * run_dir/init/ says that it stands still for a copy, so that one whose worker
 * was killed is let go on.
 */
#pragma once

#include <stdbool.h>

#include "sandboxd/recipe/runtime.h"

/* Until all stand still; who sleeps in the kernel longer cannot come back from
 * there to write anything else, and is not waited for. */
#define STILL_WAIT_MS 5

struct still {
	const struct runtime *runtime;
	const char *id;
	int lock_fd;	/* -1: not held */
	bool is_frozen; /* by us */
};

/*
 * Takes the turn of a sandbox and nothing more. -ENOENT where it has no disk.
 * still_end gives it back, and lets go on what still_freeze stopped; it may be
 * called twice.
 */
int still_begin(struct still *still, const struct runtime *runtime,
    const char *id, struct err *err);
int still_freeze(struct still *still, struct err *err);
void still_end(struct still *still);

/* Lets it go on where it stands still for a copy that is no more. */
int still_release(const struct runtime *runtime, const char *id,
    struct err *err);

/* The same of every sandbox there is; when nothing else is at work. */
void still_release_all(const struct runtime *runtime);
