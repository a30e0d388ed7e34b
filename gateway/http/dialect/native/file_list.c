// SPDX-License-Identifier: Apache-2.0
/* A folder, told as it is read: it may have a million entries. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/dialect/native/file.h"
#include "gateway/http/engine/outbox.h"

struct listing {
	struct exchange *exchange;
	struct files *files;
	const char *path;
	struct outbox out;
	struct file_view view;
	size_t n;
	bool is_begun, is_ended;
	int failed; /* -errno */
};

static void
add(struct listing *listing, const char *text)
{
	if (outbox_add(&listing->out, text, strlen(text)) < 0)
		listing->failed = -ENOMEM;
}

static void
add_json(struct listing *listing, json_t *object)
{
	char *text = object != NULL ? json_dumps(object, JSON_COMPACT |
	    JSON_ENCODE_ANY) : NULL;

	if (text == NULL)
		listing->failed = -ENOMEM;
	else
		add(listing, text);
	free(text);
	json_decref(object);
}

/* The first is the folder itself: now it is known that there is one. */
static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct listing *listing = arg;
	char path[2 * PATH_MAX];
	size_t n = strlen(listing->path);

	if (!listing->is_begun) {
		listing->is_begun = true;
		add(listing, "{\"path\":");
		file_view_set(&listing->view, info, listing->path);
		add_json(listing, json_string(listing->view.path));
		add(listing, ",\"entries\":[");
		exchange_reply_stream(listing->exchange, 200,
		    "application/json", REPLY_UNKNOWN);
		return;
	}
	snprintf(path, sizeof path, "%s%s%s", listing->path,
	    n > 0 && listing->path[n - 1] == '/' ? "" : "/", info->name);
	file_view_set(&listing->view, info, path);
	if (listing->n++ > 0)
		add(listing, ",");
	add_json(listing, file_view_print(&listing->view, &native_file));
	if (outbox_is_full(&listing->out))
		files_hold(listing->files, true);
	exchange_proceed(listing->exchange);
}

static void
on_done(void *arg, const struct err *err)
{
	struct listing *listing = arg;

	if (err != NULL && !listing->is_begun) {
		file_fail(listing->exchange, err);
		return;
	}
	if (err != NULL)
		listing->failed = -err->code;
	else
		add(listing, "]}");
	listing->is_ended = true;
	exchange_proceed(listing->exchange);
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct listing *listing = arg;
	size_t n = outbox_take(&listing->out, data, size);

	if (listing->failed < 0)
		return listing->failed;
	if (!outbox_is_full(&listing->out) && !listing->is_ended)
		files_hold(listing->files, false);
	return n > 0 ? (ssize_t)n : listing->is_ended ? -ENODATA : 0;
}

static void
on_gone(void *arg)
{
	struct listing *listing = arg;

	files_close(listing->files);
	outbox_fini(&listing->out);
}

void
native_list_files(struct exchange *exchange)
{
	const char *path = file_path(exchange);
	struct listing *listing = path != NULL ?
	    exchange_memory(exchange, sizeof *listing) : NULL;
	const struct files_client client = {.info = on_info,
	    .done = on_done, .arg = listing};
	const struct exchange_stream stream = {.give = give, .gone = on_gone,
	    .arg = listing};
	struct err err = {ENOMEM, "out of memory"};

	if (path == NULL)
		return;
	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	listing->exchange = exchange;
	listing->path = path;
	exchange_set_stream(exchange, &stream);
	if (files_open(exchange_who(exchange), exchange_param(exchange, "id"),
	    &client, &listing->files, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		files_list(listing->files, path);
}
