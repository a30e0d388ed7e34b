// SPDX-License-Identifier: Apache-2.0
/*
 * What sessions tell after their login, for the audit log. They may say what
 * they like, as often as they like: lines are bounded for each connection.
 */
#pragma once

#include <stdint.h>

#include "common/rpc.h"

#define BROKER_NOTES_PERIOD_MS	  60000
#define BROKER_NOTES_A_PERIOD	  120

struct connection;

struct broker_notes {
	uint64_t period_began_ms;
	uint32_t n_written; /* in this period */
	uint32_t n_left_out; /* since the last line about them */
};

/* Takes a note_forward event of an authenticated connection. 0 or -EBADMSG. */
int broker_notes_forward(struct connection *connection, uint32_t id,
    const void *request, struct err *err);

/* Says how many were left out, if any; when the connection ends. */
void broker_notes_end(struct connection *connection);
