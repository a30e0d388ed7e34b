// SPDX-License-Identifier: Apache-2.0
/*
 * filesystem.Filesystem/CreateWatcher and what follows it: what changes in a
 * folder, kept until it is asked for. A watcher is in this process's memory: it
 * ends with it, with the sandbox and with what let its maker in.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/parse.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/e2b/watch.h"
#include "gateway/http/service/files.h"

#define ID_SIZE	     33
#define EVENTS_MAX   4096	   /* of one that nobody asks */
#define WATCHERS_MAX 64		   /* of one user's */
#define PATIENCE_MS  (3600 * 1000) /* so long one is kept that nobody asks */

struct watcher_wish {
	const char *id;
};
static const struct field watcher_fields[] = {
    {"watcherId", FIELD_STRING, offsetof(struct watcher_wish, id), 1,
	ID_SIZE - 1, "of CreateWatcher", "what CreateWatcher has told"},
};
FIELD_TABLE(e2b_watcher_wish, struct watcher_wish, watcher_fields);

struct watcher {
	LIST_ENTRY(watcher) link;
	struct identity *who; /* owned */
	char id[ID_SIZE], sandbox[SANDBOX_ID_SIZE], user[E2B_USER_SIZE];
	struct files *files;
	struct exchange *exchange; /* that is told of its beginning */
	json_t *events;		   /* owned */
	struct err ended;	   /* why; code 0: it is not */
};
static LIST_HEAD(, watcher) watchers = LIST_HEAD_INITIALIZER(watchers);

static void
end(struct watcher *watcher)
{
	LIST_REMOVE(watcher, link);
	files_close(watcher->files);
	json_decref(watcher->events);
	identity_release(watcher->who);
	free(watcher);
}

void
e2b_end_watchers(const struct identity *who)
{
	struct watcher *watcher = LIST_FIRST(&watchers), *next;
	const struct err gone = {EBADF, "what let you in has ended"};

	for (; watcher != NULL; watcher = next) {
		next = LIST_NEXT(watcher, link);
		if (who != NULL && watcher->who != who)
			continue;
		if (watcher->exchange != NULL)
			exchange_fail_err(watcher->exchange, &gone);
		end(watcher);
	}
}

static bool
is_same_user(const struct identity *one, const struct identity *other)
{
	return strcmp(identity_org(one), identity_org(other)) == 0 &&
	       strcmp(identity_user(one), identity_user(other)) == 0;
}

static void
on_changed(void *arg, uint32_t change, const char *name)
{
	struct watcher *watcher = arg;

	if (change == INSIDE_CHANGE_NONE && watcher->exchange != NULL) {
		exchange_reply(watcher->exchange, 200,
		    json_pack("{s:s}", "watcherId", watcher->id));
		watcher->exchange = NULL;
	} else if (change == INSIDE_CHANGE_NONE || change >= N_INSIDE_CHANGE ||
		   watcher->ended.code != 0) {
		return;
	} else if (json_array_size(watcher->events) == EVENTS_MAX) {
		err_set(&watcher->ended, ENOSPC,
		    "more than %d changes came "
		    "before anybody asked for them",
		    EVENTS_MAX);
	} else {
		(void)json_array_append_new(
		    watcher->events, watch_event(change, name));
	}
}

/* Nobody has asked for long. */
static void
on_due(void *arg)
{
	end(arg);
}

/* What came of it before is told first; then why it ended. */
static void
on_done(void *arg, const struct err *err)
{
	struct watcher *watcher = arg;

	if (watcher->exchange != NULL) {
		exchange_fail_err(watcher->exchange, err);
		end(watcher);
	} else if (watcher->ended.code == 0 && err != NULL) {
		watcher->ended = *err;
	} else if (watcher->ended.code == 0) {
		err_set(&watcher->ended, ENOENT,
		    "the folder is not there any more");
	}
}

/* Whether its maker may have one more. */
static int
check_room(const struct identity *who, struct err *err)
{
	const struct watcher *watcher;
	unsigned n = 0;

	LIST_FOREACH(watcher, &watchers, link)
	n += is_same_user(watcher->who, who) ? 1 : 0;
	return n < WATCHERS_MAX ? 0
				: err_set(err, EUSERS,
				      "a user has at most "
				      "%d watchers that are asked",
				      WATCHERS_MAX);
}

static struct watcher *
new_watcher(struct exchange *exchange)
{
	struct watcher *watcher = calloc(1, sizeof *watcher);
	uint8_t bytes[(ID_SIZE - 1) / 2];

	if (watcher == NULL)
		return NULL;
	watcher->who = exchange_who(exchange);
	identity_hold(watcher->who);
	watcher->exchange = exchange;
	watcher->events = json_array();
	snprintf(watcher->sandbox, sizeof watcher->sandbox, "%s",
	    exchange_param(exchange, "id"));
	e2b_user(exchange, watcher->user);
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(watcher->id, sizeof watcher->id, bytes, sizeof bytes);
	LIST_INSERT_HEAD(&watchers, watcher, link);
	return watcher;
}

void
e2b_create_watcher(struct exchange *exchange)
{
	const struct watch_wish *wish = exchange_input(exchange);
	struct identity *who = exchange_who(exchange);
	struct err err = {ENOMEM, "out of memory"};
	struct watcher *watcher = NULL;
	struct files_client client = {
	    .changed = on_changed, .due = on_due, .done = on_done};

	if (watch_check(wish, &err) < 0 || check_room(who, &err) < 0 ||
	    (watcher = new_watcher(exchange)) == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	client.arg = watcher;
	if (files_open_as(who, watcher->sandbox, watcher->user, &client,
		&watcher->files, &err) < 0) {
		exchange_fail_err(exchange, &err);
		end(watcher);
		return;
	}
	files_watch(watcher->files, e2b_path(wish->path),
	    wish->is_recursive == FIELD_TRUE);
	files_set_due(watcher->files, PATIENCE_MS);
}

/* NULL: the exchange has been failed. */
static struct watcher *
find(struct exchange *exchange)
{
	const struct watcher_wish *wish = exchange_input(exchange);
	struct watcher *watcher;
	struct failure failure;

	LIST_FOREACH(watcher, &watchers, link)
	if (watcher->exchange == NULL &&
	    sodium_memcmp(watcher->id, wish->id, strlen(wish->id)) == 0 &&
	    strlen(wish->id) == ID_SIZE - 1 &&
	    strcmp(watcher->sandbox, exchange_param(exchange, "id")) == 0 &&
	    is_same_user(watcher->who, exchange_who(exchange)))
		return watcher;
	failure_set(&failure, 404, "not_found", "watcherId",
	    "watcherId: there is no such watcher");
	exchange_fail(exchange, &failure);
	return NULL;
}

void
e2b_poll_watcher(struct exchange *exchange)
{
	struct watcher *watcher = find(exchange);
	json_t *events;

	if (watcher == NULL)
		return;
	if (watcher->ended.code != 0 && json_array_size(watcher->events) == 0) {
		exchange_fail_err(exchange, &watcher->ended);
		end(watcher);
		return;
	}
	events = watcher->events;
	watcher->events = json_array();
	files_set_due(watcher->files, PATIENCE_MS);
	exchange_reply(exchange, 200, json_pack("{s:o}", "events", events));
}

void
e2b_remove_watcher(struct exchange *exchange)
{
	struct watcher *watcher = find(exchange);

	if (watcher == NULL)
		return;
	end(watcher);
	exchange_reply(exchange, 200, json_object());
}
