// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/kept_disks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/disk_mounts.h"
#include "common/log.h"
#include "sandboxd/recipe/disk_mount.h"

struct kept_disk {
	char id[SANDBOX_ID_SIZE];
	char org[NAME_SIZE];
	bool is_leaving;
	struct kept_disk_asker asker; /* answer NULL: nobody */
	struct kept_disk *next;
};

static struct kept_disk *
find(const struct daemon *daemon, const char *org, const char *id)
{
	struct kept_disk *disk = daemon->kept_disks;

	while (disk != NULL && (strcmp(disk->org, org) != 0 ||
	    strcmp(disk->id, id) != 0))
		disk = disk->next;
	return disk;
}

static struct kept_disk *
add(struct daemon *daemon, const char *org, const char *id)
{
	struct kept_disk *disk = calloc(1, sizeof *disk);

	if (disk == NULL) {
		log_error("disk is not counted id=%s: no memory", id);
		return NULL;
	}
	snprintf(disk->id, sizeof disk->id, "%s", id);
	snprintf(disk->org, sizeof disk->org, "%s", org);
	disk->next = daemon->kept_disks;
	daemon->kept_disks = disk;
	return disk;
}

static void
answer(struct kept_disk *disk, const struct err *err)
{
	const struct kept_disk_asker asker = disk->asker;

	disk->asker = (struct kept_disk_asker){0};
	if (asker.answer != NULL) {
		asker.answer(asker.owner, asker.request_id, err);
		asker.release(asker.owner);
	}
}

static void
drop(struct daemon *daemon, struct kept_disk *disk)
{
	struct kept_disk **at = &daemon->kept_disks;

	while (*at != disk)
		at = &(*at)->next;
	*at = disk->next;
	if (disk->asker.answer != NULL)
		disk->asker.release(disk->asker.owner);
	free(disk);
}

static void
found(const char *org, const char *id, void *data)
{
	(void)add(data, org, id);
}

int
kept_disks_load(struct daemon *daemon, struct err *err)
{
	return kept_list(daemon->runtime.disks, found, daemon, err);
}

void
kept_disks_end(struct daemon *daemon)
{
	while (daemon->kept_disks != NULL)
		drop(daemon, daemon->kept_disks);
}

/* The first sandbox that has it so that another cannot, or NULL; is_writing:
 * as one who writes would. */
static const struct sandbox *
find_holder(const struct daemon *daemon, const char *org, const char *id,
    bool is_writing, bool *ret_writes)
{
	for (size_t i = 0; i < daemon->sandboxes.n; i++) {
		const struct sandbox *sandbox = daemon->sandboxes.sorted[i];
		const struct sandbox_record *record = &sandbox->record;
		struct disk_mount mounts[DISK_MOUNTS_MAX];
		int n = record->disks[0] == '\0' ||
		    strcmp(record->org, org) != 0 ? 0 :
		    disk_mounts_parse(record->disks, mounts, NULL);

		for (int j = 0; j < n; j++) {
			if (strcmp(mounts[j].disk, id) != 0 ||
			    (mounts[j].is_readonly && !is_writing))
				continue;
			*ret_writes = !mounts[j].is_readonly;
			return sandbox;
		}
	}
	return NULL;
}

static int
check_one(const struct daemon *daemon, const char *org,
    const struct disk_mount *mount, uint64_t *bytes, struct err *err)
{
	const struct kept_disk *disk = find(daemon, org, mount->disk);
	const struct sandbox *holder;
	bool writes;

	if (!disk_id_is_valid(mount->disk))
		return err_set(err, EINVAL, "disks: \"%s\" is no disk's id",
		    mount->disk);
	if (disk != NULL && disk->is_leaving)
		return err_set(err, EBUSY, "disks: %s is being removed",
		    mount->disk);
	holder = find_holder(daemon, org, mount->disk, !mount->is_readonly,
	    &writes);
	if (holder != NULL)
		return err_set(err, EBUSY, "disks: %s is mounted in %s, which "
		    "%s; it can have one writer or many readers",
		    mount->disk, holder->record.id,
		    writes ? "may write to it" : "reads it");
	if (disk == NULL)
		*bytes += daemon->settings.disk_limit_bytes;
	return 0;
}

int
kept_disks_check(const struct daemon *daemon,
    const struct sandbox_record *record, uint64_t *ret_bytes, struct err *err)
{
	struct disk_mount mounts[DISK_MOUNTS_MAX];
	int n = disk_mounts_parse(record->disks, mounts, err), r = n;

	*ret_bytes = 0;
	if (n > 0)
		r = kept_check(daemon->runtime.disks, err);
	for (int i = 0; i < n && r >= 0; i++)
		r = check_one(daemon, record->org, &mounts[i], ret_bytes,
		    err);
	return r < 0 ? r : 0;
}

void
kept_disks_note(struct daemon *daemon, const struct sandbox_record *record)
{
	struct disk_mount mounts[DISK_MOUNTS_MAX];
	int n = disk_mounts_parse(record->disks, mounts, NULL);

	for (int i = 0; i < n; i++)
		if (find(daemon, record->org, mounts[i].disk) == NULL)
			(void)add(daemon, record->org, mounts[i].disk);
}

void
kept_disks_inherit(const struct sandbox_record *from,
    struct sandbox_record *ret)
{
	struct disk_mount mounts[DISK_MOUNTS_MAX], kept[DISK_MOUNTS_MAX];
	int n = disk_mounts_parse(from->disks, mounts, NULL);
	size_t n_kept = 0;

	for (int i = 0; i < n; i++)
		if (mounts[i].is_readonly)
			kept[n_kept++] = mounts[i];
	(void)disk_mounts_print(kept, n_kept, ret->disks, NULL);
}

uint64_t
kept_disks_bytes(const struct daemon *daemon, const char *org)
{
	uint64_t bytes = 0;

	for (const struct kept_disk *disk = daemon->kept_disks; disk != NULL;
	    disk = disk->next)
		if (strcmp(disk->org, org) == 0)
			bytes += daemon->settings.disk_limit_bytes;
	return bytes;
}

static int
submit(struct daemon *daemon, struct kept_disk *disk, struct err *err)
{
	struct job job = {.kind = JOB_DROP_DISK};
	int r;

	snprintf(job.id, sizeof job.id, "%s", disk->id);
	snprintf(job.org, sizeof job.org, "%s", disk->org);
	r = worker_pool_submit(daemon->workers, &job, err);
	disk->is_leaving = r == 0;
	return r;
}

/* Whether nobody has it, and nobody removes it. */
static int
check_free(const struct daemon *daemon, const char *org, const char *id,
    const struct kept_disk *disk, struct err *err)
{
	const struct sandbox *holder;
	bool writes;

	if (disk != NULL && disk->is_leaving)
		return err_set(err, EBUSY, "%s is being removed", id);
	holder = find_holder(daemon, org, id, true, &writes);
	return holder == NULL ? 0 : err_set(err, EBUSY, "%s is mounted in %s; "
	    "destroy that first", id, holder->record.id);
}

int
kept_disks_remove(struct daemon *daemon, const char *org, const char *id,
    const struct kept_disk_asker *asker, struct err *err)
{
	struct kept_disk *disk = find(daemon, org, id);
	int r = check_free(daemon, org, id, disk, err);

	if (r == 0 && disk == NULL) {
		asker->answer(asker->owner, asker->request_id, NULL);
		asker->release(asker->owner);
		return 0;
	}
	if (r == 0)
		r = submit(daemon, disk, err);
	if (r < 0)
		asker->release(asker->owner);
	else
		disk->asker = *asker;
	return r;
}

void
kept_disks_remove_all(struct daemon *daemon, const char *org)
{
	struct err err = {0};

	for (struct kept_disk *disk = daemon->kept_disks; disk != NULL;
	    disk = disk->next)
		if (strcmp(disk->org, org) == 0 && !disk->is_leaving &&
		    submit(daemon, disk, &err) < 0)
			log_error("disk stays id=%s org=%s: %s", disk->id,
			    org, err.text);
}

void
kept_disks_job_done(struct daemon *daemon, const struct job *job,
    const struct job_result *result)
{
	struct kept_disk *disk = find(daemon, job->org, job->id);

	if (disk == NULL)
		return;
	disk->is_leaving = false;
	if (result->err.code != 0) {
		log_error("disk stays id=%s org=%s: %s", job->id, job->org,
		    result->err.text);
		answer(disk, &result->err);
		return;
	}
	answer(disk, NULL);
	drop(daemon, disk);
}
