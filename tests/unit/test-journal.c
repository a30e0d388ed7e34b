// SPDX-License-Identifier: Apache-2.0
/* Journals (sandboxd/init/task/journal.h). */
#include <assert.h>
#include <string.h>

#include "sandboxd/init/task/journal.h"

static struct journal journal;

static void
add(enum journal_stream stream, const char *text)
{
	assert(journal_add(&journal, stream, 1, text, strlen(text)) == 0);
}

static void
expect(uint64_t position, uint64_t at, enum journal_stream stream,
    const char *text)
{
	uint32_t offset;
	const struct journal_record *record = journal_find(&journal, position,
	    &offset);

	assert(record != NULL && record->stream == stream);
	assert(record->position + offset == at);
	assert(record->size - offset == strlen(text));
	assert(memcmp(record->data + offset, text, strlen(text)) == 0);
}

/* Streams stay apart and in order; what trickles in is one record. */
static void
test_order(void)
{
	uint32_t offset;

	journal_init(&journal);
	assert(journal_find(&journal, 0, &offset) == NULL);
	assert(journal_start(&journal) == 0);
	add(JOURNAL_STDOUT, "one");
	add(JOURNAL_STDOUT, "two");
	add(JOURNAL_STDERR, "oops");
	add(JOURNAL_STDOUT, "end");
	assert(journal.end == 13);
	assert(journal.written[JOURNAL_STDOUT] == 9);
	assert(journal.written[JOURNAL_STDERR] == 4);
	expect(0, 0, JOURNAL_STDOUT, "onetwo");
	expect(4, 4, JOURNAL_STDOUT, "wo");
	expect(6, 6, JOURNAL_STDERR, "oops");
	expect(10, 10, JOURNAL_STDOUT, "end");
	assert(journal_find(&journal, 13, &offset) == NULL);
	assert(journal_weight(&journal, 13) == 0);
	assert(journal_weight(&journal, 12) ==
	    sizeof(struct journal_record) + 1024);
	journal_fini(&journal);
}

/* The oldest goes; bookkeeping counts, even of a byte at a time. */
static void
test_bound(void)
{
	char data[JOURNAL_RECORD_MAX];
	uint32_t offset;

	journal_init(&journal);
	memset(data, 'x', sizeof data);
	for (int i = 0; i < 100; i++) {
		assert(journal_add(&journal, JOURNAL_STDOUT, 1, data,
		    sizeof data) == 0);
		assert(journal.kept_bytes <= JOURNAL_BYTES_MAX);
	}
	assert(journal.end == 100 * sizeof data);
	assert(journal.end - journal_start(&journal) ==
	    15 * sizeof data);
	assert(journal_find(&journal, 0, &offset)->position ==
	    journal_start(&journal));
	for (int i = 0; i < 2000; i++)
		add(i % 2 == 0 ? JOURNAL_STDOUT : JOURNAL_STDERR, "y");
	assert(journal.kept_bytes <= JOURNAL_BYTES_MAX);
	assert(journal.end - journal_start(&journal) < 256);
	assert(journal_weight(&journal, 0) == journal.kept_bytes);
	journal_fini(&journal);
}

int
main(void)
{
	test_order();
	test_bound();
	return 0;
}
