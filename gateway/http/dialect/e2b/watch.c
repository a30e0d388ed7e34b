// SPDX-License-Identifier: Apache-2.0
/* filesystem.Filesystem/WatchDir: what changes in a folder, as it does. */
#include "gateway/http/dialect/e2b/watch.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "common/utf8.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/e2b/head.h"
#include "gateway/http/dialect/e2b/stream.h"
#include "gateway/http/service/files.h"

#define NAME_SIZE (3 * PATH_MAX)

static const struct field wish_fields[] = {
    {"path", FIELD_STRING, offsetof(struct watch_wish, path), 1, PATH_MAX - 1,
	"of the folder", "a path"},
    {"recursive", FIELD_BOOLEAN, offsetof(struct watch_wish, is_recursive),
	.text = "whether those below it are watched, too"},
    {"includeEntry", FIELD_BOOLEAN, offsetof(struct watch_wish, has_entry),
	.text = "false: what changed is told by its name"},
    {"allowNetworkMounts", FIELD_BOOLEAN,
	offsetof(struct watch_wish, may_be_remote), .text = "there are none"},
};
FIELD_TABLE(e2b_watch_wish, struct watch_wish, wish_fields);

/* Of each inside_change but the first. */
static const char *const types[] = {"", "EVENT_TYPE_CREATE", "EVENT_TYPE_WRITE",
    "EVENT_TYPE_REMOVE", "EVENT_TYPE_RENAME", "EVENT_TYPE_CHMOD"};
_Static_assert(
    sizeof types / sizeof *types == N_INSIDE_CHANGE, "each has a word");

json_t *
watch_event(uint32_t change, const char *name)
{
	char clean[NAME_SIZE];

	utf8_copy(clean, sizeof clean, name);
	return json_pack("{s:s, s:s}", "name", clean, "type", types[change]);
}

int
watch_check(const struct watch_wish *wish, struct err *err)
{
	return wish->has_entry == FIELD_TRUE
		   ? err_set(err, EINVAL,
			 "includeEntry: what changed is told by its name alone")
		   : 0;
}

struct watching {
	struct stream stream;
	struct files *files;
	char user[E2B_USER_SIZE];
	struct head_times times;
};

static void
set_due(struct watching *watching)
{
	uint64_t in_ms = head_times_next(&watching->times);

	if (in_ms != 0)
		files_set_due(watching->files, in_ms);
}

static void
on_due(void *arg)
{
	struct watching *watching = arg;
	struct failure failure;

	if (watching->stream.is_ended)
		return;
	if (!head_times_are_over(&watching->times)) {
		stream_add(&watching->stream, json_pack("{s:{}}", "keepalive"));
		set_due(watching);
		return;
	}
	failure_set(&failure, 504, "deadline_exceeded", NULL,
	    "the time for looking at it is over");
	stream_fail(&watching->stream, &failure);
}

static void
on_changed(void *arg, uint32_t change, const char *name)
{
	struct watching *watching = arg;

	if (change == INSIDE_CHANGE_NONE) {
		stream_add(&watching->stream, json_pack("{s:{}}", "start"));
		set_due(watching);
	} else if (change < N_INSIDE_CHANGE) {
		stream_add(&watching->stream, json_pack("{s:o}", "filesystem",
						  watch_event(change, name)));
	}
}

static void
on_done(void *arg, const struct err *err)
{
	struct watching *watching = arg;

	if (err != NULL)
		stream_fail_err(&watching->stream, err);
	else
		stream_end(&watching->stream);
}

static void
hold(void *arg, bool is_held)
{
	const struct watching *watching = arg;

	if (watching->files != NULL)
		files_hold(watching->files, is_held);
}

static void
on_gone(void *arg)
{
	struct watching *watching = arg;

	files_close(watching->files);
}

static void
on_asked(void *arg)
{
	struct watching *watching = arg;
	struct exchange *exchange = watching->stream.exchange;
	const struct watch_wish *wish = watching->stream.input;
	const struct files_client client = {.changed = on_changed,
	    .due = on_due,
	    .done = on_done,
	    .arg = watching};
	struct err err = {0};

	if (watch_check(wish, &err) < 0 ||
	    files_open_as(exchange_who(exchange),
		exchange_param(exchange, "id"), watching->user, &client,
		&watching->files, &err) < 0)
		stream_fail_err(&watching->stream, &err);
	else
		files_watch(watching->files, e2b_path(wish->path),
		    wish->is_recursive == FIELD_TRUE);
}

void
e2b_watch_folder(struct exchange *exchange)
{
	struct watching *watching = exchange_memory(exchange, sizeof *watching);
	const struct stream_client client = {
	    &e2b_watch_wish, on_asked, hold, on_gone, watching};
	const struct err err = {ENOMEM, "out of memory"};

	if (watching == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	e2b_user(exchange, watching->user);
	head_times_read(exchange, true, &watching->times);
	stream_begin(&watching->stream, exchange, &client);
}
