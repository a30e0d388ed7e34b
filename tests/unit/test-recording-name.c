// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/recording/name.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define GOOD "20260131T235959.123Z-sb_k3v9x2m7q4tz-9f03c1d2-7-exec-1"

int
main(void)
{
	static const char *const bad[] = {"", "-", "x", "../../etc/passwd",
	    "20260131T235959.123Z",
	    "20260131T235959.123Z-sb_k3v9x2m7q4tz-9f03c1d2-7-exec",
	    GOOD "-", GOOD "-2", GOOD "x", "2" GOOD,
	    "20260231T235959.123Z-sb_k3v9x2m7q4tz-9f03c1d2-7-exec-1",
	    "20260131T235959.123Z-sb_k3v9x2m7q4t/-9f03c1d2-7-exec-1",
	    "20260131T235959.123Z-sb_k3v9x2m7q4tz-9F03C1D2-7-exec-1",
	    "20260131T235959.123Z-sb_k3v9x2m7q4tz-9f03c1d2f-7-exec-1",
	    "20260131T235959.123Z-sb_k3v9x2m7q4tz-9f03c1d2-07-exec-1",
	    "20260131T235959.123Z-sb_k3v9x2m7q4tz-9f03c1d2-7-tty-1",
	    "20260131T235959.123Z-sb_k3v9x2m7q4tz-9f03c1d2-7-exec- 1",
	    "20260131/../59.123Z-sb_k3v9x2m7q4tz-9f03c1d2-7-exec-1"};
	char id[RECORDING_ID_SIZE], day[RECORDING_DAY_SIZE];
	char file[RECORDING_FILE_SIZE];
	struct recording_name name = {.kind = 0};

	assert(recording_name_parse(GOOD, &name) == 0);
	assert(name.started_ms == 1769903999123);
	assert(strcmp(name.sandbox_id, "sb_k3v9x2m7q4tz") == 0);
	assert(name.connection == 0x9f03c1d2 && name.number == 7);
	assert(name.kind == BROKER_RECORDING_EXEC && name.user_id == 1);
	recording_name_format(&name, id);
	assert(strcmp(id, GOOD) == 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert(recording_name_parse(bad[i], &name) == -EINVAL);

	recording_name_day(GOOD, day);
	assert(strcmp(day, "2026-01-31") == 0);
	recording_name_file(GOOD, BROKER_RECORDING_EXEC, file);
	assert(strcmp(file, GOOD ".jsonl") == 0);
	assert(recording_name_of_file(GOOD ".jsonl", id, &name) == 0);
	assert(strcmp(id, GOOD) == 0);
	assert(recording_name_of_file(GOOD ".cast", id, &name) == -EINVAL);
	assert(recording_name_of_file(GOOD, id, &name) == -EINVAL);
	assert(recording_name_of_file("..", id, &name) == -EINVAL);
	assert(recording_name_of_file(".jsonl", id, &name) == -EINVAL);

	/* The longest of everything fits. */
	name = (struct recording_name){UINT64_MAX,
	    "sb_0123456789abcdefghjkmnpqrstv", UINT32_MAX, 9999999,
	    BROKER_RECORDING_FORWARD, 999999999};
	recording_name_format(&name, id);
	assert(recording_name_parse(id, &name) == 0);
	return 0;
}
