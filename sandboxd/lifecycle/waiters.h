// SPDX-License-Identifier: Apache-2.0
/* Requests that are answered later, when a sandbox has come so far. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

struct sandbox;

/* Requests that wait on one sandbox at once. */
#define WAITERS_MAX 1024

enum waiter_kind {
	WAITER_CREATE,
	WAITER_ATTACH,
	WAITER_DESTROY,
	WAITER_PAUSE,
	WAITER_SUSPEND,
	WAITER_KILL,
	WAITER_EGRESS,
	WAITER_SAVED,
	WAITER_RESTORE,
	WAITER_RESIZE,
	N_WAITER_KINDS
};

/*
 * Who asked, and how to tell them: `answer` once, with the error or, where it
 * went well, NULL; then, or where nobody is to be told any more, `release`.
 */
struct asker {
	void (*answer)(void *owner, uint32_t request_id,
	    const struct sandbox *sandbox, const struct err *err);
	void (*release)(void *owner);
	void *owner;
	uint32_t request_id;
	const char *whose; /* their audit name; lives as long as owner */
};

struct waiter;

struct waiters {
	struct waiter *first;
	unsigned n;
};

/* Adds one, and releases it in the end; at once on an error: -EAGAIN where
 * there are WAITERS_MAX, -ENOMEM. */
int waiters_add(struct waiters *waiters, enum waiter_kind kind,
    const struct asker *asker, struct err *err);

bool waiters_have(const struct waiters *waiters, enum waiter_kind kind);

/* The audit name of the first of a kind; NULL where nobody waits. */
const char *waiters_whose(const struct waiters *waiters,
    enum waiter_kind kind);

/* Answers all of a kind, in order: with the error, or well where it is
 * NULL. */
void waiters_answer(struct waiters *waiters, enum waiter_kind kind,
    const struct sandbox *sandbox, const struct err *err);

/* Releases them all, without an answer. */
void waiters_forget(struct waiters *waiters);
