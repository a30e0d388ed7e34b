// SPDX-License-Identifier: Apache-2.0
/* The log as init writes it (sandboxd/init/task/output.h). */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandboxd/init/task/output.h"

static struct output_block
head_at(int fd, uint64_t sequence)
{
	struct output_block head;

	assert(pread(fd, &head, sizeof head, (off_t)(sequence %
	    OUTPUT_BLOCKS) * OUTPUT_BLOCK_BYTES) == sizeof head);
	return head;
}

static void
test_nothing(void)
{
	struct output output;
	int ends[2];

	output_init(&output, -1);
	output_add(&output, 1, OUTPUT_STDOUT, 1, "x", 1);
	assert(pipe(ends) == 0);
	output_init(&output, ends[1]);
	assert(output.fd == -1);
	close(ends[0]);
	close(ends[1]);
}

/* A record is all that is in a file; another life has a block of its own, one
 * however often nothing was written. */
static void
test_lives(void)
{
	int fd = memfd_create("log", 0);
	struct output_record record;
	struct output output;
	char text[4] = "";

	output_init(&output, fd);
	assert(lseek(fd, 0, SEEK_END) == 0);
	output_add(&output, 7, OUTPUT_STDERR, 123, "abc", 3);
	assert(head_at(fd, 1).sequence == 1 && head_at(fd, 1).life == 1);
	assert(head_at(fd, 1).used == sizeof record + 3);
	assert(pread(fd, &record, sizeof record, OUTPUT_BLOCK_BYTES +
	    sizeof(struct output_block)) == sizeof record);
	assert(record.process == 7 && record.at_ms == 123);
	assert(record.size == 3 && record.stream == OUTPUT_STDERR);
	assert(pread(fd, text, 3, OUTPUT_BLOCK_BYTES +
	    sizeof(struct output_block) + sizeof record) == 3);
	assert(strcmp(text, "abc") == 0);
	output_init(&output, fd);
	assert(head_at(fd, 2).life == 2 && head_at(fd, 2).used == 0);
	output_init(&output, fd);
	assert(head_at(fd, 2).life == 3 && head_at(fd, 2).used == 0);
	output_add(&output, 7, OUTPUT_STDOUT, 124, "d", 1);
	assert(head_at(fd, 2).life == 3 && head_at(fd, 2).used > 0);
	close(fd);
}

/* It grows to its limit, and what is large comes in parts. */
static void
test_bound(void)
{
	int fd = memfd_create("log", 0);
	static char data[50000];
	struct output output;

	output_init(&output, fd);
	for (int i = 0; i < 100; i++)
		output_add(&output, 1, OUTPUT_STDOUT, 1, data, sizeof data);
	assert(lseek(fd, 0, SEEK_END) <= OUTPUT_LOG_BYTES);
	assert(output.head.sequence > OUTPUT_BLOCKS);
	assert(head_at(fd, output.head.sequence - 1).used +
	    sizeof(struct output_block) == OUTPUT_BLOCK_BYTES);
	close(fd);
}

int
main(void)
{
	test_nothing();
	test_lives();
	test_bound();
	return 0;
}
