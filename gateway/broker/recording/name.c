// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/recording/name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/timestamp.h"

const char *const recording_kinds[N_BROKER_RECORDING] = {
    [BROKER_RECORDING_PTY] = "pty",
    [BROKER_RECORDING_EXEC] = "exec",
    [BROKER_RECORDING_SFTP] = "sftp",
    [BROKER_RECORDING_FORWARD] = "forward",
};

static const char *
extension_of(enum broker_recording kind)
{
	return kind == BROKER_RECORDING_PTY ? ".cast" : ".jsonl";
}

/* RFC 3339 without what a file name and an order of words need not have. */
static void
format_time(uint64_t unix_ms, char ret[TIMESTAMP_SIZE])
{
	char text[TIMESTAMP_SIZE];
	size_t n = 0;

	timestamp_format(unix_ms, text);
	for (const char *p = text; *p != '\0'; p++)
		if (*p != '-' && *p != ':')
			ret[n++] = *p;
	ret[n] = '\0';
}

static int
parse_time(const char *text, uint64_t *ret_unix_ms)
{
	char full[TIMESTAMP_SIZE];

	if (strlen(text) != strlen("20260131T235959.123Z"))
		return -EINVAL;
	snprintf(full, sizeof full, "%.4s-%.2s-%.5s:%.2s:%s", text, text + 4,
	    text + 6, text + 11, text + 13);
	return timestamp_parse(full, ret_unix_ms);
}

void
recording_name_format(const struct recording_name *name,
    char ret[RECORDING_ID_SIZE])
{
	char time_text[TIMESTAMP_SIZE];

	format_time(name->started_ms, time_text);
	snprintf(ret, RECORDING_ID_SIZE, "%s-%s-%08" PRIx32 "-%" PRIu32
	    "-%s-%" PRId64, time_text, name->sandbox_id, name->connection,
	    name->number, recording_kinds[name->kind], name->user_id);
}

int
recording_name_parse(const char *id, struct recording_name *ret)
{
	enum { TIME, SANDBOX, CONNECTION, NUMBER, KIND, USER, N_PARTS };
	char text[RECORDING_ID_SIZE], again[RECORDING_ID_SIZE];
	char *parts[N_PARTS] = {NULL}, *rest = text;
	struct recording_name name = {.kind = N_BROKER_RECORDING};
	uint64_t number, user;

	if (strlen(id) >= sizeof text)
		return -EINVAL;
	snprintf(text, sizeof text, "%s", id);
	for (size_t i = 0; i < N_PARTS; i++)
		parts[i] = strsep(&rest, "-");
	if (rest != NULL || parts[USER] == NULL ||
	    parse_time(parts[TIME], &name.started_ms) < 0 ||
	    !sandbox_id_is_valid(parts[SANDBOX]) ||
	    parse_u64(parts[NUMBER], &number) < 0 || number > UINT32_MAX ||
	    parse_u64(parts[USER], &user) < 0 || user > INT64_MAX)
		return -EINVAL;
	snprintf(name.sandbox_id, sizeof name.sandbox_id, "%s",
	    parts[SANDBOX]);
	name.connection = (uint32_t)strtoul(parts[CONNECTION], NULL, 16);
	name.number = (uint32_t)number;
	name.user_id = (int64_t)user;
	for (size_t i = 0; i < N_BROKER_RECORDING; i++)
		if (strcmp(recording_kinds[i], parts[KIND]) == 0)
			name.kind = (enum broker_recording)i;
	if (name.kind == N_BROKER_RECORDING)
		return -EINVAL;
	/* One spelling each: no other text leads to the same file. */
	recording_name_format(&name, again);
	if (strcmp(again, id) != 0)
		return -EINVAL;
	*ret = name;
	return 0;
}

void
recording_name_day(const char *id, char ret[RECORDING_DAY_SIZE])
{
	snprintf(ret, RECORDING_DAY_SIZE, "%.4s-%.2s-%.2s", id, id + 4,
	    id + 6);
}

void
recording_name_file(const char *id, enum broker_recording kind,
    char ret[RECORDING_FILE_SIZE])
{
	snprintf(ret, RECORDING_FILE_SIZE, "%s%s", id, extension_of(kind));
}

int
recording_name_of_file(const char *file, char ret[RECORDING_ID_SIZE],
    struct recording_name *ret_name)
{
	const char *dot = strrchr(file, '.');
	size_t size = dot != NULL ? (size_t)(dot - file) : 0;

	if (size == 0 || size >= RECORDING_ID_SIZE)
		return -EINVAL;
	memcpy(ret, file, size);
	ret[size] = '\0';
	if (recording_name_parse(ret, ret_name) < 0 ||
	    strcmp(dot, extension_of(ret_name->kind)) != 0)
		return -EINVAL;
	return 0;
}
