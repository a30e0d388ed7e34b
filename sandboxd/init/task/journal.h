// SPDX-License-Identifier: Apache-2.0
/*
 * What a process has written, bounded: the newest bytes of two streams, in the
 * order in which they were read. Nothing here knows of descriptors or time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* Of one journal, bookkeeping included. */
#define JOURNAL_BYTES_MAX (256 * 1024)
/* Most bytes of one record. */
#define JOURNAL_RECORD_MAX 16384

enum journal_stream {
	JOURNAL_STDOUT,
	JOURNAL_STDERR,
	JOURNAL_CHANNEL,
	N_JOURNAL_STREAM
};

struct journal_record {
	TAILQ_ENTRY(journal_record) link;
	uint64_t position; /* bytes of both streams before it */
	uint64_t at_ms;	   /* of its first byte; the caller's clock */
	uint32_t size, room;
	enum journal_stream stream;
	uint8_t data[];
};

struct journal {
	TAILQ_HEAD(journal_records, journal_record) records;
	size_t kept_bytes; /* bookkeeping included */
	uint64_t end;	   /* position of the next byte */
	uint64_t written[N_JOURNAL_STREAM];
};

void journal_init(struct journal *journal);
void journal_fini(struct journal *journal);

/*
 * Adds 1 to JOURNAL_RECORD_MAX bytes at the end; the oldest go where there is
 * no room. 0, or -ENOMEM and they are lost: the positions go on after them.
 */
int journal_add(struct journal *journal, enum journal_stream stream,
    uint64_t at_ms, const void *data, size_t size);

/* Position of the oldest byte there is; the end where there is none. */
uint64_t journal_start(const struct journal *journal);

/* What of kept_bytes holds the bytes from the position on. */
size_t journal_weight(const struct journal *journal, uint64_t position);

/*
 * The first record with bytes at or after the position: *ret_offset is where
 * they begin in it. NULL = none. It lives until the next journal_add.
 */
const struct journal_record *journal_find(const struct journal *journal,
    uint64_t position, uint32_t *ret_offset);
