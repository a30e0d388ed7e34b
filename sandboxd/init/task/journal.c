// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/task/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Room of a record: what trickles in does not cost a record a byte. */
#define ROOM_MIN 1024

void
journal_init(struct journal *journal)
{
	*journal = (struct journal){0};
	TAILQ_INIT(&journal->records);
}

static void
drop_oldest(struct journal *journal)
{
	struct journal_record *record = TAILQ_FIRST(&journal->records);

	TAILQ_REMOVE(&journal->records, record, link);
	journal->kept_bytes -= sizeof *record + record->room;
	free(record);
}

void
journal_fini(struct journal *journal)
{
	while (!TAILQ_EMPTY(&journal->records))
		drop_oldest(journal);
}

/* Adds to the newest record what there is room for; how many bytes. */
static size_t
fill_newest(struct journal *journal, enum journal_stream stream,
    const void *data, size_t size)
{
	struct journal_record *newest = TAILQ_LAST(&journal->records,
	    journal_records);
	size_t n;

	if (newest == NULL || newest->stream != stream ||
	    newest->position + newest->size != journal->end)
		return 0;
	n = newest->room - newest->size;
	if (n > size)
		n = size;
	memcpy(newest->data + newest->size, data, n);
	newest->size += (uint32_t)n;
	return n;
}

static struct journal_record *
new_record(struct journal *journal, size_t size)
{
	size_t room = size < ROOM_MIN ? ROOM_MIN : size;
	struct journal_record *record;

	while (!TAILQ_EMPTY(&journal->records) && journal->kept_bytes +
	    sizeof *record + room > JOURNAL_BYTES_MAX)
		drop_oldest(journal);
	record = malloc(sizeof *record + room);
	if (record == NULL)
		return NULL;
	record->room = (uint32_t)room;
	journal->kept_bytes += sizeof *record + room;
	TAILQ_INSERT_TAIL(&journal->records, record, link);
	return record;
}

int
journal_add(struct journal *journal, enum journal_stream stream,
    uint64_t at_ms, const void *data, size_t size)
{
	size_t filled = fill_newest(journal, stream, data, size);
	struct journal_record *record;

	journal->end += filled;
	journal->written[stream] += size;
	if (filled == size)
		return 0;
	record = new_record(journal, size - filled);
	if (record != NULL) {
		record->position = journal->end;
		record->at_ms = at_ms;
		record->size = (uint32_t)(size - filled);
		record->stream = stream;
		memcpy(record->data, (const uint8_t *)data + filled,
		    record->size);
	}
	journal->end += size - filled;
	return record != NULL ? 0 : -ENOMEM;
}

uint64_t
journal_start(const struct journal *journal)
{
	const struct journal_record *oldest = TAILQ_FIRST(&journal->records);

	return oldest != NULL ? oldest->position : journal->end;
}

const struct journal_record *
journal_find(const struct journal *journal, uint64_t position,
    uint32_t *ret_offset)
{
	const struct journal_record *record;

	TAILQ_FOREACH(record, &journal->records, link) {
		if (record->position + record->size <= position)
			continue;
		*ret_offset = record->position < position ?
		    (uint32_t)(position - record->position) : 0;
		return record;
	}
	return NULL;
}

size_t
journal_weight(const struct journal *journal, uint64_t position)
{
	const struct journal_record *record;
	size_t weight = 0;

	TAILQ_FOREACH_REVERSE(record, &journal->records, journal_records,
	    link) {
		if (record->position + record->size <= position)
			break;
		weight += sizeof *record + record->room;
	}
	return weight;
}
