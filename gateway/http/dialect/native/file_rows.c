// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/file_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
add(struct file_rows *rows, const char *text)
{
	if (outbox_add(&rows->out, text, strlen(text)) < 0)
		rows->failed = -ENOMEM;
}

static void
add_json(struct file_rows *rows, json_t *value)
{
	char *text = value != NULL ? json_dumps(value, JSON_COMPACT |
	    JSON_ENCODE_ANY) : NULL;

	if (text == NULL)
		rows->failed = -ENOMEM;
	else
		add(rows, text);
	free(text);
	json_decref(value);
}

void
file_rows_begin(struct file_rows *rows)
{
	const struct rpc_file_info_event none = {.name = "", .target = ""};

	rows->is_begun = true;
	add(rows, "{\"path\":");
	file_view_set(&rows->view, &none, rows->path);
	add_json(rows, json_string(rows->view.path));
	add(rows, ",\"");
	add(rows, rows->list);
	add(rows, "\":[");
	exchange_reply_stream(rows->exchange, 200, "application/json",
	    REPLY_UNKNOWN);
}

void
file_rows_add(struct file_rows *rows, json_t *row)
{
	if (rows->n++ > 0)
		add(rows, ",");
	add_json(rows, row);
	if (outbox_is_full(&rows->out))
		files_hold(rows->files, true);
	exchange_proceed(rows->exchange);
}

void
file_rows_path(const struct file_rows *rows, const char *name,
    char ret[2 * PATH_MAX])
{
	size_t n = strlen(rows->path);

	snprintf(ret, 2 * PATH_MAX, "%s%s%s", rows->path,
	    n > 0 && rows->path[n - 1] == '/' ? "" : "/", name);
}

void
file_rows_end(struct file_rows *rows, const char *more)
{
	add(rows, "]");
	add(rows, more);
	add(rows, "}");
	rows->is_ended = true;
	exchange_proceed(rows->exchange);
}

void
file_rows_fail(struct file_rows *rows, const struct err *err)
{
	if (!rows->is_begun) {
		file_fail(rows->exchange, err);
		return;
	}
	rows->failed = -err->code;
	rows->is_ended = true;
	exchange_proceed(rows->exchange);
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct file_rows *rows = arg;
	size_t n = outbox_take(&rows->out, data, size);

	if (rows->failed < 0)
		return rows->failed;
	if (!outbox_is_full(&rows->out) && !rows->is_ended)
		files_hold(rows->files, false);
	return n > 0 ? (ssize_t)n : rows->is_ended ? -ENODATA : 0;
}

static void
on_gone(void *arg)
{
	struct file_rows *rows = arg;

	files_close(rows->files);
	outbox_fini(&rows->out);
}

bool
file_rows_open(struct file_rows *rows, const struct files_client *client)
{
	const struct exchange_stream stream = {.give = give, .gone = on_gone,
	    .arg = rows};

	return file_open(rows->exchange, &stream, client, &rows->files);
}
