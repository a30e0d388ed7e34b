// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel would answer of the host, and init answers of the sandbox:
 * the system call filter has who asks wait, and tells init of it
 * (seccomp_unotify(2), docs/INSIDE.md). Wherever init cannot be sure it has the
 * kernel answer as ever.
 *
 * Files of the caller's are opened with the caller's user and group, so that
 * nobody learns or changes more by it than otherwise. No process of the sandbox
 * mounts anything (one that nests is not asked about), so what is looked up and
 * written keeps nobody waiting but for the disk.
 */
#pragma once

#include "sandboxd/init/disk_size.h"
#include "sandboxd/init/loop.h"
#include "sandboxd/init/self_info.h"

#define ANSWERS_FD 12

struct answers {
	struct watch watch; /* fd -1: nobody asks */
	bool is_able;	    /* else the kernel answers all */
	struct disk_size disk_size;
	struct self_info self_info;
};

struct init;

/* Takes fd over where it is one by which a filter asks; else leaves it. */
void answers_init(struct init *init, int fd);

/* Answers all who ask now; for who does not turn the loop. */
void answers_give(struct init *init);
