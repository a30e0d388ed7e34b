// SPDX-License-Identifier: Apache-2.0
/*
 * What a connection forwards, where its login is recorded: one recording, made
 * when the first forward or listener is asked for, of targets and byte counts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gateway/ssh/relay.h"
#include "gateway/ssh/turn.h"

struct recording;

struct forward_recording {
	struct turn *turn;
	struct recording *recording; /* owned; NULL = none yet */
	uint32_t n_opened;
};

/* What is recorded of one forward. */
struct forward_record {
	const char *type; /* of the channel; static */
	char *target;	  /* a host or a path, or NULL */
	uint32_t port;
	uint32_t number; /* 0 = never open */
	uint64_t n_bytes[N_RELAY_WAY];
};

/*
 * Whether forwards may move: the recording is there, or need not be. Asks for
 * it at first; where it cannot be made the connection is ended.
 */
bool forward_recording_allows(struct forward_recording *recording);

/* Whether they wait for the broker's answer about it. */
bool forward_recording_waits(const struct forward_recording *recording);

/* Something was listened for or accepted (enum broker_forward). */
void forward_recording_note(struct forward_recording *recording,
    uint32_t kind, const char *target, uint32_t port);

/* The forward could not be connected; why, as the client is told. */
void forward_recording_fail(struct forward_recording *recording,
    const struct forward_record *record, const char *words);

/* It carries bytes from now on, which are counted; it does no more. The record
 * must stay where it is. */
void forward_recording_start(struct forward_recording *recording,
    struct forward_record *record, struct relay *relay);
void forward_recording_stop(struct forward_recording *recording,
    const struct forward_record *record);

/* Writes what was gathered; once a turn. */
void forward_recording_flush(struct forward_recording *recording);

/* The connection ends; what is open was stopped before. */
void forward_recording_close(struct forward_recording *recording);
