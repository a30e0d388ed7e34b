// SPDX-License-Identifier: Apache-2.0
/*
 * Webhooks: where events are to be posted, of whom, and how far that has come
 * (docs/WEBHOOKS.md). They go with their user and their organisation.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/parse.h"
#include "keys/store.h"

#define WEBHOOK_URL_SIZE    1024
#define WEBHOOK_SECRET_SIZE 257
#define WEBHOOK_KINDS_SIZE  512
#define WEBHOOK_NAME_SIZE   128

/* Of one organisation. */
#define WEBHOOKS_MAX 20

struct webhook {
	int64_t id;
	int64_t user_id; /* who made it */
	char org[STORE_NAME_SIZE];
	char user[STORE_NAME_SIZE];
	char sandbox_id[SANDBOX_ID_SIZE]; /* "" = every one of org */
	char url[WEBHOOK_URL_SIZE];
	char secret[WEBHOOK_SECRET_SIZE]; /* "" = nothing is signed */
	char kinds[WEBHOOK_KINDS_SIZE];	  /* "paused,oom"; "" = all */
	char name[WEBHOOK_NAME_SIZE];	  /* as its maker calls it; "" = none */
	uint64_t cursor; /* the last event that is done with; 0 = none yet */
	int64_t created_ms;
};

/* Adds one, of the user's organisation; id is filled in. -EDQUOT where that
 * has WEBHOOKS_MAX. */
int webhook_add(struct store *store, struct webhook *webhook, struct err *err);

/* Calls each(arg, webhook) in order of id, those of every organisation, until
 * it returns non-zero, which is returned. */
int webhook_list(struct store *store,
    int (*each)(void *arg, const struct webhook *webhook), void *arg,
    struct err *err);

/* -ENOENT where there is none. */
int webhook_remove(struct store *store, int64_t id, struct err *err);

/* How far some have come, in one transaction and without waiting for the disk:
 * what is lost is posted again. */
struct webhook_mark {
	int64_t id;
	uint64_t cursor;
};
int webhook_mark(struct store *store, const struct webhook_mark *marks,
    size_t n, struct err *err);
