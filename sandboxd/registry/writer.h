// SPDX-License-Identifier: Apache-2.0
/* The registry's writes, off the loop: registry.h's, one queue, in order. */
#pragma once

#include "sandboxd/registry/ceilings.h"
#include "sandboxd/registry/event.h"
#include "sandboxd/registry/pool_sizes.h"
#include "sandboxd/registry/queue.h"

enum writer_what { WRITER_INSERT, WRITER_UPDATE, WRITER_EGRESS, WRITER_BURY,
	WRITER_DELETE, WRITER_SWEEP, WRITER_EVENTS };

/* Told in the loop, of each write: what came of it. */
struct writer_listener {
	void (*written)(const char *id, enum writer_what what,
	    enum registry_durability durability, const struct err *err,
	    void *data); /* err NULL: well */
	void (*snapshot_written)(const char *id, bool is_gone,
	    const struct err *err, void *data);
	void (*ceiling_written)(const char *org, const struct err *err,
	    void *data);
	void (*pool_size_written)(const struct err *err, void *data);
	/* The log has more of a sandbox, of which this is the record. */
	void (*logged)(const struct sandbox_record *record, void *data);
	void *data;
};

struct writer;

/* Owns the registry from then on, whatever is returned. */
int writer_start(struct registry *registry, sd_event *event,
    const struct writer_listener *listener, struct writer **ret,
    struct err *err);

/* Writes what the record says now. -EAGAIN, -ENOMEM; then nothing is told. */
int writer_submit(struct writer *writer, enum writer_what what,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err);

/*
 * The same, with events for the log in the same transaction: all of it is kept,
 * or nothing is. On success the chain is taken over and left empty.
 * WRITER_EVENTS writes nothing of the record.
 */
int writer_submit_with(struct writer *writer, enum writer_what what,
    const struct sandbox_record *record, enum registry_durability durability,
    struct event **events, struct err *err);

/* Removes some of the tombstones of before then; told of the id "". */
int writer_sweep(struct writer *writer, uint64_t before_ms, struct err *err);

/* Writes a snapshot's row, or removes it; durable. -EAGAIN, -ENOMEM. */
int writer_submit_snapshot(struct writer *writer, bool is_gone,
    const struct snapshot_record *record, struct err *err);

/* Writes an organisation's ceiling, or removes it; durable. -EAGAIN,
 * -ENOMEM. */
int writer_submit_ceiling(struct writer *writer,
    const struct ceiling_record *record, struct err *err);

/* Writes how many are to wait of a template, or with POOL_SIZE_GONE removes
 * that; durable. -EAGAIN, -ENOMEM. */
int writer_submit_pool_size(struct writer *writer, const char *template_name,
    uint32_t wanted, struct err *err);

/* Writes what is waiting, and tells of it. */
void writer_free(struct writer *writer);
