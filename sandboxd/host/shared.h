// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel has one of for everybody on the host, and what one sandbox
 * may take of it. docs/THREATS.md says of each who is charged, and which test
 * tries to take it all.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sandboxd/host/ceiling.h"

#define SHARED_MAX 16 /* rows */

/* What an open file costs at least of its sandbox's memory; nothing else limits
 * how many a sandbox has. */
#define SHARED_FILE_BYTES 256

struct shared {
	const char *name;
	const char *unit; /* "bytes", or "" for things that are counted */
	uint64_t bound;	  /* what there is; 0: no number of its own */
	uint64_t used;	  /* of it now, by everybody */
	uint64_t share;	  /* what one sandbox may take at most; 0: nothing */
};

/* Reads them all, in the order they are shown; how many. Some small files of
 * /proc and /sys: no more than a millisecond. */
size_t shared_read(const struct ceilings *ceilings,
    struct shared ret[SHARED_MAX]);

/* Memory that the host could give out now, as the kernel estimates it
 * (MemAvailable of proc(5)); 0 where it does not say. */
uint64_t shared_memory_available_bytes(void);

/* The share of a sandbox of pseudo-terminals, and of tracked connections; what
 * enforces them asks here. */
uint32_t shared_terminals(void);
uint32_t shared_flows(void);
