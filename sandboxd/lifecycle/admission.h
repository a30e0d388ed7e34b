// SPDX-License-Identifier: Apache-2.0
/*
 * What this host promises to all sandboxes together: the memory limits of those
 * that hold memory (all but suspended and cleaned ones) and the disk limits of
 * all, up to what there is times what the settings say; and that a new disk
 * finds room. The pool has what that leaves, and asks for itself. CPU time is
 * not promised but shared.
 */
#pragma once

#include "sandboxd/daemon.h"

struct promise {
	uint64_t memory_bytes, disk_bytes;
};

/* What has been promised, but for what the sandbox of this id has. */
struct promise admission_promised(const struct sandbox_table *table,
    const char *but_id);

/* The most that may be; UINT64_MAX = anything. */
struct promise admission_most(const struct ceilings *ceilings,
    const struct settings *settings);

/*
 * Whether so much more can be promised to the sandbox of this id, "" = a new
 * one, in place of what it has: -ENOSPC with the setting, its value and what is
 * taken of it. 0 of something is no question.
 */
int admission_check(const struct daemon *daemon, const char *id,
    uint64_t memory_bytes, uint64_t disk_bytes, struct err *err);

/* The same for the memory of a sandbox that there is and is to run; one that
 * holds its memory has it. */
int admission_check_start(const struct sandbox *sandbox, struct err *err);
