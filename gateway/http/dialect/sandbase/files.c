// SPDX-License-Identifier: Apache-2.0
/* Files and folders: /files, and /filesystem and what is below it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/utf8.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/service/files.h"

#define ENTRIES_MAX 10000 /* of a list that is one answer */

/* A file as it is shown; what is not UTF-8 is replaced. */
static json_t *
entry_of(const struct rpc_file_info_event *info, const char *path)
{
	char text[3 * PATH_MAX];
	const char *slash;
	bool is_folder = S_ISDIR(info->mode);

	utf8_copy(text, sizeof text, path);
	slash = strrchr(text, '/');
	return json_pack("{s:s, s:s, s:b, s:s, s:I}", "name", slash != NULL &&
	    slash[1] != '\0' ? slash + 1 : text, "path", text, "isDir",
	    is_folder, "type", is_folder ? "dir" : "file", "size",
	    (json_int_t)info->size);
}

/* What is looked at, one or all in a folder. */
struct looking {
	struct exchange *exchange;
	struct files *files;
	const char *path;
	bool wants_bytes;   /* of what is no folder */
	bool is_list;	    /* it is asked for what is in the folder */
	bool is_folder, has_first;
	bool is_too_long;
	json_t *answer;
};

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct looking *looking = arg;
	const size_t n = strlen(looking->path);
	char path[2 * PATH_MAX];

	if (!looking->is_list) {
		looking->is_folder = S_ISDIR(info->mode);
		json_decref(looking->answer);
		looking->answer = entry_of(info, looking->path);
		return;
	}
	if (!looking->has_first) { /* the folder itself */
		looking->has_first = true;
		return;
	}
	looking->is_too_long = json_array_size(looking->answer) == ENTRIES_MAX;
	if (looking->is_too_long)
		return;
	snprintf(path, sizeof path, "%s%s%s", looking->path,
	    n > 0 && looking->path[n - 1] == '/' ? "" : "/", info->name);
	(void)json_array_append_new(looking->answer, entry_of(info, path));
}

/* It is over: what it was about is told, and nothing of it is left. */
static void
end(struct looking *looking, const struct err *err)
{
	struct exchange *exchange = looking->exchange;
	const bool is_too_long = looking->is_too_long;
	json_t *answer = looking->answer;
	struct failure failure;

	files_close(looking->files);
	free(looking);
	if (err == NULL && !is_too_long) {
		exchange_reply(exchange, 200, answer);
		return;
	}
	json_decref(answer);
	if (err != NULL) {
		exchange_fail_err(exchange, err);
		return;
	}
	failure_set(&failure, 413, "too_large", "path",
	    "path: has more than %d entries", ENTRIES_MAX);
	exchange_fail(exchange, &failure);
}

static void
begin_list(struct looking *looking)
{
	json_decref(looking->answer);
	looking->answer = json_array();
	looking->is_list = true;
	files_list(looking->files, looking->path);
}

static void
on_done(void *arg, const struct err *err)
{
	struct looking *looking = arg;
	struct exchange *exchange = looking->exchange;

	if (err != NULL || looking->is_list || !looking->wants_bytes) {
		end(looking, err);
	} else if (looking->is_folder) {
		begin_list(looking);
	} else {
		json_decref(looking->answer);
		files_close(looking->files);
		free(looking);
		native_read_file(exchange);
	}
}

static const char *
path_of(const struct exchange *exchange)
{
	const char *path = exchange_query(exchange, "path");

	return *path != '\0' ? path : SANDBASE_FOLDER;
}

/* NULL: the exchange has been failed. */
static struct looking *
look(struct exchange *exchange, const char *path)
{
	struct looking *looking = calloc(1, sizeof *looking);
	const struct files_client client = {.info = on_info, .done = on_done,
	    .arg = looking};
	struct err err = {ENOMEM, "out of memory"};

	if (looking != NULL) {
		*looking = (struct looking){.exchange = exchange,
		    .path = path};
		if (files_open(exchange_who(exchange),
		    exchange_param(exchange, "id"), &client, &looking->files,
		    &err) == 0)
			return looking;
	}
	free(looking);
	exchange_fail_err(exchange, &err);
	return NULL;
}

void
sandbase_read(struct exchange *exchange)
{
	struct looking *looking = look(exchange, path_of(exchange));

	if (looking == NULL)
		return;
	looking->wants_bytes = true;
	files_stat(looking->files, looking->path);
}

void
sandbase_list(struct exchange *exchange)
{
	struct looking *looking = look(exchange, path_of(exchange));

	if (looking != NULL)
		begin_list(looking);
}

void
sandbase_stat(struct exchange *exchange)
{
	struct looking *looking = look(exchange, path_of(exchange));

	if (looking != NULL)
		files_stat(looking->files, looking->path);
}

void
sandbase_download(struct exchange *exchange)
{
	exchange_add_header(exchange, "Content-Disposition", "attachment");
	native_read_file(exchange);
}

struct folder_wish {
	const char *path;
};
static const struct field folder_fields[] = {
    {"path", FIELD_STRING, offsetof(struct folder_wish, path), 1,
	PATH_MAX - 1, "of the folder", "a path"},
};
FIELD_TABLE(sandbase_folder_wish, struct folder_wish, folder_fields);

void
sandbase_make_folder(struct exchange *exchange)
{
	const struct folder_wish *wish = exchange_input(exchange);
	struct looking *looking = look(exchange, wish->path);

	if (looking != NULL)
		files_make_folder(looking->files, wish->path, 0);
}

struct move_wish {
	const char *source, *destination;
};
static const struct field move_fields[] = {
    {"source", FIELD_STRING, offsetof(struct move_wish, source), 1,
	PATH_MAX - 1, "what it is called", "a path"},
    {"destination", FIELD_STRING, offsetof(struct move_wish, destination), 1,
	PATH_MAX - 1, "what it is to be called", "a path"},
};
FIELD_TABLE(sandbase_move_wish, struct move_wish, move_fields);

void
sandbase_move(struct exchange *exchange)
{
	const struct move_wish *wish = exchange_input(exchange);
	struct looking *looking = look(exchange, wish->destination);

	if (looking != NULL)
		files_move(looking->files, wish->source, wish->destination,
		    true);
}

static void
reply_written(struct exchange *exchange, const char *path, uint64_t n_bytes,
    const char *sha256)
{
	char text[3 * PATH_MAX];

	utf8_copy(text, sizeof text, path);
	exchange_reply(exchange, 200, json_pack("{s:s, s:I, s:s}", "path",
	    text, "size", (json_int_t)n_bytes, "sha256", sha256));
}

const struct upload_kind sandbase_upload = {.too_large = 413,
    .folder = SANDBASE_FOLDER, .reply = reply_written};
