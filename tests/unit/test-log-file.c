// SPDX-License-Identifier: Apache-2.0
/* Reading a log of output (gateway/http/service/log_file.h). */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/http/service/log_file.h"

static int fd;
static struct log_file file;
static struct log_record record;

static void
put(uint64_t sequence, uint32_t life, const char *text, uint16_t size)
{
	const uint64_t at = sequence % OUTPUT_BLOCKS * OUTPUT_BLOCK_BYTES;
	const struct output_record head = {.at_ms = 5, .process = 3,
	    .size = size, .stream = OUTPUT_STDOUT};
	const struct output_block block = {.magic = OUTPUT_BLOCK_MAGIC,
	    .life = life, .sequence = sequence,
	    .used = (uint32_t)(sizeof head + strlen(text))};

	assert(pwrite(fd, &block, sizeof block, (off_t)at) == sizeof block);
	assert(pwrite(fd, &head, sizeof head, (off_t)(at + sizeof block)) ==
	    sizeof head);
	assert(pwrite(fd, text, strlen(text), (off_t)(at + sizeof block +
	    sizeof head)) == (ssize_t)strlen(text));
}

static void
expect(const char *text, uint32_t life)
{
	assert(log_file_next(&file, &record) == 1);
	assert(record.size == strlen(text) && record.life == life);
	assert(memcmp(record.data, text, record.size) == 0);
	assert(record.process == 3 && record.at_ms == 5);
}

/* In order, over the end of the ring; what comes later is found later. */
static void
test_order(void)
{
	struct log_extent extent;

	fd = memfd_create("log", 0);
	log_file_begin(&file, fd);
	assert(log_file_next(&file, &record) == 0);
	put(63, 1, "a", 1);
	put(64, 1, "b", 1);
	put(66, 2, "c", 1);
	put(1, 9, "of another round", 16);
	log_file_look(fd, &extent);
	assert(extent.oldest == 63 && extent.newest == 66);
	assert(extent.life == 2);
	expect("a", 1);
	expect("b", 1);
	expect("c", 2);
	assert(log_file_next(&file, &record) == 0);
	put(67, 2, "d", 1);
	expect("d", 2);
	put(200, 2, "e", 1);
	expect("e", 2);
	log_file_begin(&file, fd);
	file.life_max = 1;
	assert(log_file_next(&file, &record) == 0);
	log_file_begin(&file, -1);
	assert(log_file_next(&file, &record) == 0);
	close(fd);
}

/* What does not fit its block is not told. */
static void
test_lies(void)
{
	const struct output_block block = {.magic = OUTPUT_BLOCK_MAGIC,
	    .sequence = 1, .used = UINT32_MAX};

	fd = memfd_create("log", 0);
	put(1, 1, "short", 500);
	log_file_begin(&file, fd);
	assert(log_file_next(&file, &record) == 0);
	put(1, 1, "none", 0);
	log_file_begin(&file, fd);
	assert(log_file_next(&file, &record) == 0);
	put(1, 1, "fits", 4);
	assert(pwrite(fd, &block, sizeof block, OUTPUT_BLOCK_BYTES) ==
	    sizeof block);
	log_file_begin(&file, fd);
	expect("fits", 0);
	assert(log_file_next(&file, &record) == 0);
	close(fd);
}

int
main(void)
{
	test_order();
	test_lies();
	return 0;
}
