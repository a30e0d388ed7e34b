// SPDX-License-Identifier: Apache-2.0
/* What changes in a folder, as lines of JSON that come as it does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "gateway/http/dialect/native/file.h"
#include "gateway/http/engine/outbox.h"

struct watching {
	struct exchange *exchange;
	const char *path; /* of the folder, as it was asked for */
	struct files *files;
	struct outbox out;
	bool is_begun, is_ended;
	int failed; /* -errno */
};

/* Of each inside_change. */
static const char *const changes[] = {"watching", "created", "written",
    "removed", "renamed", "mode"};
_Static_assert(sizeof changes / sizeof *changes == N_INSIDE_CHANGE,
    "each has a word");

static void
add(struct watching *watching, json_t *line)
{
	char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;

	json_decref(line);
	if (text == NULL || outbox_add(&watching->out, text,
	    strlen(text)) < 0 || outbox_add(&watching->out, "\n", 1) < 0)
		watching->failed = -ENOMEM;
	free(text);
	if (outbox_is_full(&watching->out))
		files_hold(watching->files, true);
	exchange_proceed(watching->exchange);
}

static void
on_changed(void *arg, uint32_t change, const char *name)
{
	struct watching *watching = arg;
	char path[2 * PATH_MAX], clean[3 * sizeof path];
	const size_t n = strlen(watching->path);

	if (change >= N_INSIDE_CHANGE)
		return;
	if (!watching->is_begun)
		exchange_reply_stream(watching->exchange, 200,
		    "application/x-ndjson", REPLY_UNKNOWN);
	watching->is_begun = true;
	snprintf(path, sizeof path, "%s%s%s", watching->path,
	    *name == '\0' || watching->path[n - 1] == '/' ? "" : "/", name);
	utf8_copy(clean, sizeof clean, path);
	add(watching, json_pack("{s:s, s:s}", "event", changes[change],
	    "path", clean));
}

/* The folder is gone; or why it is not watched any more, which its last line
 * says. */
static void
on_done(void *arg, const struct err *err)
{
	struct watching *watching = arg;
	char clean[3 * ERR_TEXT_SIZE];

	if (err != NULL && !watching->is_begun) {
		file_fail(watching->exchange, err);
		return;
	}
	watching->is_ended = true;
	utf8_copy(clean, sizeof clean, err != NULL ? err->text : "");
	add(watching, json_pack("{s:s, s:s*}", "event", err == NULL ? "end" :
	    err->code == EOVERFLOW ? "overflow" : "error", "message",
	    err != NULL ? clean : NULL));
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct watching *watching = arg;
	size_t n = outbox_take(&watching->out, data, size);

	if (watching->failed < 0)
		return watching->failed;
	if (!outbox_is_full(&watching->out) && !watching->is_ended)
		files_hold(watching->files, false);
	return n > 0 ? (ssize_t)n : watching->is_ended ? -ENODATA : 0;
}

static void
on_gone(void *arg)
{
	struct watching *watching = arg;

	files_close(watching->files);
	outbox_fini(&watching->out);
}

void
native_watch_files(struct exchange *exchange)
{
	const char *path = file_path(exchange);
	struct watching *watching = path != NULL ?
	    file_memory(exchange, sizeof *watching) : NULL;
	const struct exchange_stream stream = {.give = give, .gone = on_gone,
	    .arg = watching};
	const struct files_client client = {.changed = on_changed,
	    .done = on_done, .arg = watching};
	uint32_t is_recursive = 0;

	if (watching == NULL ||
	    !file_flag(exchange, "recursive", 1, &is_recursive))
		return;
	watching->exchange = exchange;
	watching->path = path;
	if (file_open(exchange, &stream, &client, &watching->files))
		files_watch(watching->files, path, is_recursive != 0);
}
