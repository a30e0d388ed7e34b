// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/task/output.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* A record for fewer bytes than this is not begun at the end of a block. */
#define SPLIT_MIN 256

static off_t
place(const struct output_block *head)
{
	return (off_t)(head->sequence % OUTPUT_BLOCKS) * OUTPUT_BLOCK_BYTES;
}

static bool
write_head(const struct output *output)
{
	return pwrite(output->fd, &output->head, sizeof output->head,
	    place(&output->head)) == sizeof output->head;
}

/* The newest block of what is there; sequence 0: nothing is. */
static struct output_block
find_newest(int fd)
{
	struct output_block newest = {0}, head;

	for (int i = 0; i < OUTPUT_BLOCKS; i++)
		if (pread(fd, &head, sizeof head,
		    (off_t)i * OUTPUT_BLOCK_BYTES) == sizeof head &&
		    head.magic == OUTPUT_BLOCK_MAGIC &&
		    head.sequence % OUTPUT_BLOCKS == (uint64_t)i &&
		    head.sequence > newest.sequence)
			newest = head;
	return newest;
}

/* Another block, or the one where nothing has come to be in it. */
static void
begin_block(struct output *output)
{
	if (output->head.used > 0 || output->head.sequence == 0)
		output->head.sequence++;
	output->head.used = 0;
	output->is_begun = write_head(output);
	if (!output->is_begun)
		output->head.sequence--;
}

void
output_init(struct output *output, int fd)
{
	struct stat status;

	*output = (struct output){.fd = -1};
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return;
	output->fd = fd;
	output->head = (struct output_block){.magic = OUTPUT_BLOCK_MAGIC};
	if (status.st_size > 0)
		output->head = find_newest(fd);
	output->head.magic = OUTPUT_BLOCK_MAGIC;
	output->head.life++;
	/* In an empty one nobody asks for the life before. */
	if (output->head.sequence > 0)
		begin_block(output);
}

static size_t
room(const struct output *output)
{
	size_t taken = sizeof(struct output_block) + output->head.used +
	    sizeof(struct output_record);

	return !output->is_begun || taken > OUTPUT_BLOCK_BYTES ? 0 :
	    OUTPUT_BLOCK_BYTES - taken;
}

/* What is counted in the head is in the block. */
static bool
write_record(struct output *output, const struct output_record *record,
    const void *data)
{
	struct output_record copy = *record;
	struct iovec parts[] = {{&copy, sizeof copy},
	    {(void *)(uintptr_t)data, record->size}};
	const size_t size = sizeof copy + record->size;

	if (pwritev(output->fd, parts, 2, place(&output->head) +
	    (off_t)(sizeof output->head + output->head.used)) !=
	    (ssize_t)size)
		return false;
	output->head.used += (uint32_t)size;
	if (write_head(output))
		return true;
	output->head.used -= (uint32_t)size;
	return false;
}

void
output_add(struct output *output, uint32_t process, enum output_stream stream,
    uint64_t at_ms, const void *data, size_t size)
{
	const uint8_t *at = data;
	bool goes_on = output->fd >= 0;

	while (size > 0 && goes_on) {
		struct output_record record = {.at_ms = at_ms,
		    .process = process, .stream = (uint8_t)stream};

		if (room(output) < size && room(output) < SPLIT_MIN)
			begin_block(output);
		record.size = (uint16_t)(size < room(output) ? size :
		    room(output));
		goes_on = record.size > 0 &&
		    write_record(output, &record, at);
		at += record.size;
		size -= record.size;
	}
}
