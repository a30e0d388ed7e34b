// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/log_file.h"

#include <string.h>
#include <unistd.h>

static off_t
place(uint64_t sequence)
{
	return (off_t)(sequence % OUTPUT_BLOCKS) * OUTPUT_BLOCK_BYTES;
}

static bool
is_head(const struct output_block *head, uint64_t i)
{
	return head->magic == OUTPUT_BLOCK_MAGIC && head->sequence != 0 &&
	    head->sequence % OUTPUT_BLOCKS == i;
}

static bool
read_head(int fd, uint64_t i, struct output_block *ret)
{
	return pread(fd, ret, sizeof *ret, place(i)) == sizeof *ret &&
	    is_head(ret, i);
}

void
log_file_look(int fd, struct log_extent *ret)
{
	struct output_block heads[OUTPUT_BLOCKS];
	uint64_t window;

	*ret = (struct log_extent){.oldest = 0};
	for (uint64_t i = 0; i < OUTPUT_BLOCKS && fd >= 0; i++) {
		if (!read_head(fd, i, &heads[i]))
			heads[i].sequence = 0;
		if (heads[i].sequence <= ret->newest)
			continue;
		ret->newest = heads[i].sequence;
		ret->life = heads[i].life;
	}
	/* What is not of one round is of none. */
	window = ret->newest > OUTPUT_BLOCKS ? ret->newest - OUTPUT_BLOCKS : 0;
	for (uint64_t i = 0; i < OUTPUT_BLOCKS && fd >= 0; i++)
		if (heads[i].sequence > window &&
		    (ret->oldest == 0 || heads[i].sequence < ret->oldest))
			ret->oldest = heads[i].sequence;
}

void
log_file_begin(struct log_file *file, int fd)
{
	file->fd = fd;
	file->life_min = 0;
	file->life_max = UINT32_MAX;
	file->sequence = 0;
	file->sequence_max = UINT64_MAX;
	file->offset = 0;
	file->head = (struct output_block){.magic = 0};
}

void
log_file_move(struct log_file *file, int fd)
{
	file->fd = fd;
	file->head = (struct output_block){.magic = 0};
}

void
log_file_seek(struct log_file *file, uint64_t sequence, uint32_t offset)
{
	file->sequence = sequence;
	file->offset = offset < OUTPUT_BLOCK_BYTES ? offset :
	    OUTPUT_BLOCK_BYTES;
	file->head = (struct output_block){.magic = 0};
}

/* Reads the block it is at, as it is now. Whether it is there still. */
static bool
read_block(struct log_file *file)
{
	struct output_block *head = &file->head;
	ssize_t n;

	if (!read_head(file->fd, file->sequence % OUTPUT_BLOCKS, head) ||
	    head->sequence != file->sequence)
		return false;
	if (head->used > sizeof file->records)
		head->used = sizeof file->records;
	n = pread(file->fd, file->records, head->used,
	    place(file->sequence) + (off_t)sizeof *head);
	head->used = n < 0 ? 0 : (uint32_t)n;
	return true;
}

static bool
is_wanted(const struct log_file *file)
{
	return file->head.life >= file->life_min &&
	    file->head.life <= file->life_max;
}

static bool
take_record(struct log_file *file, struct log_record *ret)
{
	const size_t used = file->head.used;
	struct output_record record;

	if (!is_wanted(file) || file->offset + sizeof record > used)
		return false;
	memcpy(&record, file->records + file->offset, sizeof record);
	if (record.size == 0 || record.stream >= N_OUTPUT_STREAM ||
	    file->offset + sizeof record + record.size > used)
		return false;
	*ret = (struct log_record){.at_ms = record.at_ms,
	    .process = record.process, .life = file->head.life,
	    .stream = (enum output_stream)record.stream,
	    .data = file->records + file->offset + sizeof record,
	    .size = record.size, .sequence = file->sequence,
	    .offset = file->offset};
	file->offset += (uint32_t)(sizeof record + record.size);
	return true;
}

/* The first block after the one it is at; false: there is none. */
static bool
go_on(struct log_file *file)
{
	struct log_extent extent;
	uint64_t next = file->sequence + 1;

	log_file_look(file->fd, &extent);
	if (next < extent.oldest)
		next = extent.oldest;
	if (next > extent.newest || next > file->sequence_max)
		return false;
	/* What was added to this one before that came is read first. */
	if (file->sequence != 0 && read_block(file)) {
		struct log_record record;
		uint32_t offset = file->offset;
		bool has_more = take_record(file, &record);

		file->offset = offset;
		if (has_more)
			return true;
	}
	file->sequence = next;
	file->offset = 0;
	/* One in between that is not there is empty. */
	if (!read_block(file))
		file->head.used = 0;
	return true;
}

int
log_file_next(struct log_file *file, struct log_record *ret)
{
	if (file->fd < 0)
		return 0;
	for (int i = 0; i <= OUTPUT_BLOCKS; i++) {
		if (take_record(file, ret))
			return 1;
		if (file->sequence != 0 && read_block(file) &&
		    take_record(file, ret))
			return 1;
		if (!go_on(file))
			return 0;
	}
	return 0;
}
