// SPDX-License-Identifier: Apache-2.0
/* What changes in folders, told over a WebSocket: several at once. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "gateway/http/dialect/sandbox0/files.h"
#include "gateway/http/service/files.h"

#define WATCHES_MAX 16 /* of a connection */
#define WATCH_ID_SIZE 24

enum { ACTION_SUBSCRIBE, ACTION_UNSUBSCRIBE };
static const char *const actions[] = {"subscribe", "unsubscribe", NULL};

struct wish {
	uint32_t action, is_recursive;
	const char *path, *watch_id;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"action", FIELD_U32, WISH(action), .text = "what to do", .required =
	"\"subscribe\" or \"unsubscribe\"", .words = actions},
    {"path", FIELD_STRING, WISH(path), 1, PATH_MAX - 1, "of the folder"},
    {"recursive", FIELD_BOOLEAN, WISH(is_recursive), .text =
	"whether those below it are watched, too"},
    {"watch_id", FIELD_STRING, WISH(watch_id), 1, WATCH_ID_SIZE - 1,
	"which to end"},
};
FIELD_TABLE(sandbox0_watch_wish, struct wish, wish_fields);

/* Of each inside_change but the first. */
static const char *const changes[] = {"", "create", "write", "remove",
    "rename", "chmod"};
_Static_assert(sizeof changes / sizeof *changes == N_INSIDE_CHANGE,
    "each has a word");

struct watching;

struct watch {
	struct watching *watching;
	struct files *files; /* NULL: it is free */
	char id[WATCH_ID_SIZE];
	char path[PATH_MAX];
};

struct watching {
	struct exchange *exchange;
	struct websocket *websocket; /* NULL until it is one */
	uint64_t n_ever;
	struct watch watches[WATCHES_MAX];
};

/* Takes over the message. */
static void
say(struct watching *watching, json_t *message)
{
	char *text = message != NULL ? json_dumps(message, JSON_COMPACT) :
	    NULL;

	if (text != NULL)
		(void)websocket_send_text(watching->websocket, text);
	else
		websocket_close(watching->websocket, WEBSOCKET_INTERNAL,
		    "out of memory");
	free(text);
	json_decref(message);
}

static void
say_error(struct watching *watching, const char *id, const char *words)
{
	char clean[3 * ERR_TEXT_SIZE];

	utf8_copy(clean, sizeof clean, words);
	say(watching, json_pack("{s:s, s:s, s:s*}", "type", "error", "error",
	    clean, "watch_id", id));
}

static void
hold(const struct watching *watching, bool is_held)
{
	for (size_t i = 0; i < WATCHES_MAX; i++)
		if (watching->watches[i].files != NULL)
			files_hold(watching->watches[i].files, is_held);
}

static void
end_watch(struct watch *watch)
{
	files_close(watch->files);
	watch->files = NULL;
}

static void
on_changed(void *arg, uint32_t change, const char *name)
{
	struct watch *watch = arg;
	struct watching *watching = watch->watching;
	char path[2 * PATH_MAX], clean[3 * 2 * PATH_MAX];
	const size_t n = strlen(watch->path);

	utf8_copy(clean, sizeof clean, watch->path);
	if (change == INSIDE_CHANGE_NONE) {
		say(watching, json_pack("{s:s, s:s, s:s}", "type",
		    "subscribed", "watch_id", watch->id, "path", clean));
		return;
	}
	if (change >= N_INSIDE_CHANGE)
		return;
	snprintf(path, sizeof path, "%s%s%s", watch->path,
	    watch->path[n - 1] == '/' ? "" : "/", name);
	utf8_copy(clean, sizeof clean, path);
	say(watching, json_pack("{s:s, s:s, s:s, s:s}", "type", "event",
	    "watch_id", watch->id, "event", changes[change], "path", clean));
	if (websocket_is_full(watching->websocket))
		hold(watching, true);
}

/* The folder is gone, or cannot be watched. */
static void
on_done(void *arg, const struct err *err)
{
	struct watch *watch = arg;

	if (err != NULL)
		say_error(watch->watching, watch->id, err->text);
	else
		say(watch->watching, json_pack("{s:s, s:s}", "type",
		    "unsubscribed", "watch_id", watch->id));
	end_watch(watch);
}

static struct watch *
find(struct watching *watching, const char *id)
{
	for (size_t i = 0; i < WATCHES_MAX; i++) {
		struct watch *watch = &watching->watches[i];

		if (id == NULL ? watch->files == NULL : watch->files != NULL &&
		    strcmp(watch->id, id) == 0)
			return watch;
	}
	return NULL;
}

static void
subscribe(struct watching *watching, const struct wish *wish)
{
	struct watch *watch = find(watching, NULL);
	const struct files_client client = {.changed = on_changed,
	    .done = on_done, .arg = watch};
	struct err err;

	if (wish->path == NULL) {
		say_error(watching, NULL, "path: must be given");
		return;
	}
	if (watch == NULL) {
		say_error(watching, NULL, "a connection watches at most 16 "
		    "folders");
		return;
	}
	watch->watching = watching;
	snprintf(watch->path, sizeof watch->path, "%s", wish->path);
	snprintf(watch->id, sizeof watch->id, "watch_%llu",
	    (unsigned long long)++watching->n_ever);
	if (files_open(exchange_who(watching->exchange),
	    exchange_param(watching->exchange, "id"), &client, &watch->files,
	    &err) < 0)
		say_error(watching, watch->id, err.text);
	else
		files_watch(watch->files, watch->path,
		    wish->is_recursive == FIELD_TRUE);
}

static void
unsubscribe(struct watching *watching, const struct wish *wish)
{
	struct watch *watch = wish->watch_id != NULL ?
	    find(watching, wish->watch_id) : NULL;

	if (watch == NULL) {
		say_error(watching, wish->watch_id,
		    "watch_id: is none of this connection's");
		return;
	}
	end_watch(watch);
	say(watching, json_pack("{s:s, s:s}", "type", "unsubscribed",
	    "watch_id", watch->id));
}

static void
on_text(void *arg, const char *text, size_t size)
{
	struct watching *watching = arg;
	struct wish wish = {0};
	struct failure failure;
	json_t *object = NULL;
	int r = field_parse(text, size, &object, &failure);

	if (r == 0)
		r = field_read(&sandbox0_watch_wish, object, &wish, &failure);
	if (r < 0)
		say_error(watching, NULL, failure.message);
	else if (wish.action == ACTION_SUBSCRIBE)
		subscribe(watching, &wish);
	else
		unsubscribe(watching, &wish);
	field_fini(&sandbox0_watch_wish, &wish);
	json_decref(object);
}

static void
on_room(void *arg)
{
	hold(arg, false);
}

static void
on_opened(void *arg, struct websocket *websocket)
{
	struct watching *watching = arg;

	watching->websocket = websocket;
}

static void
on_gone(void *arg)
{
	struct watching *watching = arg;

	for (size_t i = 0; i < WATCHES_MAX; i++)
		end_watch(&watching->watches[i]);
}

/* It is there. */
static void
on_looked(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	struct watching *watching = arg;
	const struct websocket_client client = {.text = on_text,
	    .room = on_room, .arg = watching};
	struct err gone = {0};

	if (err == NULL && sandbox0_check(sandbox, &gone) < 0)
		err = &gone;
	if (err != NULL)
		exchange_fail_err(watching->exchange, err);
	else
		exchange_reply_websocket(watching->exchange, on_opened,
		    &client);
}

void
sandbox0_watch_files(struct exchange *exchange)
{
	struct watching *watching = exchange_memory(exchange,
	    sizeof *watching);
	const struct exchange_stream stream = {.gone = on_gone,
	    .arg = watching};
	const struct err err = {ENOMEM, "out of memory"};

	if (watching == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	watching->exchange = exchange;
	exchange_set_stream(exchange, &stream);
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_looked, watching);
}
