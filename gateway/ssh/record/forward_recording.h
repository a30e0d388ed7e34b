// SPDX-License-Identifier: Apache-2.0
/*
 * What a connection forwards, where its login is recorded: one recording, made
 * when the first forward or listener is asked for, of targets and byte counts.
 */
#pragma once

#include "gateway/ssh/forward/forward.h"

/*
 * Whether forwards may move: the recording is there, or need not be. Asks for
 * it at first; where it cannot be made the connection is ended.
 */
bool forward_recording_allows(struct session *session);

/* Whether they wait for the broker's answer about it. */
bool forward_recording_waits(const struct session *session);

/* Something was listened for or accepted (enum broker_forward). */
void forward_recording_note(struct session *session, uint32_t kind,
    const char *target, uint32_t port);

/* The forward could not be connected; why, as the client is told. */
void forward_recording_fail(const struct forward *forward, const char *words);

/* It carries bytes from now on, which are counted; it does no more. */
void forward_recording_start(struct forward *forward);
void forward_recording_stop(const struct forward *forward);

/* Writes what was gathered; once a turn. */
void forward_recording_flush(struct session *session);

/* The connection ends, and with it what is open. */
void forward_recording_close(struct session *session);
