// SPDX-License-Identifier: Apache-2.0
/*
 * Whether the kernel has killed for memory in this sandbox, whoever's child it
 * was: told to all who may start something here.
 */
#pragma once

#include "sandboxd/init/loop.h"

struct init;

/* Where init is born with them: behind those of rescue.h. */
#define OOM_FIRST_FD 8

struct oom {
	struct watch watch; /* of what tells that there is news */
	int kills_fd;	    /* where the number is */
	unsigned long kills;
	uint64_t until_ms; /* it is looked at until then; 0 = no news */
};

/* Takes the two descriptors from first_fd on over, where the first is a file of
 * a cgroup. */
void oom_init(struct init *init, int first_fd);

/* How many have been killed so far, whoever's; 0 where nobody counts. The
 * kernel counts one before it is sent its signal. */
unsigned long oom_count(const struct oom *oom);

/* Looks, where there was news; milliseconds to the next time, or -1. */
int oom_expire(struct init *init);
