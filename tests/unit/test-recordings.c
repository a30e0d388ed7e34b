// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/recording/recordings.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_MS	 86400000ull
#define START_MS (1769903999123ull) /* 2026-01-31, the day's last second */

static char dir[] = "/tmp/recordings-XXXXXX";

static void
make(const char *org, uint64_t started_ms, uint32_t number)
{
	struct recording_name name = {.started_ms = started_ms,
	    .sandbox_id = "sb_k3v9x2m7q4tz", .connection = 0xabc,
	    .number = number, .kind = number % 2 == 0 ?
	    BROKER_RECORDING_PTY : BROKER_RECORDING_EXEC, .user_id = 5};
	struct err err = {0};
	int fd;

	assert(recordings_create(dir, org, &name, &fd, &err) == 0);
	assert((fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND)) ==
	    (O_WRONLY | O_APPEND));
	assert(write(fd, "line\n", 5) == 5);
	fd_close(&fd);
	assert(recordings_create(dir, org, &name, &fd, &err) == -EEXIST);
}

static void
test_open(const char *id)
{
	static const char *const others[] = {"", "..", "../two", "x",
	    "20260131T235959.123Z-sb_k3v9x2m7q4tz-00000abc-9-exec-5"};
	struct recording_file file;
	struct err err = {0};
	struct stat st;
	char bytes[8];
	int fd;

	assert(recordings_open(dir, "one", id, &fd, &file, &err) == 0);
	assert(strcmp(file.id, id) == 0 && file.bytes == 5);
	assert(fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0640);
	assert(read(fd, bytes, sizeof bytes) == 5);
	assert(write(fd, "x", 1) < 0);
	fd_close(&fd);
	assert(recordings_open(dir, "two", id, &fd, &file, &err) == -ENOENT);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert(recordings_open(dir, "one", others[i], &fd, &file,
		    &err) == -ENOENT);
}

/* Pages hold everything once, the newest first. */
static void
test_list(struct recording_file *files)
{
	char before[RECORDING_ID_SIZE] = "";
	struct err err = {0};
	int total = 0, n;

	assert(recordings_list(dir, "none", "", files, &err) == 0);
	assert(recordings_list(dir, "one", "..", files, &err) == -EINVAL);
	do {
		n = recordings_list(dir, "one", before, files, &err);
		assert(n >= 0 && n <= RECORDINGS_PAGE);
		for (int i = 0; i < n; i++) {
			assert(*before == '\0' ||
			    strcmp(files[i].id, before) < 0);
			assert(files[i].bytes == 5);
			snprintf(before, sizeof before, "%s", files[i].id);
		}
		total += n;
	} while (n == RECORDINGS_PAGE);
	assert(total == 600);
}

static void
test_expire(struct recording_file *files)
{
	struct err err = {0};

	/* Of two days the older goes, in steps; today's second is kept. */
	assert(recordings_expire(dir, START_MS, 1000) == 0);
	assert(recordings_expire(dir, START_MS + DAY_MS, 64) == 64);
	assert(recordings_expire(dir, START_MS + DAY_MS, 1000) == 236);
	assert(recordings_expire(dir, START_MS + DAY_MS, 1000) == 0);
	assert(recordings_list(dir, "one", "", files, &err) ==
	    RECORDINGS_PAGE);
	assert(recordings_expire(dir, START_MS + 9 * DAY_MS, 1000) == 301);
	assert(recordings_list(dir, "one", "", files, &err) == 0);
	assert(rmdir(dir) == 0); /* nothing is left in it */
}

int
main(void)
{
	auto_free struct recording_file *files =
	    calloc(RECORDINGS_PAGE, sizeof *files);
	char id[RECORDING_ID_SIZE];
	struct err err = {0};

	assert(files != NULL && mkdtemp(dir) != NULL);
	for (uint32_t i = 0; i < 300; i++) {
		make("one", START_MS + i % 7, i);
		make("one", START_MS + DAY_MS + i % 7, i);
	}
	make("two", START_MS + DAY_MS, 1);
	assert(recordings_list(dir, "two", "", files, &err) == 1);
	snprintf(id, sizeof id, "%s", files[0].id);
	make("one", START_MS + DAY_MS, 1000);
	assert(recordings_list(dir, "one", "", files, &err) ==
	    RECORDINGS_PAGE);
	recordings_remove(dir, "one",
	    "20260201T235959.123Z-sb_k3v9x2m7q4tz-00000abc-1000-pty-5");
	test_open("20260131T235959.123Z-sb_k3v9x2m7q4tz-00000abc-0-pty-5");
	test_list(files);
	test_expire(files);
	return 0;
}
