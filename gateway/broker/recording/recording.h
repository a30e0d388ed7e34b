// SPDX-License-Identifier: Apache-2.0
/*
 * Recordings as the broker makes them for sessions: it names the files, writes
 * who is recorded into them and hands out descriptors that only append.
 */
#pragma once

#include <limits.h>

#include "common/err.h"
#include "common/rpc.h"

struct broker;
struct connection;

/* Answers record_open, of a session that is to be recorded; or -errno, which
 * is its answer. */
int broker_recording_open(struct connection *connection, uint32_t id,
    const void *request, struct err *err);

/* The folder of recordings.h. 0 or -ENAMETOOLONG. */
int broker_recording_dir(const struct broker *broker, char ret[PATH_MAX],
    struct err *err);

/* Removes some of what is older than recording_keep; call it now and then. */
void broker_recording_expire(struct broker *broker);
