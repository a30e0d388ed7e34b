// SPDX-License-Identifier: Apache-2.0
/*
 * What a worker and the process that is to be init say to each other before
 * that has a root file system. It is cloned with its namespaces and its user
 * namespace, and waits for its parts: a moment, or, as a blank (docs/POOL.md),
 * until a create wants it. A blank keeps what that needs of its making: the
 * worker's end of their socket, and the namespace of id-mapped mounts, from
 * where the next worker takes them.
 */
#pragma once

#include "sandboxd/recipe/disk_mount.h"
#include "sandboxd/recipe/inside.h"

/* What is not in it from its birth. */
struct blank_parts {
	uint64_t memory_limit_bytes;
	bool is_nesting;
	int root_fd, tmp_fd, listener_fd, log_fd;
	const char *disks; /* as many as there are mounts */
	const struct disk_mount_fds *mounts;
};

/* Sends them, the descriptors as copies. -EPIPE where it has died. */
int blank_send(int talk_fd, const struct blank_parts *parts, struct err *err);

/* Has it wait as a blank, with copies of both descriptors. From then on it
 * ends with sandboxd, and keeps nothing else of the worker's: no lock. */
int blank_park(int talk_fd, int idmap_fd, struct err *err);

/*
 * Takes a blank up again, by the number and the start of its process (a pidfd,
 * and what it was given to keep); all three are the caller's to close. -ESRCH
 * where that is gone.
 */
int blank_take(pid_t pid, uint64_t start_ticks, int *ret_pid_fd,
    int *ret_talk_fd, int *ret_idmap_fd, struct err *err);

/* In the new process: waits for its parts, which are in *inside then. */
int blank_wait(struct inside *inside, struct err *err);
