// SPDX-License-Identifier: Apache-2.0
/*
 * What this host can give: to one sandbox, and to all of them together, so
 * that something is left for the host itself.
 */
#pragma once

#include "common/err.h"
#include "sandboxd/settings.h"

/* Of what the kernel has one of, one sandbox takes at most this part. */
#define CEILING_PARTS 4

/* What the host has. */
struct host_size {
	uint64_t memory_bytes;
	uint64_t pids; /* kernel.pid_max or kernel.threads-max */
	uint64_t cpu_millis;
	uint64_t disk_bytes; /* of the pool of disks */
};

/* The most a create may ask for, and whether that is the host's word or, the
 * lower of the two, the configuration's. */
struct ceiling {
	uint64_t value;
	bool is_host;
};

struct ceilings {
	struct host_size host;
	struct ceiling memory_bytes, pids, cpu_millis, disk_bytes;
	uint64_t all_memory_bytes, all_pids; /* of all sandboxes together */
};

/*
 * Reads from /proc all but the disk, which is the caller's to fill in. 0 or
 * -errno.
 */
int host_size_read(struct host_size *ret, struct err *err);

/*
 * From what the host has and what the settings say; pure. -EINVAL, with the
 * key named, for a reserve of more than half of what there is.
 */
int ceilings_find(const struct host_size *host,
    const struct settings *settings, struct ceilings *ret, struct err *err);

/* What a create that asks for nothing gets: the setting, or what there is. */
uint64_t ceiling_default(uint64_t setting, struct ceiling most);

/*
 * The value of a file of /proc/sys or the like: the number at `column`, from 0.
 * 0 where there is no such file or number, as on a kernel without it.
 */
uint64_t host_number(const char *path, unsigned column);
