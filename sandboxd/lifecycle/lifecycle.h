// SPDX-License-Identifier: Apache-2.0
/*
 * What happens to a sandbox: whatever comes, a request, a worker's or a
 * write's end, a word of init or its death, is an event for the machine; the
 * step it gives is taken here and performed by actions.c.
 */
#pragma once

#include "sandboxd/daemon.h"

/* Has every event told to us: the members on_* of the daemon. */
void lifecycle_listen(struct daemon *daemon);

/* Gives what the table was loaded with its clock; before the first event. */
void lifecycle_prepare(struct sandbox *sandbox);

/* Puts one of this record into the table, with an id and a slot of its own and
 * its clock. No event, and nobody is told. */
int lifecycle_add(struct daemon *daemon, struct sandbox_record *record,
    struct sandbox **ret, struct err *err);

/*
 * Makes a sandbox of this record (id, slot and state are chosen here), whose
 * blobs it takes over on success, or has one of the pool become it. Answered
 * when it runs and its row is durable, or has failed, in which case nothing of
 * it is left. The asker is ours to release; on an error it has been, and is not
 * answered. So it is below. Its disk begins as a copy of source, where that is
 * not NULL.
 */
int lifecycle_create(struct daemon *daemon, struct sandbox_record *record,
    const struct sandbox_source *source, const struct asker *asker,
    struct err *err);

/*
 * For who asks again for what a create has made: answered as that is, where it
 * has not been yet, else once the row is durable, or at once where it is on its
 * way out.
 */
int lifecycle_join(struct sandbox *sandbox, const struct asker *asker,
    struct err *err);

/* Answered when init can be connected to, the sandbox being resumed or started
 * first if need be. -EBUSY where its state lets nobody in, or its auto_resume
 * is off and it would take that. */
int lifecycle_attach(struct sandbox *sandbox, const struct asker *asker,
    struct err *err);

/* Answered when it runs; is_access: as lifecycle_attach. */
int lifecycle_resume(struct sandbox *sandbox, bool is_access,
    const struct asker *asker, struct err *err);

/*
 * Its disk is exchanged for a copy of this snapshot. One that runs or is paused
 * is suspended for that, for `whose` reason, and answered when it runs again;
 * another is when its disk is there. -EBUSY where it is at no rest.
 */
int lifecycle_restore(struct sandbox *sandbox,
    const struct sandbox_source *snapshot, const char *whose,
    const struct asker *asker, struct err *err);

/*
 * EVENT_PAUSE: answered when every process stands still and its row says so.
 * EVENT_SUSPEND: when no process of it is left. `whose` is the audit name that
 * the reason will have. -EBUSY where its state does not lead there.
 */
int lifecycle_rest(struct sandbox *sandbox, enum machine_event event,
    const char *whose, const struct asker *asker, struct err *err);

/*
 * Its ttl, or duration_s from now where that is not 0, and its hard_ttl begin
 * anew; one that its ttl has paused is resumed where its auto_resume says so.
 * Answered when that is so, durably. -EBUSY where it has no processes.
 */
int lifecycle_renew(struct sandbox *sandbox, uint64_t duration_s,
    const struct asker *asker, struct err *err);

/* Its record was changed, is_renewed: what that says of its time, which counts
 * from now. Answered when that is durable. */
int lifecycle_change(struct sandbox *sandbox, bool is_renewed,
    const struct asker *asker, struct err *err);

/* Answered when nothing of it is left; `whose` is the audit name that the
 * tombstone will have. */
int lifecycle_destroy(struct sandbox *sandbox, const char *whose,
    const struct asker *asker, struct err *err);

/* Answered when every process inside, but init, has been sent SIGKILL. -EBUSY
 * where none can run. */
int lifecycle_kill(struct sandbox *sandbox, const struct asker *asker,
    struct err *err);

/*
 * Gives it the policy in `list`, checked and copied; answered when its row is
 * on the disk and, where it has a process, the policy in force and the flows
 * that it forbids cut. -EBUSY while something else happens to it.
 */
int lifecycle_set_egress(struct sandbox *sandbox, struct rpc_bytes list,
    const struct asker *asker, struct err *err);

/*
 * Reads how often the kernel has killed for memory in it, from the cgroup: a
 * file, so for one that is asked about and whenever somebody comes or goes, and
 * never for each of a list.
 */
void lifecycle_count_kills(struct sandbox *sandbox);

/* For worker_pool_start() and writer_start(); data is the daemon. */
void lifecycle_job_done(const struct job *job,
    const struct job_result *result, int pid_fd, void *data);
void lifecycle_logged(const struct sandbox_record *record, void *data);
void lifecycle_written(const char *id, enum writer_what what,
    enum registry_durability durability, const struct err *err, void *data);
