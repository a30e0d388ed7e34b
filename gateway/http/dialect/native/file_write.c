// SPDX-License-Identifier: Apache-2.0
/* One file, written as its bytes come. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/file.h"

struct writing {
	struct exchange *exchange;
	struct files *files;
	const char *path;
	struct file_view view;
	uint64_t size; /* that was announced, or FILES_SIZE_ANY */
	bool is_begun, is_ending;
};

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct writing *writing = arg;

	file_view_set(&writing->view, info, writing->path);
}

static void
on_room(void *arg)
{
	struct writing *writing = arg;

	if (writing->is_ending)
		(void)files_commit(writing->files);
	else
		exchange_proceed(writing->exchange);
}

/* It may be written; or it has been, and is in its place. */
static void
on_done(void *arg, const struct err *err)
{
	struct writing *writing = arg;

	if (err != NULL) {
		file_fail(writing->exchange, err);
	} else if (!writing->is_begun) {
		writing->is_begun = true;
		if (writing->size != FILES_SIZE_ANY)
			files_put_by_socket(writing->files, writing->size);
		exchange_accept(writing->exchange);
	} else {
		files_sha256(writing->files, writing->view.sha256);
		exchange_reply(writing->exchange, 200,
		    file_view_print(&writing->view, &native_written_file));
	}
}

static size_t
take(void *arg, const void *data, size_t size)
{
	struct writing *writing = arg;

	return files_put(writing->files, data, size);
}

static void
on_end(void *arg)
{
	struct writing *writing = arg;

	writing->is_ending = true;
	(void)files_commit(writing->files);
}

static void
on_gone(void *arg)
{
	struct writing *writing = arg;

	files_close(writing->files);
}

void
native_write_file(struct exchange *exchange)
{
	const char *path = file_path(exchange);
	const char *length = exchange_header(exchange, "Content-Length");
	struct writing *writing = NULL;
	struct exchange_stream stream = {take, on_end, NULL, on_gone, NULL};
	struct files_client client = {.info = on_info, .room = on_room,
	    .done = on_done};
	struct err err = {ENOMEM, "out of memory"};
	uint32_t mode;

	if (path == NULL || !file_mode(exchange, &mode))
		return;
	writing = exchange_memory(exchange, sizeof *writing);
	if (writing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	writing->exchange = exchange;
	writing->path = path;
	writing->size = FILES_SIZE_ANY;
	stream.arg = client.arg = writing;
	exchange_set_stream(exchange, &stream);
	if (length != NULL)
		(void)parse_u64(length, &writing->size);
	if (files_open(exchange_who(exchange), exchange_param(exchange, "id"),
	    &client, &writing->files, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		files_write(writing->files, path, mode, writing->size);
}
