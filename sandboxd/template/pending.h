// SPDX-License-Identifier: Apache-2.0
/* Publications and withdrawals of templates while a worker is at them. */
#pragma once

#include "sandboxd/template/templates.h"

/* One that a worker is at. */
struct templates_pending {
	struct templates_pending *next;
	enum job_kind kind;
	char id[SANDBOX_ID_SIZE]; /* of the layer */
	char parent_id[SANDBOX_ID_SIZE];
	char name[NAME_SIZE], org[NAME_SIZE];
	char *data; /* owned: what is kept of one that is published */
	uint32_t size;
	struct templates_asker asker; /* answer NULL: nobody */
};

/* One with no job yet, the caller's; asker, or NULL, is released with it, or at
 * once where there is no memory: NULL. */
struct templates_pending *pending_new(const struct templates_asker *asker,
    struct err *err);
void pending_free(struct templates_pending *pending);

/* How many an organisation has published and waits for; org NULL: all that
 * there are, of any. */
unsigned pending_count(const struct daemon *daemon, const char *org);

/* Whether one more may begin: -EBUSY where there is one of this name, -EAGAIN
 * where there are as many as may be. */
int pending_check(const struct daemon *daemon, const char *org,
    const char *name, struct err *err);

/* Begins a job, and remembers it; takes it over where it succeeds. */
int pending_begin(struct daemon *daemon, const struct job *job,
    struct templates_pending *pending, struct err *err);

/* The one of a layer, the caller's from now on; NULL: none. */
struct templates_pending *pending_take(struct daemon *daemon, const char *id);
