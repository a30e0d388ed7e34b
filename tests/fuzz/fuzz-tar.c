// SPDX-License-Identifier: Apache-2.0
/*
 * A tar archive unpacked into a folder, as sandbox-files does: whatever it
 * says, nothing outside of the folder changes. The first byte is the size of
 * pieces.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandboxd/init/files/tree.h"
#include "sandboxd/init/files/unpack.h"

/* A file of an archive may be one hole; of the disk that takes nothing. */
#define FILE_MAX ((rlim_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct feed {
	const uint8_t *data;
	size_t size, piece;
};

static ssize_t
get(void *arg, const void **ret)
{
	struct feed *feed = arg;
	size_t n = feed->size < feed->piece ? feed->size : feed->piece;

	*ret = feed->data;
	feed->data += n;
	feed->size -= n;
	return (ssize_t)n;
}

/* In memory: thousands of files are made for nothing. */
static char outside[] = "/dev/shm/fuzz-tar-XXXXXX";

static void
remove_all(void)
{
	struct err err;

	(void)tree_remove(outside, true, &err);
}

static void
begin(void)
{
	static bool is_begun;
	const struct rlimit limit = {FILE_MAX, FILE_MAX};

	if (is_begun)
		return;
	is_begun = true;
	(void)umask(022);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
	assert(mkdtemp(outside) != NULL);
	assert(atexit(remove_all) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed feed = {data + 1, size - 1, size > 0 ? data[0] + 1U : 1};
	struct unpacked unpacked;
	struct err err = {0};
	char folder[64];
	int r;

	if (size == 0)
		return 0;
	begin();
	snprintf(folder, sizeof folder, "%s/in", outside);
	assert(mkdir(folder, 0700) == 0);
	r = unpack_folder(folder, get, &feed, &unpacked, &err);
	assert(r == 0 || (r < 0 && err.text[0] != '\0'));
	(void)chmod(folder, 0700);
	assert(tree_remove(folder, true, &err) == 0);
	/* It was the only one there. */
	assert(rmdir(outside) == 0 && mkdir(outside, 0700) == 0);
	return 0;
}
