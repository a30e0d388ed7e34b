// SPDX-License-Identifier: Apache-2.0
/*
 * What happens to a sandbox: requests come in, a worker's job ends, init
 * answers, init dies; each leads to the next step here. One job at a time for
 * a sandbox; requests that cannot be answered yet wait on it.
 */
#pragma once

#include "sandboxd/daemon.h"
#include "sandboxd/door/peer.h"

/* Requests that wait on one sandbox at once. */
#define WAITERS_MAX 1024

/*
 * Makes a sandbox of this record (id, slot and state are chosen here), whose
 * env it takes over on success. The request is answered when it runs or has
 * failed, in which case nothing of it is left.
 */
int lifecycle_create(struct daemon *daemon, struct sandbox_record *record,
    struct peer *peer, uint32_t request_id, struct err *err);

/* Hands the peer a connection to init, starting the sandbox first if need be;
 * answered then. */
int lifecycle_attach(struct sandbox *sandbox, struct peer *peer,
    uint32_t request_id, struct err *err);

/* Answered when nothing of it is left. */
int lifecycle_destroy(struct sandbox *sandbox, struct peer *peer,
    uint32_t request_id, struct err *err);

/* From ephemeral.c: destroys it, for nobody to be told. */
void lifecycle_expire(struct sandbox *sandbox);

/* For worker_pool_start(); data is the daemon. */
void lifecycle_job_done(const struct job *job,
    const struct job_result *result, int pid_fd, void *data);

/* From contact.c: init has answered init_setup, or will not. */
void lifecycle_ready(struct sandbox *sandbox);
void lifecycle_lost(struct sandbox *sandbox, const struct err *why);

/*
 * From adopt.c, at start: takes up a sandbox whose init lives (pid_fd, owned
 * from now on), or does what its state asks for where it does not (-1).
 */
void lifecycle_resume(struct sandbox *sandbox, int pid_fd, bool has_remains);

/* Forgets who waits, without an answer: for the end of the daemon. */
void lifecycle_forget_waiters(struct sandbox *sandbox);
