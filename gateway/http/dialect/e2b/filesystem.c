// SPDX-License-Identifier: Apache-2.0
/* filesystem.Filesystem: names and what is behind them. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/timestamp.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/native/text.h"
#include "gateway/http/service/files.h"

#define ENTRIES_MAX 20000 /* of one answer, which is made whole */
#define DEPTH_MAX   64
#define PATH_TEXT   (PATH_MAX - 1)

struct path_wish {
	const char *path;
};
static const struct field path_fields[] = {
    {"path", FIELD_STRING, offsetof(struct path_wish, path), 1, PATH_TEXT,
	"of it", "a path"},
};
FIELD_TABLE(e2b_path_wish, struct path_wish, path_fields);

struct list_wish {
	const char *path;
	uint32_t depth;
};
static const struct field list_fields[] = {
    {"path", FIELD_STRING, offsetof(struct list_wish, path), 1, PATH_TEXT,
	"of the folder", "a path"},
    {"depth", FIELD_U32, offsetof(struct list_wish, depth), 0, DEPTH_MAX,
	"of folders in one another; 1 where left out"},
};
FIELD_TABLE(e2b_list_wish, struct list_wish, list_fields);

struct move_wish {
	const char *source, *destination;
};
static const struct field move_fields[] = {
    {"source", FIELD_STRING, offsetof(struct move_wish, source), 1,
	PATH_TEXT, "what it is called", "a path"},
    {"destination", FIELD_STRING, offsetof(struct move_wish, destination),
	1, PATH_TEXT, "what it is to be called", "a path"},
};
FIELD_TABLE(e2b_move_wish, struct move_wish, move_fields);

/* One that still is to be listed. */
struct folder {
	struct folder *next;
	uint32_t depth;
	char path[];
};

struct working;

/* What is done at a path. */
struct errand {
	void (*begin)(struct working *working); /* it is known where that is */
	void (*info)(void *arg, const struct rpc_file_info_event *info);
	void (*done)(struct working *working, const struct err *err);
	bool has_metadata; /* told of with it */
};

struct working {
	struct exchange *exchange;
	const struct errand *errand;
	struct files *files;
	const char *asked;   /* of what is told of, as it is asked for */
	char path[PATH_MAX]; /* whole, once it is located */
	char home[PATH_MAX]; /* that it is from, where it is not whole */
	json_t *entry;	     /* owned */
	json_t *metadata;    /* of the next that is told of; owned */
	bool is_located;
	/* Of a list. */
	json_t *entries; /* owned */
	struct folder *folder, *first, **last;
	bool is_inside; /* the folder itself has been told of */
	bool is_too_many;
	bool is_made; /* a folder that was not there */
};

static const char *
type_name(uint32_t mode)
{
	return S_ISDIR(mode) ? "FILE_TYPE_DIRECTORY" :
	    S_ISLNK(mode) ? "FILE_TYPE_SYMLINK" :
	    S_ISREG(mode) ? "FILE_TYPE_FILE" : "FILE_TYPE_UNSPECIFIED";
}

/* As ls shows it. */
static void
put_permissions(char ret[11], uint32_t mode)
{
	static const char letters[] = "rwxrwxrwx";

	ret[0] = S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'L' : '-';
	for (int i = 0; i < 9; i++)
		ret[1 + i] = (mode & 0400u >> i) != 0 ? letters[i] : '-';
	ret[10] = '\0';
}

static json_t *
owner(uint32_t id)
{
	return id == 0 ? json_string("root") : json_sprintf("%u", id);
}

/* Of the file that is told of next. */
static void
on_xattrs(void *arg, struct rpc_strv xattrs)
{
	struct working *working = arg;
	const char *text, *value;

	json_decref(working->metadata);
	working->metadata = json_object();
	while ((text = rpc_strv_next(&xattrs)) != NULL)
		if ((value = strchr(text, '=')) != NULL)
			(void)json_object_setn_new(working->metadata, text,
			    (size_t)(value - text), text_string(value + 1));
}

static json_t *
make_entry(struct working *working, const struct rpc_file_info_event *info,
    const char *path)
{
	const char *slash = strrchr(path, '/');
	char permissions[11], time[TIMESTAMP_SIZE];
	json_t *entry;

	put_permissions(permissions, info->mode);
	timestamp_format(info->modified_ns / 1000000, time);
	entry = json_pack("{s:o, s:s, s:o, s:I, s:I, s:s, s:o, s:o, s:s}",
	    "name", text_string(slash != NULL && slash[1] != '\0' ? slash + 1 :
	    path), "type", type_name(info->mode), "path", text_string(path),
	    "size", (json_int_t)info->size, "mode",
	    (json_int_t)(info->mode & 07777), "permissions", permissions,
	    "owner", owner(info->uid), "group", owner(info->gid),
	    "modifiedTime", time);
	if (entry != NULL && info->target[0] != '\0')
		(void)json_object_set_new(entry, "symlinkTarget",
		    text_string(info->target));
	if (entry != NULL && working->metadata != NULL)
		(void)json_object_set(entry, "metadata", working->metadata);
	json_decref(working->metadata);
	working->metadata = NULL;
	return entry;
}

static void
on_gone(void *arg)
{
	struct working *working = arg;
	struct folder *folder;

	files_close(working->files);
	json_decref(working->entry);
	json_decref(working->metadata);
	json_decref(working->entries);
	free(working->folder);
	while ((folder = working->first) != NULL) {
		working->first = folder->next;
		free(folder);
	}
}

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct working *working = arg;

	json_decref(working->entry);
	working->entry = make_entry(working, info, working->path);
}

static void
on_any_info(void *arg, const struct rpc_file_info_event *info)
{
	struct working *working = arg;

	if (!working->is_located)
		snprintf(working->home, sizeof working->home, "%s",
		    info->target);
	else if (working->errand->info != NULL)
		working->errand->info(arg, info);
}

/* It is known where it is. */
static void
locate(struct working *working)
{
	struct failure failure;

	working->is_located = true;
	/* One from before an upgrade tells none. */
	if (working->errand->has_metadata)
		(void)files_tell_xattrs(working->files, E2B_METADATA_PREFIX);
	if (e2b_whole_path(working->home, working->asked, working->path)) {
		working->errand->begin(working);
		return;
	}
	failure_of_field(&failure, "path", "at most %d bytes", PATH_TEXT);
	exchange_fail(working->exchange, &failure);
}

static void
on_done(void *arg, const struct err *err)
{
	struct working *working = arg;

	if (working->is_located)
		working->errand->done(working, err);
	else if (err != NULL)
		exchange_fail_err(working->exchange, err);
	else
		locate(working);
}

/* The end of most: what was told of, or why not. */
static void
reply_entry(struct working *working, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(working->exchange, err);
	else
		exchange_reply(working->exchange, 200, json_pack("{s:O}",
		    "entry", working->entry));
}

static void
reply_nothing(struct working *working, const struct err *err)
{
	/* What was not there is not there. */
	if (err != NULL && err->code != ENOENT)
		exchange_fail_err(working->exchange, err);
	else
		exchange_reply(working->exchange, 200, json_object());
}

/* Does it once it is known where the path is; or fails the exchange. */
static void
work(struct exchange *exchange, const char *path, const struct errand *errand)
{
	struct working *working = exchange_memory(exchange, sizeof *working);
	const struct files_client client = {.info = on_any_info,
	    .xattrs = on_xattrs, .done = on_done, .arg = working};
	const struct exchange_stream stream = {.gone = on_gone,
	    .arg = working};
	struct err err = {ENOMEM, "out of memory"};
	char user[E2B_USER_SIZE];

	if (working == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	working->exchange = exchange;
	working->asked = path;
	working->errand = errand;
	working->last = &working->first;
	e2b_user(exchange, user);
	exchange_set_stream(exchange, &stream);
	if (files_open_as(exchange_who(exchange),
	    exchange_param(exchange, "id"), user, &client, &working->files,
	    &err) < 0)
		exchange_fail_err(exchange, &err);
	else if (*path == '/' && !errand->has_metadata)
		locate(working);
	else /* which tells what its other end knows, too */
		files_stat(working->files, ".");
}

static void
begin_stat(struct working *working)
{
	files_stat(working->files, working->path);
}

void
e2b_stat(struct exchange *exchange)
{
	static const struct errand errand = {begin_stat, on_info, reply_entry,
	    .has_metadata = true};
	const struct path_wish *wish = exchange_input(exchange);

	work(exchange, wish->path, &errand);
}

/* There is something of that name already, or the folder is made. */
static void
on_looked(struct working *working, const struct err *err)
{
	const char *type = json_string_value(json_object_get(working->entry,
	    "type"));
	struct failure failure;

	if (working->is_made) {
		reply_entry(working, err);
		return;
	}
	if (err != NULL && err->code == ENOENT) {
		working->is_made = true;
		files_make_folder(working->files, working->path, 0);
		return;
	}
	if (err != NULL) {
		exchange_fail_err(working->exchange, err);
		return;
	}
	if (type != NULL && strcmp(type, type_name(S_IFDIR)) == 0)
		failure_set(&failure, 409, "already_exists", NULL,
		    "there is something at this path already");
	else
		failure_of_field(&failure, "path",
		    "there is something at it that is no folder");
	exchange_fail(working->exchange, &failure);
}

void
e2b_make_folder(struct exchange *exchange)
{
	static const struct errand errand = {begin_stat, on_info, on_looked};
	const struct path_wish *wish = exchange_input(exchange);

	work(exchange, wish->path, &errand);
}

static void
begin_move(struct working *working)
{
	const struct move_wish *wish = exchange_input(working->exchange);

	files_move(working->files, e2b_path(wish->source), working->path,
	    true);
}

void
e2b_move(struct exchange *exchange)
{
	static const struct errand errand = {begin_move, on_info, reply_entry};
	const struct move_wish *wish = exchange_input(exchange);

	work(exchange, wish->destination, &errand);
}

static void
begin_remove(struct working *working)
{
	files_remove(working->files, working->path, true);
}

void
e2b_remove(struct exchange *exchange)
{
	static const struct errand errand = {begin_remove, NULL, reply_nothing};
	const struct path_wish *wish = exchange_input(exchange);

	work(exchange, wish->path, &errand);
}

/* -- lists, of folders in one another too */

static bool
queue_folder(struct working *working, const char *path, uint32_t depth)
{
	struct folder *folder = malloc(sizeof *folder + strlen(path) + 1);

	if (folder == NULL)
		return false;
	*folder = (struct folder){.depth = depth};
	strcpy(folder->path, path);
	*working->last = folder;
	working->last = &folder->next;
	return true;
}

static void
on_entry(void *arg, const struct rpc_file_info_event *info)
{
	struct working *working = arg;
	const struct folder *folder = working->folder;
	char path[2 * PATH_MAX];
	size_t n = strlen(folder->path);

	if (!working->is_inside) { /* the folder itself */
		working->is_inside = true;
		return;
	}
	if (json_array_size(working->entries) == ENTRIES_MAX) {
		working->is_too_many = true;
		return;
	}
	snprintf(path, sizeof path, "%s%s%s", folder->path,
	    n > 0 && folder->path[n - 1] == '/' ? "" : "/", info->name);
	if (json_array_append_new(working->entries, make_entry(working, info,
	    path)) < 0 || (S_ISDIR(info->mode) && folder->depth > 1 &&
	    !queue_folder(working, path, folder->depth - 1)))
		working->is_too_many = true;
}

/* The next folder; false: there is none. */
static bool
list_next(struct working *working)
{
	struct folder *folder = working->first;

	if (folder == NULL)
		return false;
	working->first = folder->next;
	if (working->first == NULL)
		working->last = &working->first;
	free(working->folder);
	working->folder = folder;
	working->is_inside = false;
	files_list(working->files, folder->path);
	return true;
}

static void
on_listed(struct working *working, const struct err *err)
{
	struct failure failure;

	/* One below may be gone by now, or another's. */
	if (err != NULL && (working->folder == NULL ||
	    strcmp(working->folder->path, working->path) == 0 ||
	    (err->code != ENOENT && err->code != EACCES))) {
		exchange_fail_err(working->exchange, err);
	} else if (working->is_too_many) {
		failure_set(&failure, 413, "too_large", NULL, "there are more "
		    "than %d entries: list it with a smaller depth",
		    ENTRIES_MAX);
		exchange_fail(working->exchange, &failure);
	} else if (!list_next(working)) {
		exchange_reply(working->exchange, 200, json_pack("{s:O}",
		    "entries", working->entries));
	}
}

static void
begin_list(struct working *working)
{
	const struct list_wish *wish = exchange_input(working->exchange);
	const struct err err = {ENOMEM, "out of memory"};

	working->entries = json_array();
	if (queue_folder(working, working->path, wish->depth > 0 ?
	    wish->depth : 1))
		(void)list_next(working);
	else
		exchange_fail_err(working->exchange, &err);
}

void
e2b_list_folder(struct exchange *exchange)
{
	static const struct errand errand = {begin_list, on_entry, on_listed,
	    .has_metadata = true};
	const struct list_wish *wish = exchange_input(exchange);

	work(exchange, wish->path, &errand);
}
