// SPDX-License-Identifier: Apache-2.0
/*
 * Other limits for a sandbox that there is: put in force by a worker, which may
 * find that it cannot be, then saved, then answered. Who is killed in between
 * promised nobody anything, and the next start has what is saved.
 */
#pragma once

#include "sandboxd/lifecycle/sandbox.h"

/*
 * Gives it the limits of `wanted`, checked by the caller. The asker is answered
 * when that is durable, or with -EBUSY where it has more memory in use than it
 * would have. -EBUSY at once while something else happens to it.
 */
int resize_begin(struct sandbox *sandbox, const struct sandbox_record *wanted,
    const struct asker *asker, struct err *err);

/*
 * What counts of one against its organisation and the host: while other limits
 * are put in force the greater of either, as it may stay with those it had.
 */
struct resize resize_counted(const struct sandbox *sandbox);

/* The worker's job has ended; err NULL = well. */
void resize_applied(struct sandbox *sandbox, const struct err *err);
