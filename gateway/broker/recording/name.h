// SPDX-License-Identifier: Apache-2.0
/*
 * Names of recordings. The broker makes them, of nothing a client chose:
 *
 *	20260131T235959.123Z-sb_k3v9x2m7q4tz-9f03c1d2-7-exec-1
 *	began (UTC)          sandbox       connection n kind user's number
 *
 * so that their order is that of time. A file is its name and an extension by
 * kind, in a folder by day.
 */
#pragma once

#include <stdint.h>

#include "common/parse.h"
#include "gateway/protocol/broker_calls.h"

#define RECORDING_ID_SIZE   96
#define RECORDING_DAY_SIZE  11	/* "2026-01-31" */
#define RECORDING_FILE_SIZE 104 /* with its extension */

struct recording_name {
	uint64_t started_ms;
	char sandbox_id[SANDBOX_ID_SIZE];
	uint32_t connection; /* random, one for each connection */
	uint32_t number;     /* counted within it */
	enum broker_recording kind;
	int64_t user_id;
};

/* "pty", "exec", "sftp", "forward". */
extern const char *const recording_kinds[N_BROKER_RECORDING];

void recording_name_format(const struct recording_name *name,
    char ret[RECORDING_ID_SIZE]);

/* Reads what recording_name_format writes; -EINVAL for anything else. */
int recording_name_parse(const char *id, struct recording_name *ret);

/* The folder and the file of a recording with a well-formed name. */
void recording_name_day(const char *id, char ret[RECORDING_DAY_SIZE]);
void recording_name_file(const char *id, enum broker_recording kind,
    char ret[RECORDING_FILE_SIZE]);

/* The id of a file called so, or -EINVAL where it is none of ours. */
int recording_name_of_file(const char *file, char ret[RECORDING_ID_SIZE],
    struct recording_name *ret_name);
