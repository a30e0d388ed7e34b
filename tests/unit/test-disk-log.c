// SPDX-License-Identifier: Apache-2.0
/*
 * What is kept of the logs of sandboxes that are gone: not what is older than
 * it may be, and of the rest the newest that have room together, whatever
 * order the folder tells them in.
 */
#include "sandboxd/disk/log.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandboxd/disk/backend.h"

#define N_LOGS 4
#define BYTES  1000

static struct disk_pool pool = {.path = "/tmp/test-disk-log-XXXXXX"};

/* Of the sandbox n: one ended so long after the first of them. */
static void
path_of(int n, char ret[DISK_PATH_SIZE])
{
	snprintf(ret, DISK_PATH_SIZE, "%.200s/.logs/sb_00000000000%d",
	    pool.path, n);
}

static void
make(int n, long second, long millisecond)
{
	static const char bytes[BYTES];
	const struct timespec at[2] = {{second, millisecond * 1000000},
	    {second, millisecond * 1000000}};
	char path[DISK_PATH_SIZE];
	int fd;

	path_of(n, path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert(fd >= 0 && write(fd, bytes, BYTES) == BYTES);
	assert(futimens(fd, at) == 0);
	close(fd);
}

static void
tidy(int64_t before_s, uint64_t bytes_max, const char *wanted)
{
	char path[DISK_PATH_SIZE], left[N_LOGS + 1] = "";
	struct err err = {0};

	assert(disk_log_tidy(&pool, before_s, bytes_max, &err) == 0);
	for (int n = 1; n <= N_LOGS; n++) {
		path_of(n, path);
		if (access(path, F_OK) == 0)
			sprintf(left + strlen(left), "%d", n);
	}
	printf("after %lld, at most %llu bytes: %s\n", (long long)before_s,
	    (unsigned long long)bytes_max, left);
	assert(strcmp(left, wanted) == 0);
}

int
main(void)
{
	char folder[DISK_PATH_SIZE];
	struct err err = {0};

	assert(mkdtemp(pool.path) != NULL);
	/* There is none yet. */
	assert(disk_log_tidy(&pool, 0, 0, &err) == 0);
	snprintf(folder, sizeof folder, "%.200s/.logs", pool.path);
	assert(mkdir(folder, 0700) == 0);

	make(1, 1000, 0);
	make(2, 2000, 0);
	make(3, 3000, 0);
	make(4, 4000, 0);
	tidy(0, 4 * BYTES, "1234");
	tidy(2000, 4 * BYTES, "234");
	tidy(2000, 3 * BYTES - 1, "34");
	tidy(0, BYTES, "4");
	tidy(4001, BYTES, "");

	/* All in one second, and both orders of making them. */
	make(4, 5000, 900);
	make(3, 5000, 700);
	make(2, 5000, 500);
	make(1, 5000, 300);
	tidy(0, 2 * BYTES, "34");
	make(1, 5000, 800);
	make(2, 5000, 950);
	tidy(0, 3 * BYTES, "124");
	tidy(5000, 2 * BYTES, "24");
	tidy(5000, 0, "");

	assert(rmdir(folder) == 0 && rmdir(pool.path) == 0);
	return 0;
}
