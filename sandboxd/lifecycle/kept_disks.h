// SPDX-License-Identifier: Apache-2.0
/*
 * Disks that can be mounted into sandboxes (docs/DISKS.md): which there are,
 * whose, and who has them. A disk's tree is made when it is first mounted.
 * Nothing is kept of who has it: that is in the sandboxes' records, from the
 * moment one is made until nothing of it is left.
 */
#pragma once

#include "sandboxd/daemon.h"

struct kept_disk;

/* What there is in the pool. */
int kept_disks_load(struct daemon *daemon, struct err *err);
void kept_disks_end(struct daemon *daemon);

/*
 * Whether a sandbox of this record can have its disks: -EBUSY names who has
 * one, -EINVAL is about the words, -EOPNOTSUPP about the host. *ret_bytes is
 * what those that are new come to.
 */
int kept_disks_check(const struct daemon *daemon,
    const struct sandbox_record *record, uint64_t *ret_bytes,
    struct err *err);

/* It is being made: what is new of its disks counts from now on. */
void kept_disks_note(struct daemon *daemon,
    const struct sandbox_record *record);

/* What a fork has of them: those that nobody writes to. */
void kept_disks_inherit(const struct sandbox_record *from,
    struct sandbox_record *ret);

/* The limits of all of an organisation's, in bytes. */
uint64_t kept_disks_bytes(const struct daemon *daemon, const char *org);

/* Who waits for a removal: answered once, and then released. */
struct kept_disk_asker {
	void (*answer)(void *owner, uint32_t request_id,
	    const struct err *err);
	void (*release)(void *owner);
	void *owner;
	uint32_t request_id;
};

/*
 * Removes a tree; there being none is answered at once. On an error, -EBUSY
 * where a sandbox has it, the asker has been released.
 */
int kept_disks_remove(struct daemon *daemon, const char *org, const char *id,
    const struct kept_disk_asker *asker, struct err *err);

/* All of an organisation that is no more. */
void kept_disks_remove_all(struct daemon *daemon, const char *org);

/* A worker's word on one. */
void kept_disks_job_done(struct daemon *daemon, const struct job *job,
    const struct job_result *result);
