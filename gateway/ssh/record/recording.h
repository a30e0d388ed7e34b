// SPDX-License-Identifier: Apache-2.0
/*
 * What a session writes of one channel, or of all its forwards, where its
 * login is recorded. The broker makes the file (record_open); here events are
 * gathered and written once a turn of the loop. A recording that cannot go on
 * ends the connection: nothing runs unseen that was to be seen.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/json_text.h"
#include "gateway/protocol/broker_calls.h"
#include "gateway/ssh/relay.h"
#include "gateway/ssh/turn.h"

struct recording;

enum recording_state {
	RECORDING_WANTED, /* the broker is to be asked */
	RECORDING_ASKED,
	RECORDING_READY,
	RECORDING_FAILED,
};

/* A recording of this kind (enum broker_recording); NULL: out of memory. */
struct recording *recording_new(struct turn *turn,
    enum broker_recording kind);

/*
 * Asks for the file; again while the state is RECORDING_WANTED. What the
 * request points to is not kept. The answer comes between two turns.
 */
enum recording_state recording_ask(struct recording *recording,
    const struct rpc_record_open_req *request);

/* How far it is; words of a failure. */
enum recording_state recording_state(const struct recording *recording);
const char *recording_failure(const struct recording *recording);

/* relay.tap, with the recording as its argument; false where SFTP is spoken
 * that cannot be followed. */
bool recording_tap(void *recording, enum relay_way way, const uint8_t *data,
    size_t size);

/* The terminal has another size. */
void recording_resize(struct recording *recording, uint32_t columns,
    uint32_t rows);

/*
 * An event of JSON lines: begins {"time":T,"event":NAME, to which the caller
 * adds members (json_text_add_member) before recording_end_event.
 */
struct json_text *recording_begin_event(struct recording *recording,
    const char *name);
void recording_end_event(struct recording *recording);

/* Writes what was gathered; call once a turn. */
void recording_flush(struct recording *recording);

/*
 * Writes the last event, with the wait status of what ran (NULL: it still
 * does, or nothing ran), closes and frees. NULL is accepted.
 */
void recording_close(struct recording *recording, const int *wait_status);
