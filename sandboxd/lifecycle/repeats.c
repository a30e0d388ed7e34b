// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/repeats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

/* Of one that has ended, what it is found by and tells. */
struct repeat {
	TAILQ_ENTRY(repeat) entry;
	uint64_t owner_id, created_ms, ended_ms;
	char id[SANDBOX_ID_SIZE];
	char key[sizeof((struct sandbox_record *)NULL)->request_key];
	char body[sizeof((struct sandbox_record *)NULL)->request_body];
};

TAILQ_HEAD(repeat_list, repeat);

struct org_repeats {
	LIST_ENTRY(org_repeats) entry;
	char org[NAME_SIZE];
	struct repeat_list list; /* the first to end first */
	size_t n;
};

LIST_HEAD(org_list, org_repeats);

struct repeats {
	struct org_list orgs; /* none of them empty */
};

static struct org_repeats *
find_org(const struct repeats *repeats, const char *org)
{
	struct org_repeats *of_org = NULL;

	if (repeats != NULL)
		LIST_FOREACH(of_org, &repeats->orgs, entry)
			if (strcmp(of_org->org, org) == 0)
				return of_org;
	return of_org;
}

static struct org_repeats *
add_org(struct daemon *daemon, const char *org)
{
	struct org_repeats *of_org = find_org(daemon->repeats, org);

	if (of_org != NULL)
		return of_org;
	if (daemon->repeats == NULL)
		daemon->repeats = calloc(1, sizeof *daemon->repeats);
	of_org = daemon->repeats != NULL ? calloc(1, sizeof *of_org) : NULL;
	if (of_org == NULL)
		return NULL;
	snprintf(of_org->org, sizeof of_org->org, "%s", org);
	TAILQ_INIT(&of_org->list);
	LIST_INSERT_HEAD(&daemon->repeats->orgs, of_org, entry);
	return of_org;
}

/* As long as its key is kept, and its tombstone to tell of it. */
static bool
is_kept(const struct daemon *daemon, uint64_t created_ms, uint64_t ended_ms,
    uint64_t now_ms)
{
	const uint64_t tombstone_ms =
	    daemon->settings.tombstone_keep_s * 1000;

	return now_ms < created_ms + REPEAT_KEEP_MS &&
	    (ended_ms == 0 || now_ms < ended_ms + tombstone_ms);
}

static void
drop_first(struct org_repeats *of_org)
{
	struct repeat *first = TAILQ_FIRST(&of_org->list);

	TAILQ_REMOVE(&of_org->list, first, entry);
	of_org->n--;
	free(first);
}

/* What is over is dropped when there is more to keep, of any organisation. */
static void
drop_old(struct daemon *daemon, uint64_t now_ms)
{
	struct org_repeats *of_org, *next;

	if (daemon->repeats == NULL)
		return;
	for (of_org = LIST_FIRST(&daemon->repeats->orgs); of_org != NULL;
	    of_org = next) {
		const struct repeat *first;

		next = LIST_NEXT(of_org, entry);
		while ((first = TAILQ_FIRST(&of_org->list)) != NULL &&
		    !is_kept(daemon, first->created_ms, first->ended_ms,
		    now_ms))
			drop_first(of_org);
		if (first == NULL) {
			LIST_REMOVE(of_org, entry);
			free(of_org);
		}
	}
}

void
repeats_note(struct daemon *daemon, const struct sandbox_record *record)
{
	const uint64_t now_ms = clock_unix_ms();
	struct org_repeats *of_org;
	struct repeat *repeat;

	drop_old(daemon, now_ms);
	if (record->request_key[0] == '\0' || !is_kept(daemon,
	    record->created_ms, record->ended_ms, now_ms) ||
	    (repeat = calloc(1, sizeof *repeat)) == NULL)
		return;
	if ((of_org = add_org(daemon, record->org)) == NULL) {
		free(repeat);
		return;
	}
	repeat->owner_id = record->owner_id;
	repeat->created_ms = record->created_ms;
	repeat->ended_ms = record->ended_ms;
	memcpy(repeat->id, record->id, sizeof repeat->id);
	memcpy(repeat->key, record->request_key, sizeof repeat->key);
	memcpy(repeat->body, record->request_body, sizeof repeat->body);
	TAILQ_INSERT_TAIL(&of_org->list, repeat, entry);
	if (++of_org->n > REPEATS_MAX)
		drop_first(of_org);
}

static int
found(struct sandbox_record *record, void *data, struct err *err)
{
	(void)err;
	repeats_note(data, record);
	return 0;
}

int
repeats_load(struct daemon *daemon, struct err *err)
{
	const uint64_t now_ms = clock_unix_ms();

	return registry_load_repeats(daemon->registry,
	    now_ms > REPEAT_KEEP_MS ? now_ms - REPEAT_KEEP_MS : 0, found,
	    daemon, err);
}

void
repeats_free(struct repeats *repeats)
{
	struct org_repeats *of_org;

	while (repeats != NULL &&
	    (of_org = LIST_FIRST(&repeats->orgs)) != NULL) {
		while (of_org->n > 0)
			drop_first(of_org);
		LIST_REMOVE(of_org, entry);
		free(of_org);
	}
	free(repeats);
}

static int
take(const struct sandbox_record *wanted, const char *id, const char *body,
    char ret_id[SANDBOX_ID_SIZE], struct err *err)
{
	if (strcmp(body, wanted->request_body) != 0)
		return err_set(err, EEXIST, "Idempotency-Key: made %s by "
		    "another request, and is that one's for 24 h", id);
	snprintf(ret_id, SANDBOX_ID_SIZE, "%s", id);
	return 1;
}

static bool
is_same(const struct sandbox_record *wanted,
    const struct sandbox_record *made)
{
	return made->owner_id == wanted->owner_id &&
	    strcmp(made->request_key, wanted->request_key) == 0 &&
	    strcmp(made->org, wanted->org) == 0;
}

static int
find_ended(const struct daemon *daemon, const struct sandbox_record *wanted,
    uint64_t now_ms, char ret_id[SANDBOX_ID_SIZE], struct err *err)
{
	const struct org_repeats *of_org = find_org(daemon->repeats,
	    wanted->org);
	const struct repeat *repeat;

	if (of_org != NULL)
		TAILQ_FOREACH(repeat, &of_org->list, entry)
			if (repeat->owner_id == wanted->owner_id &&
			    strcmp(repeat->key, wanted->request_key) == 0 &&
			    is_kept(daemon, repeat->created_ms,
			    repeat->ended_ms, now_ms))
				return take(wanted, repeat->id, repeat->body,
				    ret_id, err);
	return 0;
}

int
repeats_find(const struct daemon *daemon,
    const struct sandbox_record *wanted, char ret_id[SANDBOX_ID_SIZE],
    struct err *err)
{
	const struct sandbox_table *table = &daemon->sandboxes;
	const uint64_t now_ms = clock_unix_ms();

	if (wanted->request_key[0] == '\0')
		return 0;
	for (size_t i = 0; i < table->n; i++) {
		const struct sandbox_record *made = &table->sorted[i]->record;

		if (is_same(wanted, made) &&
		    is_kept(daemon, made->created_ms, 0, now_ms))
			return take(wanted, made->id, made->request_body,
			    ret_id, err);
	}
	return find_ended(daemon, wanted, now_ms, ret_id, err);
}
