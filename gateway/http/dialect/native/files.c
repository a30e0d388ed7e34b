// SPDX-License-Identifier: Apache-2.0
/* Files, as far as one thing is asked for and one answered. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/utf8.h"
#include "gateway/http/dialect/native/file.h"

enum { TYPE_FILE, TYPE_FOLDER, TYPE_LINK, TYPE_OTHER };
const char *const file_types[] = {"file", "folder", "link", "other", NULL};

#define MODE_MAX 07777

#define VIEW(field) offsetof(struct file_view, field)
#define TEXT(n)	    offsetof(struct file_view, texts[n])
enum { NAME, PATH, MODE, TARGET, SHA256 };

static const struct field file_fields[] = {
    {"name", FIELD_STRING, TEXT(NAME), .text = "the last part of its path"},
    {"path", FIELD_STRING, TEXT(PATH), .text =
	"as it was asked for; of an entry, below that"},
    {"type", FIELD_U32, VIEW(type), .text = "what it is", .words = file_types},
    {"size", FIELD_SIZE, VIEW(size), .text = "of a file"},
    {"mode", FIELD_STRING, TEXT(MODE), .text = "permissions, in octal"},
    {"uid", FIELD_U32, VIEW(uid), .text = "whose it is"},
    {"gid", FIELD_U32, VIEW(gid), .text = "whose it is"},
    {"modified_at", FIELD_TIME, VIEW(modified_ms), .text = "when"},
    {"target", FIELD_STRING, TEXT(TARGET), .text = "where a link leads",
	.is_nullable = true},
};
FIELD_TABLE(native_file, struct file_view, file_fields);

static const struct field written_fields[] = {
    {"path", FIELD_STRING, TEXT(PATH), .text = "as it was asked for"},
    {"size", FIELD_SIZE, VIEW(size), .text = "what was written"},
    {"mode", FIELD_STRING, TEXT(MODE), .text = "permissions, in octal"},
    {"modified_at", FIELD_TIME, VIEW(modified_ms), .text = "when"},
    {"sha256", FIELD_STRING, TEXT(SHA256), .text =
	"of what was written, in hexadecimal"},
};
FIELD_TABLE(native_written_file, struct file_view, written_fields);

uint32_t
file_type(uint32_t mode)
{
	return S_ISREG(mode) ? TYPE_FILE : S_ISDIR(mode) ? TYPE_FOLDER :
	    S_ISLNK(mode) ? TYPE_LINK : TYPE_OTHER;
}

void
file_view_set(struct file_view *view, const struct rpc_file_info_event *info,
    const char *path)
{
	const char *slash = strrchr(path, '/');

	utf8_copy(view->path, sizeof view->path, path);
	utf8_copy(view->name, sizeof view->name, slash != NULL &&
	    slash[1] != '\0' ? slash + 1 : path);
	utf8_copy(view->target, sizeof view->target, info->target);
	snprintf(view->mode, sizeof view->mode, "%04o",
	    info->mode & MODE_MAX);
	view->type = file_type(info->mode);
	view->uid = info->uid;
	view->gid = info->gid;
	view->size = info->size;
	view->modified_ms = info->modified_ns / 1000000;
}

json_t *
file_view_print(struct file_view *view, const struct field_table *table)
{
	view->texts[NAME] = view->name;
	view->texts[PATH] = view->path;
	view->texts[MODE] = view->mode;
	view->texts[TARGET] = view->target;
	view->texts[SHA256] = view->sha256;
	return field_print(table, view);
}

const char *
file_path(struct exchange *exchange)
{
	const char *path = exchange_query(exchange, "path");
	struct failure failure;

	if (path[0] != '\0')
		return path;
	failure_of_field(&failure, "path", "must be given, ?path=/a/file");
	exchange_fail(exchange, &failure);
	return NULL;
}

bool
file_mode(struct exchange *exchange, uint32_t *ret)
{
	const char *text = exchange_query(exchange, "mode");
	struct failure failure;

	*ret = 0;
	if (text[0] == '\0')
		return true;
	if (strlen(text) <= 4 && text[strspn(text, "01234567")] == '\0') {
		*ret = (uint32_t)strtoul(text, NULL, 8);
		return true;
	}
	failure_of_field(&failure, "mode",
	    "must be octal, 0001 to 7777; left out: 0644, or what it was");
	exchange_fail(exchange, &failure);
	return false;
}

bool
file_flag(struct exchange *exchange, const char *name, uint32_t bit,
    uint32_t *ret)
{
	const char *text = exchange_query(exchange, name);
	struct failure failure;

	if (strcmp(text, "1") == 0)
		*ret |= bit;
	else if (text[0] != '\0' && strcmp(text, "0") != 0) {
		failure_of_field(&failure, name, "must be 0 or 1");
		exchange_fail(exchange, &failure);
		return false;
	}
	return true;
}

void *
file_memory(struct exchange *exchange, size_t size)
{
	const struct err err = {ENOMEM, "out of memory"};
	void *memory = exchange_memory(exchange, size);

	if (memory == NULL)
		exchange_fail_err(exchange, &err);
	return memory;
}

bool
file_open(struct exchange *exchange, const struct exchange_stream *stream,
    const struct files_client *client, struct files **ret)
{
	struct err err = {0};

	exchange_set_stream(exchange, stream);
	if (files_open(exchange_who(exchange), exchange_param(exchange, "id"),
	    client, ret, &err) == 0)
		return true;
	exchange_fail_err(exchange, &err);
	return false;
}

void
file_fail(struct exchange *exchange, const struct err *err)
{
	struct failure failure;

	if (err->code == ENOSPC) {
		failure_set(&failure, 507, "disk_full", NULL, "%s",
		    err->text);
		exchange_fail(exchange, &failure);
	} else {
		exchange_fail_err(exchange, err);
	}
}

/* One thing that is asked for. */
struct one {
	struct exchange *exchange;
	struct files *files;
	unsigned int status; /* of its success */
	const char *path;
	json_t *found; /* what the answer is, where it has content */
};

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct one *one = arg;
	struct file_view *view = calloc(1, sizeof *view);

	json_decref(one->found);
	one->found = NULL;
	if (view == NULL)
		return;
	file_view_set(view, info, one->path);
	one->found = file_view_print(view, &native_file);
	free(view);
}

static void
on_done(void *arg, const struct err *err)
{
	struct one *one = arg;
	json_t *found = one->found;

	one->found = NULL;
	if (err != NULL) {
		json_decref(found);
		file_fail(one->exchange, err);
	} else if (one->status == 204) {
		json_decref(found);
		exchange_reply(one->exchange, 204, NULL);
	} else {
		exchange_reply(one->exchange, one->status, found);
	}
}

static void
on_gone(void *arg)
{
	struct one *one = arg;

	json_decref(one->found);
	files_close(one->files);
}

/* NULL: the exchange has been failed. */
static struct files *
begin(struct exchange *exchange, unsigned int status, const char *path)
{
	struct one *one = file_memory(exchange, sizeof *one);
	const struct files_client client = {.info = on_info,
	    .done = on_done, .arg = one};
	const struct exchange_stream stream = {.gone = on_gone, .arg = one};

	if (one == NULL)
		return NULL;
	*one = (struct one){.exchange = exchange, .status = status,
	    .path = path};
	return file_open(exchange, &stream, &client, &one->files) ?
	    one->files : NULL;
}

void
native_stat_file(struct exchange *exchange)
{
	const char *path = file_path(exchange);
	struct files *files = path != NULL ? begin(exchange, 200, path) :
	    NULL;

	if (files != NULL)
		files_stat(files, path);
}

void
native_remove_file(struct exchange *exchange)
{
	const char *path = file_path(exchange);
	uint32_t is_recursive = 0;
	struct files *files;

	if (path == NULL ||
	    !file_flag(exchange, "recursive", 1, &is_recursive))
		return;
	files = begin(exchange, 204, path);
	if (files != NULL)
		files_remove(files, path, is_recursive != 0);
}

struct folder_wish {
	const char *path;
};
static const struct field folder_wish_fields[] = {
    {"path", FIELD_STRING, offsetof(struct folder_wish, path), 1,
	PATH_MAX - 1, "of the folder; those above it are made as well",
	"a path"},
};
FIELD_TABLE(native_folder_wish, struct folder_wish, folder_wish_fields);

void
native_make_folder(struct exchange *exchange)
{
	const struct folder_wish *wish = exchange_input(exchange);
	struct files *files = begin(exchange, 200, wish->path);

	if (files != NULL)
		files_make_folder(files, wish->path, 0);
}

struct mode_wish {
	const char *path, *mode, *owner;
	uint32_t is_recursive;
};
static const struct field mode_wish_fields[] = {
    {"path", FIELD_STRING, offsetof(struct mode_wish, path), 1,
	PATH_MAX - 1, "of the file or folder; a link is followed", "a path"},
    {"mode", FIELD_STRING, offsetof(struct mode_wish, mode), 1, 5,
	"permissions, in octal; left out: as they are"},
    {"owner", FIELD_STRING, offsetof(struct mode_wish, owner), 1, 129,
	"user, user:group or :group, by name or number; left out: as it is"},
    {"recursive", FIELD_BOOLEAN, offsetof(struct mode_wish, is_recursive),
	.text = "with all that is in a folder, but for links"},
};
FIELD_TABLE(native_mode_wish, struct mode_wish, mode_wish_fields);

/* Octal digits; false: they are not. */
static bool
read_mode(const char *text, uint32_t *ret)
{
	*ret = UINT32_MAX;
	if (text == NULL)
		return true;
	*ret = (uint32_t)strtoul(text, NULL, 8);
	return text[0] != '\0' && text[strspn(text, "01234567")] == '\0' &&
	    *ret <= MODE_MAX;
}

void
native_change_mode(struct exchange *exchange)
{
	const struct mode_wish *wish = exchange_input(exchange);
	struct rpc_file_change_mode_event event = {.path = wish->path,
	    .owner = wish->owner != NULL ? wish->owner : "",
	    .is_recursive = wish->is_recursive == FIELD_TRUE};
	struct failure failure;
	struct files *files;

	if (!read_mode(wish->mode, &event.mode)) {
		failure_of_field(&failure, "mode",
		    "must be octal, 0 to 7777, in a string");
	} else if (wish->mode == NULL && wish->owner == NULL) {
		failure_of_field(&failure, "mode",
		    "must be given, or owner: what is to change");
	} else {
		files = begin(exchange, 200, wish->path);
		if (files != NULL)
			files_change_mode(files, &event);
		return;
	}
	exchange_fail(exchange, &failure);
}

struct move_wish {
	const char *path, *target;
	uint32_t replaces;
};
static const struct field move_wish_fields[] = {
    {"path", FIELD_STRING, offsetof(struct move_wish, path), 1,
	PATH_MAX - 1, "what it is called", "a path"},
    {"target", FIELD_STRING, offsetof(struct move_wish, target), 1,
	PATH_MAX - 1, "what it is to be called", "a path"},
    {"replace", FIELD_BOOLEAN, offsetof(struct move_wish, replaces),
	.text = "what is called so already, instead of refusing"},
};
FIELD_TABLE(native_move_wish, struct move_wish, move_wish_fields);

void
native_move_file(struct exchange *exchange)
{
	const struct move_wish *wish = exchange_input(exchange);
	struct files *files = begin(exchange, 200, wish->target);

	if (files != NULL)
		files_move(files, wish->path, wish->target,
		    wish->replaces == FIELD_TRUE);
}
