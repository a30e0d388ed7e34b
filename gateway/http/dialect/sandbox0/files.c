// SPDX-License-Identifier: Apache-2.0
/* Files of a sandbox: one thing that is asked for, and one answer. */
#include "gateway/http/dialect/sandbox0/files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/http/dialect/native/file.h"
#include "gateway/http/dialect/native/text.h"

#define ENTRIES_MAX 10000 /* of a list that is one answer */

struct working {
	struct exchange *exchange;
	struct files *files;
	const char *path;
	char parent[PATH_MAX];
	json_t *entries;       /* owned; NULL: it is no list */
	json_t *entry;	       /* owned */
	bool is_inside;	       /* the folder itself has been told of */
	bool is_too_many;
	bool is_parent_looked; /* of one that is made alone */
	void (*done)(struct working *working, const struct err *err);
};

static json_t *
entry_of(const struct rpc_file_info_event *info, const char *path)
{
	const char *slash = strrchr(path, '/');
	const bool is_link = S_ISLNK(info->mode);
	json_t *entry;
	char mode[8];

	snprintf(mode, sizeof mode, "%04o", info->mode & 07777);
	entry = json_pack("{s:o, s:o, s:s, s:I, s:s, s:o, s:b}", "name",
	    text_string(slash != NULL && slash[1] != '\0' ? slash + 1 : path),
	    "path", text_string(path), "type", S_ISDIR(info->mode) ? "dir" :
	    is_link ? "symlink" : "file", "size", (json_int_t)info->size,
	    "mode", mode, "mod_time",
	    sandbox0_time(info->modified_ns / 1000000), "is_link",
	    (int)is_link);
	if (entry != NULL && is_link)
		(void)json_object_set_new(entry, "link_target",
		    text_string(info->target));
	return entry;
}

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct working *working = arg;
	const size_t n = strlen(working->path);
	char path[2 * PATH_MAX];

	if (working->entries == NULL) {
		json_decref(working->entry);
		working->entry = entry_of(info, working->path);
		return;
	}
	if (!working->is_inside) {
		working->is_inside = true;
		return;
	}
	working->is_too_many =
	    json_array_size(working->entries) == ENTRIES_MAX;
	if (working->is_too_many)
		return;
	snprintf(path, sizeof path, "%s%s%s", working->path,
	    n > 0 && working->path[n - 1] == '/' ? "" : "/", info->name);
	(void)json_array_append_new(working->entries, entry_of(info, path));
}

static void
on_done(void *arg, const struct err *err)
{
	struct working *working = arg;

	working->done(working, err);
}

static void
on_gone(void *arg)
{
	struct working *working = arg;

	files_close(working->files);
	json_decref(working->entries);
	json_decref(working->entry);
}

static size_t
take_nothing(void *arg, const void *data, size_t size)
{
	(void)arg;
	(void)data;
	return size;
}

/* NULL: the exchange has been failed. */
static struct working *
work(struct exchange *exchange, const char *path,
    void (*done)(struct working *working, const struct err *err))
{
	struct working *working = path != NULL ?
	    file_memory(exchange, sizeof *working) : NULL;
	const struct files_client client = {.info = on_info,
	    .done = on_done, .arg = working};
	const struct exchange_stream stream = {.take = take_nothing,
	    .gone = on_gone, .arg = working};

	if (working == NULL)
		return NULL;
	working->exchange = exchange;
	working->path = path;
	working->done = done;
	return file_open(exchange, &stream, &client, &working->files) ?
	    working : NULL;
}

static void
reply_entry(struct working *working, const struct err *err)
{
	if (err != NULL)
		file_fail(working->exchange, err);
	else
		sandbox0_reply(working->exchange, 200,
		    json_incref(working->entry));
}

void
sandbox0_stat_file(struct exchange *exchange)
{
	struct working *working = work(exchange, file_path(exchange),
	    reply_entry);

	if (working != NULL)
		files_stat(working->files, working->path);
}

static void
reply_list(struct working *working, const struct err *err)
{
	struct failure failure;

	if (err != NULL) {
		file_fail(working->exchange, err);
	} else if (working->is_too_many) {
		failure_set(&failure, 413, "too_large", "path",
		    "path: has more than %d entries", ENTRIES_MAX);
		exchange_fail(working->exchange, &failure);
	} else {
		sandbox0_reply(working->exchange, 200, json_pack("{s:O}",
		    "entries", working->entries));
	}
}

void
sandbox0_list_files(struct exchange *exchange)
{
	struct working *working = work(exchange, file_path(exchange),
	    reply_list);

	if (working == NULL)
		return;
	working->entries = json_array();
	files_list(working->files, working->path);
}

/* {"NAME": true} */
static void
reply_word(struct working *working, unsigned int status, const char *word,
    const struct err *err)
{
	if (err != NULL)
		file_fail(working->exchange, err);
	else
		sandbox0_reply(working->exchange, status, json_pack("{s:b}",
		    word, 1));
}

static void
reply_moved(struct working *working, const struct err *err)
{
	reply_word(working, 200, "moved", err);
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
FIELD_TABLE(sandbox0_move_wish, struct move_wish, move_fields);

void
sandbox0_move_file(struct exchange *exchange)
{
	const struct move_wish *wish = exchange_input(exchange);
	struct working *working = work(exchange, wish->destination,
	    reply_moved);

	if (working != NULL)
		files_move(working->files, wish->source, wish->destination,
		    true);
}

static void
reply_removed(struct working *working, const struct err *err)
{
	reply_word(working, 200, "deleted", err);
}

/* With all that is in it. */
void
sandbox0_remove_file(struct exchange *exchange)
{
	struct working *working = work(exchange, file_path(exchange),
	    reply_removed);

	if (working != NULL)
		files_remove(working->files, working->path, true);
}

static void
on_made(struct working *working, const struct err *err)
{
	/* Those above it are not made; init would make them. */
	if (err == NULL && !working->is_parent_looked) {
		working->is_parent_looked = true;
		files_make_folder(working->files, working->path, 0);
	} else {
		reply_word(working, 201, "created", err);
	}
}

static bool
is_true(const struct exchange *exchange, const char *name)
{
	return strcmp(exchange_query(exchange, name), "true") == 0;
}

static void
make_folder(struct exchange *exchange)
{
	struct working *working = work(exchange, file_path(exchange),
	    on_made);
	char *slash;

	if (working == NULL)
		return;
	snprintf(working->parent, sizeof working->parent, "%s",
	    working->path);
	while ((slash = strrchr(working->parent, '/')) != NULL &&
	    slash[1] == '\0' && slash != working->parent)
		*slash = '\0';
	if (slash != NULL)
		slash[slash == working->parent] = '\0';
	working->is_parent_looked = slash == NULL ||
	    is_true(exchange, "recursive");
	if (working->is_parent_looked)
		files_make_folder(working->files, working->path, 0);
	else
		files_stat(working->files, working->parent);
}

static void
reply_written(struct exchange *exchange, const char *path, uint64_t n_bytes,
    const char *sha256)
{
	(void)path;
	sandbox0_reply(exchange, 200, json_pack("{s:b, s:I, s:s}", "written",
	    1, "size", (json_int_t)n_bytes, "sha256", sha256));
}

const struct upload_kind sandbox0_upload = {.too_large = 413,
    .reply = reply_written};

/* Or a folder. */
void
sandbox0_write_file(struct exchange *exchange)
{
	if (is_true(exchange, "mkdir"))
		make_folder(exchange);
	else
		upload_file(exchange);
}
