// SPDX-License-Identifier: Apache-2.0
/* Limits by number and by name, of a sandbox that is new and of one that is
 * there. */
#include "sandboxd/door/limits.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "sandboxd/sizes.h"

#define MIB (1024ULL * 1024)

static struct settings settings = {.memory_limit_bytes = 512 * MIB,
    .pids_limit = 4096, .cpu_limit_millis = 1000,
    .disk_limit_bytes = 5000 * MIB,
    .sizes = "small=1/256M  big=4/2G/20G"};
static const struct ceilings ceilings = {.memory_bytes = {4096 * MIB, true},
    .pids = {10000, true}, .cpu_millis = {4000, true},
    .disk_bytes = {40000 * MIB, false}};
static struct sandbox_record record;
static struct err err;

static int
choose(const struct limits_wish *wish, const struct sandbox_record *before)
{
	err = (struct err){0};
	return limits_choose(&settings, &ceilings, wish, NULL, before, &record,
	    &err);
}

static bool
says(const char *words)
{
	return strncmp(err.text, words, strlen(words)) == 0;
}

int
main(void)
{
	struct limits_wish wish = {.size = ""};
	struct sandbox_record before;
	struct size size;

	assert(choose(&wish, NULL) == 0);
	assert(record.memory_limit_bytes == 512 * MIB &&
	    record.pids_limit == 4096 && record.cpu_limit_millis == 1000 &&
	    record.disk_limit_bytes == 5000 * MIB);
	/* A size, what it leaves open, and what goes before it. */
	wish.size = "small";
	assert(choose(&wish, NULL) == 0);
	assert(record.memory_limit_bytes == 256 * MIB &&
	    record.disk_limit_bytes == 5000 * MIB);
	wish = (struct limits_wish){.size = "big", .memory_bytes = 64 * MIB};
	assert(choose(&wish, NULL) == 0);
	assert(record.memory_limit_bytes == 64 * MIB &&
	    record.cpu_limit_millis == 4000 &&
	    record.disk_limit_bytes == 20480 * MIB);
	wish.size = "huge";
	assert(choose(&wish, NULL) == -EINVAL);
	assert(strcmp(err.text,
	    "size: \"huge\" is not one of small, big") == 0);
	/* One that is there keeps what is not said, and its disk grows. */
	before = record;
	wish = (struct limits_wish){.size = "", .pids = 100};
	assert(choose(&wish, &before) == 0 && record.pids_limit == 100 &&
	    record.disk_limit_bytes == 20480 * MIB);
	wish.disk_bytes = 20479 * MIB;
	assert(choose(&wish, &before) == -EINVAL);
	assert(says("disk_limit_bytes: 21473787904 is less than what it has, "
	    "21474836480; a disk only grows"));
	wish.disk_bytes = 40001 * MIB;
	assert(choose(&wish, &before) == -EINVAL);
	assert(says("disk_limit_bytes: 41944088576 is not from 16777216 to"));
	assert(size_find("a=1/1G b=2/2G", NULL, NULL, &err) == 0);
	assert(size_find("a=1/1G b", NULL, NULL, &err) == -EINVAL);
	assert(size_find("a=1", "a", &size, &err) == -EINVAL);
	assert(size_find("a=0/1G", "a", &size, &err) == -EINVAL);
	assert(size_find("a=1/1G/", "a", &size, &err) == -EINVAL);
	return 0;
}
