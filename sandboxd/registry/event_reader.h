// SPDX-License-Identifier: Apache-2.0
/* The log, read off the loop by the reader of tombstones. */
#pragma once

#include "sandboxd/registry/event.h"
#include "sandboxd/registry/reader.h"

/* Events of one answer. */
#define EVENT_PAGE 128

/*
 * Some events of one sandbox ("" = of all): answered once, with n of them or an
 * error; then released. -ENOENT where there are none, and none of them ever,
 * unless is_known.
 */
struct event_question {
	bool is_feed; /* of every organisation; the next three are none's */
	char org[NAME_SIZE];
	uint64_t owner_id;
	enum rpc_reach reach;
	char sandbox_id[SANDBOX_ID_SIZE];
	bool is_known; /* it is there */
	uint64_t since_ms, after_id;
	char kinds[512]; /* as event_log.h has them */
	bool is_newest;
	bool is_usage; /* as event_log.h has it */
	unsigned limit; /* up to EVENT_PAGE */
	void (*answer)(void *owner, uint32_t request_id,
	    const struct event *found, unsigned n, bool has_more,
	    uint64_t last_id, const struct err *err);
	void (*release)(void *owner);
	void *owner;
	uint32_t request_id;
};

/* Asks. On an error (-EAGAIN, -ENOMEM) it has been released unanswered. */
int event_reader_ask(struct reader *reader,
    const struct event_question *question, struct err *err);
