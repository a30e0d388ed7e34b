// SPDX-License-Identifier: Apache-2.0
/* Tombstones, read off the loop on a connection of their own: a writer that
 * waits for its disk does not keep them. */
#pragma once

#include "sandboxd/registry/queue.h"

/* Tombstones of one answer. */
#define READER_PAGE 32

/* Questions waiting at once; more are refused. */
#define READER_QUESTIONS_MAX 256

/*
 * One tombstone by its id, or, where is_list, a page of those whose ids come
 * after it; of what ended since then. Answered once, with n of them or an
 * error (-ENOENT for one there is not); then released.
 */
struct reader_question {
	char org[NAME_SIZE];
	uint64_t owner_id;
	enum rpc_reach reach;
	char id[SANDBOX_ID_SIZE];
	uint64_t since_ms;
	bool is_list;
	void (*answer)(void *owner, uint32_t request_id,
	    const struct sandbox_record *found, unsigned n,
	    const struct err *err);
	void (*release)(void *owner);
	void *owner;
	uint32_t request_id;
};

struct reader;

/* Owns the registry from then on, whatever is returned. */
int reader_start(struct registry *registry, sd_event *event,
    struct reader **ret, struct err *err);

/* Asks. On an error (-EAGAIN, -ENOMEM) it has been released unanswered. */
int reader_ask(struct reader *reader, const struct reader_question *question,
    struct err *err);

/* Hands a question of another kind over, within the same bound; its done calls
 * reader_took. -EAGAIN; then it stays the caller's. */
int reader_submit(struct reader *reader, struct queue_task *task,
    struct err *err);
void reader_took(struct reader *reader);

/* Answers what is waiting first. */
void reader_free(struct reader *reader);
