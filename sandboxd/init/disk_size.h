// SPDX-License-Identifier: Apache-2.0
/*
 * How large the sandbox's disk is, for who asks the kernel: statfs(2) knows of
 * no quota, so that the system call filter has init answer it
 * (seccomp_unotify(2), docs/INSIDE.md). Of what is on the disk init tells the
 * quota; of all else, and wherever it cannot be sure, it has the kernel answer
 * as ever.
 *
 * What the caller names is opened by init with the caller's user and group, so
 * that nobody learns more of it so than otherwise. No process of the sandbox
 * mounts anything (one that nests is not asked about), so what is looked up and
 * written keeps nobody waiting but for the disk.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandboxd/init/loop.h"
#include "sandboxd/init/sftp/quota.h"

#define DISK_SIZE_FD 12

struct disk_size {
	struct watch watch; /* fd -1: nobody asks */
	struct quota quota;
	/* "/" and "/tmp"; none is 0. A file's device is not always that of the
	 * overlay it is in. */
	uint64_t mounts[2];
	dev_t root_device;
	ino_t root_file;
};

struct init;

/* Takes fd over where it is one by which a filter asks; else leaves it. */
void disk_size_init(struct init *init, int fd);

/* Answers all who ask now; for who does not turn the loop. */
void disk_size_answer(struct init *init);
