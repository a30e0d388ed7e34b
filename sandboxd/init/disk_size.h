// SPDX-License-Identifier: Apache-2.0
/*
 * How large the sandbox's disk is, for who asks the kernel: statfs(2) knows of
 * no quota. Of what is on the disk the quota is told, of all else nothing.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/vfs.h>

#include "sandboxd/init/sftp/quota.h"

struct disk_size {
	struct quota quota;
	/* "/" and "/tmp"; none is 0. A file's device is not always that of the
	 * overlay it is in. */
	uint64_t mounts[2];
	dev_t root_device;
	ino_t root_file;
};

void disk_size_init(struct disk_size *size);

/* One who asks. */
struct asker {
	const struct seccomp_data *data;
	int folder_fd; /* its /proc/ID */
	int memory_fd;
};

/*
 * Opens what a caller of statfs or fstatfs asks of, by path only. Whoever calls
 * has the caller's file rights just then, and closes it. -1: none of our
 * business.
 */
int disk_size_open(const struct disk_size *size, const struct asker *asker);

/* The answer for what that opened; false: the kernel's. */
bool disk_size_tell(const struct disk_size *size, int fd, struct statfs *ret);
