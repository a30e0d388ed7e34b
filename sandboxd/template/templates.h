// SPDX-License-Identifier: Apache-2.0
/*
 * What becomes of templates that were published (publication.h): withdrawn, and
 * deleted once nothing is left that was made of them. What blocks is a slow
 * worker's.
 */
#pragma once

#include "sandboxd/daemon.h"

/* Publications and withdrawals under way at once. */
#define TEMPLATES_PENDING_MAX 32

/* Of an encoded template_kept. */
#define TEMPLATE_KEPT_BYTES_MAX 68608

/* Who asked: told once, with the template or NULL where it is gone, or with the
 * error; then released. Released alone where a call here fails. */
struct templates_asker {
	void (*answer)(void *owner, uint32_t request_id,
	    const struct template *template, const struct err *err);
	void (*release)(void *owner);
	void *owner;
	uint32_t request_id;
};

/* Reads what was published before; once, when the sandboxes are loaded. */
int templates_load(struct daemon *daemon, struct err *err);
void templates_free(struct daemon *daemon);

/* Withdraws one. */
int templates_withdraw(struct daemon *daemon, struct template *template,
    const struct templates_asker *asker, struct err *err);

/* Withdraws all of an organisation, and tells nobody. */
void templates_withdraw_all(struct daemon *daemon, const char *org);

/* The end of a JOB_PUBLISH, JOB_WITHDRAW or JOB_DROP_LAYER. */
void templates_job_done(struct daemon *daemon, const struct job *job,
    const struct job_result *result);

/* Has what nobody uses any more deleted. */
void templates_collect(struct daemon *daemon);

/* How many sandboxes of an organisation, NULL = of any, were made of exactly
 * this version. */
uint32_t templates_count_sandboxes(const struct daemon *daemon,
    const struct template *template, const char *org);

/* What the layers of an organisation may take, by the disks they came from. */
uint64_t templates_disk_bytes(const struct daemon *daemon, const char *org);

/* Puts the layers that a sandbox lies on into its job. -ENOENT where they are
 * gone. */
int templates_fill_job(const struct daemon *daemon,
    const struct sandbox_record *record, struct job *job, struct err *err);
