// SPDX-License-Identifier: Apache-2.0
/* Many files, each a part of one body, written one after the other as it
 * comes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/http/dialect/native/file.h"

/* Of one request, whose answer tells of each. */
#define UPLOAD_FILES_MAX 2048

struct upload {
	struct exchange *exchange;
	struct files *files;
	const char *folder; /* "" = the user's home */
	uint32_t mode;
	char path[PATH_MAX]; /* of the one being written */
	struct file_view view;
	bool is_begun, is_committing;
	json_t *written; /* list of those that are in their place */
};

static void
refuse(struct upload *upload, unsigned int status, const char *code,
    const char *words)
{
	struct failure failure;

	failure_set(&failure, status, code, NULL, "%s", words);
	exchange_fail(upload->exchange, &failure);
}

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct upload *upload = arg;

	file_view_set(&upload->view, info, upload->path);
}

static void
on_room(void *arg)
{
	struct upload *upload = arg;

	if (upload->is_committing)
		(void)files_commit(upload->files);
	else
		exchange_proceed(upload->exchange);
}

/* It is in its place. */
static int
note_written(struct upload *upload)
{
	files_sha256(upload->files, upload->view.sha256);
	return json_array_append_new(upload->written,
	    file_view_print(&upload->view, &native_written_file));
}

/* The folder is there; or one may be written, or has been. */
static void
on_done(void *arg, const struct err *err)
{
	struct upload *upload = arg;
	const struct err no_memory = {ENOMEM, "out of memory"};

	if (err != NULL)
		file_fail(upload->exchange, err);
	else if (!upload->is_begun)
		exchange_accept(upload->exchange);
	else if (upload->is_committing && note_written(upload) < 0)
		exchange_fail_err(upload->exchange, &no_memory);
	else
		exchange_proceed(upload->exchange);
	upload->is_begun = true;
	upload->is_committing = false;
}

static void
refuse_count(struct upload *upload)
{
	struct failure failure;

	failure_set(&failure, 413, "too_large", NULL, "at most %d files can "
	    "be written by one request", UPLOAD_FILES_MAX);
	exchange_fail(upload->exchange, &failure);
}

static void
on_part(void *arg, const struct multipart_part *part)
{
	struct upload *upload = arg;
	const char *folder = upload->folder, *name = part->filename;
	bool is_below = name != NULL && name[0] != '/' && folder[0] != '\0';
	int n;

	if (name == NULL || name[0] == '\0') {
		refuse(upload, 400, "invalid_argument", "each part must be a "
		    "file: it has no filename");
		return;
	}
	if (json_array_size(upload->written) == UPLOAD_FILES_MAX) {
		refuse_count(upload);
		return;
	}
	n = snprintf(upload->path, sizeof upload->path, "%s%s%s",
	    is_below ? folder : "", is_below ? "/" : "", name);
	if (n >= (int)sizeof upload->path)
		refuse(upload, 400, "invalid_argument", "a file's path must "
		    "be at most 4095 bytes");
	else
		files_write(upload->files, upload->path, upload->mode,
		    FILES_SIZE_ANY);
}

static size_t
take(void *arg, const void *data, size_t size)
{
	struct upload *upload = arg;

	return files_put(upload->files, data, size);
}

static void
on_part_end(void *arg)
{
	struct upload *upload = arg;

	upload->is_committing = true;
	(void)files_commit(upload->files);
}

static void
on_end(void *arg)
{
	struct upload *upload = arg;

	exchange_reply(upload->exchange, 200, json_pack("{s:O}", "files",
	    upload->written));
}

static void
on_gone(void *arg)
{
	struct upload *upload = arg;

	files_close(upload->files);
	json_decref(upload->written);
}

/* NULL: the exchange has been failed. */
static struct upload *
make(struct exchange *exchange)
{
	struct upload *upload = exchange_memory(exchange, sizeof *upload);
	const struct err err = {ENOMEM, "out of memory"};
	const struct exchange_parts parts = {on_part, take, on_part_end,
	    on_end, on_gone, upload};

	if (upload == NULL || (upload->written = json_array()) == NULL) {
		exchange_fail_err(exchange, &err);
		return NULL;
	}
	upload->exchange = exchange;
	upload->folder = exchange_query(exchange, "path");
	exchange_set_parts(exchange, &parts);
	return upload;
}

void
native_upload_files(struct exchange *exchange)
{
	struct upload *upload = NULL;
	struct files_client client = {.info = on_info, .room = on_room,
	    .done = on_done};
	struct err err;
	uint32_t mode;

	if (!file_mode(exchange, &mode) || (upload = make(exchange)) == NULL)
		return;
	upload->mode = mode;
	client.arg = upload;
	if (files_open(exchange_who(exchange), exchange_param(exchange, "id"),
	    &client, &upload->files, &err) < 0)
		exchange_fail_err(exchange, &err);
	else if (upload->folder[0] != '\0')
		files_make_folder(upload->files, upload->folder, 0);
	else
		files_stat(upload->files, ".");
}
