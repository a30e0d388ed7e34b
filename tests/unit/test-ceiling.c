// SPDX-License-Identifier: Apache-2.0
/* What a host of a given size leaves to sandboxes, and whose word that is. */
#include "sandboxd/host/ceiling.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GIB (1ULL << 30)

static struct err err;
static const struct host_size host = {.memory_bytes = 24 * GIB,
    .pids = 32768, .cpu_millis = 2000, .disk_bytes = 64 * GIB};

/* Nobody said anything: the host keeps a part, and one gets a part. */
static void
test_initial(void)
{
	struct settings settings;
	struct ceilings ceilings;

	assert(settings_read(NULL, &settings, &err) == 0);
	assert(ceilings_find(&host, &settings, &ceilings, &err) == 0);
	assert(ceilings.all_memory_bytes == 18 * GIB);
	assert(ceilings.all_pids == 28672);
	assert(ceilings.memory_bytes.value == 18 * GIB);
	assert(ceilings.pids.value == 28672 / CEILING_PARTS);
	assert(ceilings.cpu_millis.value == 2000);
	assert(ceilings.disk_bytes.value == 32 * GIB);
	assert(ceilings.memory_bytes.is_host && ceilings.pids.is_host &&
	    ceilings.cpu_millis.is_host && ceilings.disk_bytes.is_host);
}

/* The operator's word stands, but not above what there is. */
static void
test_said(void)
{
	const struct settings settings = {.memory_limit_max_bytes = GIB,
	    .pids_limit_max = 20000, .cpu_limit_max_millis = 64000,
	    .disk_limit_max_bytes = 1024 * GIB,
	    .host_memory_reserve_bytes = 4 * GIB, .host_pids_reserve = 768};
	struct ceilings ceilings;

	assert(ceilings_find(&host, &settings, &ceilings, &err) == 0);
	assert(ceilings.all_memory_bytes == 20 * GIB);
	assert(ceilings.all_pids == 32000);
	assert(ceilings.memory_bytes.value == GIB &&
	    !ceilings.memory_bytes.is_host);
	assert(ceilings.pids.value == 20000 && !ceilings.pids.is_host);
	assert(ceilings.cpu_millis.value == 2000 &&
	    ceilings.cpu_millis.is_host);
	assert(ceilings.disk_bytes.value == 64 * GIB &&
	    ceilings.disk_bytes.is_host);
}

/* A reserve that leaves sandboxes next to nothing is a mistake. */
static void
test_reserve_too_large(void)
{
	const struct settings memory = {.host_memory_reserve_bytes = 13 * GIB};
	const struct settings pids = {.host_pids_reserve = 16385};
	struct ceilings ceilings;

	assert(ceilings_find(&host, &memory, &ceilings, &err) == -EINVAL);
	assert(strstr(err.text, "host_memory_reserve") != NULL);
	assert(ceilings_find(&host, &pids, &ceilings, &err) == -EINVAL);
	assert(strstr(err.text, "host_pids_reserve") != NULL);
}

static void
test_numbers(void)
{
	char path[] = "/tmp/test-ceiling-XXXXXX";
	int fd = mkstemp(path);

	assert(fd >= 0 && dprintf(fd, "  7\t8\n9 x\n") > 0);
	close(fd);
	assert(host_number(path, 0) == 7 && host_number(path, 1) == 8);
	assert(host_number(path, 2) == 9 && host_number(path, 3) == 0);
	assert(host_number(path, 4) == 0);
	unlink(path);
	assert(host_number(path, 0) == 0);
}

/* Of the host the test runs on. */
static void
test_size(void)
{
	struct host_size size = {0};

	assert(host_size_read(&size, &err) == 0);
	assert(size.memory_bytes > 0 && size.pids >= 301);
	assert(size.cpu_millis >= 1000);
}

int
main(void)
{
	test_initial();
	test_said();
	test_reserve_too_large();
	test_numbers();
	test_size();
	return 0;
}
