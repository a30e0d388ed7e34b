// SPDX-License-Identifier: Apache-2.0
/* What is in a folder, and what is found below it. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/file_rows.h"
#include "gateway/http/dialect/native/text.h"

#define MATCHES	    1000 /* where no limit is given */
#define MATCHES_MAX 10000
#define PATTERN_MAX 1023

/* The first is the folder itself: now it is known that there is one. */
static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct file_rows *rows = arg;
	char path[2 * PATH_MAX];

	if (!rows->is_begun) {
		file_rows_begin(rows);
		return;
	}
	file_rows_path(rows, info->name, path);
	file_view_set(&rows->view, info, path);
	file_rows_add(rows, file_view_print(&rows->view, &native_file));
}

static void
on_listed(void *arg, const struct err *err)
{
	if (err != NULL)
		file_rows_fail(arg, err);
	else
		file_rows_end(arg, "");
}

/* NULL: the exchange has been failed. */
static struct file_rows *
make(struct exchange *exchange, const char *list)
{
	const char *path = file_path(exchange);
	struct file_rows *rows = path != NULL ?
	    exchange_memory(exchange, sizeof *rows) : NULL;
	const struct err err = {ENOMEM, "out of memory"};

	if (path != NULL && rows == NULL)
		exchange_fail_err(exchange, &err);
	if (rows != NULL) {
		rows->exchange = exchange;
		rows->path = path;
		rows->list = list;
	}
	return rows;
}

void
native_list_files(struct exchange *exchange)
{
	struct file_rows *rows = make(exchange, "entries");
	const struct files_client client = {.info = on_info,
	    .done = on_listed, .arg = rows};

	if (rows != NULL && file_rows_open(rows, &client))
		files_list(rows->files, rows->path);
}

struct match {
	const char *path, *text;
	uint32_t type;
	uint64_t line;
};
static const struct field match_fields[] = {
    {"path", FIELD_STRING, offsetof(struct match, path), .text =
	"below the folder's, as that was asked for"},
    {"type", FIELD_U32, offsetof(struct match, type), .text = "what it is",
	.words = file_types},
    {"line", FIELD_U64, offsetof(struct match, line), .text =
	"its number, from 1; 0: it was found by its name"},
    {"text", FIELD_STRING, offsetof(struct match, text), .text =
	"of the line; of a long one the beginning", .is_nullable = true},
};
FIELD_TABLE(native_file_match, struct match, match_fields);

static void
on_matched(void *arg, const struct rpc_file_match_event *event)
{
	struct file_rows *rows = arg;
	char *text = text_make(event->text.data, event->text.size);
	char path[2 * PATH_MAX];
	struct match match = {rows->view.path, text,
	    file_type(event->mode), event->line};
	const struct rpc_file_info_event info = {.name = "", .target = "",
	    .mode = event->mode};

	file_rows_path(rows, event->name, path);
	file_view_set(&rows->view, &info, path);
	file_rows_add(rows, text != NULL ?
	    field_print(&native_file_match, &match) : NULL);
	free(text);
}

static void
on_searched(void *arg, const struct err *err)
{
	struct file_rows *rows = arg;

	if (err == NULL)
		file_rows_end(rows, ",\"truncated_by\":null");
	else if (rows->is_begun && err->code == E2BIG)
		file_rows_end(rows, ",\"truncated_by\":\"limit\"");
	else if (rows->is_begun && err->code == ETIME)
		file_rows_end(rows, ",\"truncated_by\":\"time\"");
	else
		file_rows_fail(rows, err);
}

/* A query of words; false: the exchange has been failed. */
static bool
pattern(struct exchange *exchange, const char *name, const char **ret)
{
	struct failure failure;

	*ret = exchange_query(exchange, name);
	if (strlen(*ret) <= PATTERN_MAX)
		return true;
	failure_of_field(&failure, name, "must be at most 1023 bytes");
	exchange_fail(exchange, &failure);
	return false;
}

static bool
read_limit(struct exchange *exchange, uint32_t *ret)
{
	const char *text = exchange_query(exchange, "limit");
	uint64_t limit = MATCHES;
	struct failure failure;

	if (text[0] != '\0' && (parse_u64(text, &limit) < 0 || limit == 0 ||
	    limit > MATCHES_MAX)) {
		failure_of_field(&failure, "limit",
		    "must be from 1 to 10000; left out: 1000");
		exchange_fail(exchange, &failure);
		return false;
	}
	*ret = (uint32_t)limit;
	return true;
}

/* What is to be found; false: the exchange has been failed. */
static bool
read_search(struct exchange *exchange, struct rpc_file_search_event *search)
{
	struct failure failure;

	if (!pattern(exchange, "name", &search->name) ||
	    !pattern(exchange, "text", &search->text) ||
	    !file_flag(exchange, "regex", INSIDE_SEARCH_EXPRESSION,
	    &search->flags) || !file_flag(exchange, "ignore_case",
	    INSIDE_SEARCH_ANY_CASE, &search->flags) ||
	    !read_limit(exchange, &search->limit))
		return false;
	if (search->name[0] != '\0' || search->text[0] != '\0')
		return true;
	failure_of_field(&failure, "text",
	    "must be given, or name: what is to be found");
	exchange_fail(exchange, &failure);
	return false;
}

void
native_search_files(struct exchange *exchange)
{
	struct rpc_file_search_event search = {.flags = 0};
	struct file_rows *rows;

	if (!read_search(exchange, &search))
		return;
	rows = make(exchange, "matches");

	const struct files_client client = {.info = on_info,
	    .matched = on_matched, .done = on_searched, .arg = rows};

	if (rows == NULL)
		return;
	search.path = rows->path;
	if (file_rows_open(rows, &client))
		files_search(rows->files, &search);
}
