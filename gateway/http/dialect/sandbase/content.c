// SPDX-License-Identifier: Apache-2.0
/* A file of at most 1 MiB as base64 in JSON: /filesystem itself. */
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "gateway/http/dialect/native/file.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/engine/outbox.h"

#define CONTENT_MAX  ((size_t)1024 * 1024)
#define CONTENT_TEXT 1572864 /* it in base64, with line ends */
#define VARIANT	     sodium_base64_VARIANT_ORIGINAL

struct content_wish {
	const char *path, *content;
};
static const struct field wish_fields[] = {
    {"path", FIELD_STRING, offsetof(struct content_wish, path), 1,
	PATH_MAX - 1, "of the file", "a path"},
    {"content", FIELD_TEXT, offsetof(struct content_wish, content), 0,
	CONTENT_TEXT, "all that it is to have, in base64", "base64"},
};
FIELD_TABLE(sandbase_content_wish, struct content_wish, wish_fields);

struct work {
	struct exchange *exchange;
	struct files *files;
	const char *path;
	struct outbox out; /* of a file that is read */
	uint64_t size;
	uint8_t *data; /* to be written */
	const uint8_t *from;
	size_t left;
	bool is_begun, is_ending, has_failed;
};

static void
on_gone(void *arg)
{
	struct work *work = arg;

	files_close(work->files);
	outbox_fini(&work->out);
	free(work->data);
}

/* NULL: the exchange has been failed. */
static struct work *
open_work(struct exchange *exchange, const char *path,
    const struct files_client *calls)
{
	struct work *work = file_memory(exchange, sizeof *work);
	struct exchange_stream stream = {.gone = on_gone, .arg = work};
	struct files_client client = *calls;

	client.arg = work;
	if (work == NULL)
		return NULL;
	work->exchange = exchange;
	work->path = path;
	return file_open(exchange, &stream, &client, &work->files) ? work :
	    NULL;
}

static void
fail(struct work *work, const struct err *err)
{
	if (work->has_failed)
		return;
	work->has_failed = true;
	file_fail(work->exchange, err);
}

static void
refuse_size(struct work *work)
{
	struct failure failure;

	work->has_failed = true;
	failure_set(&failure, 400, "too_large", "path", "path: the file has "
	    "%llu bytes, and of more than %zu none is told as base64; "
	    "filesystem/download has it", (unsigned long long)work->size,
	    CONTENT_MAX);
	exchange_fail(work->exchange, &failure);
}

static void
reply_read(struct work *work)
{
	const size_t n = outbox_size(&work->out);
	const size_t room = sodium_base64_ENCODED_LEN(n, VARIANT);
	const struct err err = {ENOMEM, "out of memory"};
	auto_free char *text = malloc(room);
	char path[3 * PATH_MAX];

	if (text == NULL) {
		fail(work, &err);
		return;
	}
	sodium_bin2base64(text, room, (const uint8_t *)(n == 0 ? "" :
	    work->out.data + work->out.start), n, VARIANT);
	utf8_copy(path, sizeof path, work->path);
	exchange_reply(work->exchange, 200, json_pack("{s:s, s:s}", "path",
	    path, "content", text));
}

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	((struct work *)arg)->size = info->size;
}

/* One that grows meanwhile is told as long as it was. */
static void
on_bytes(void *arg, const void *data, size_t size)
{
	struct work *work = arg;
	const struct err err = {ENOMEM, "out of memory"};

	if (!work->has_failed && outbox_add(&work->out, data, size) < 0)
		fail(work, &err);
}

/* It is open; then all of it has come. */
static void
on_read(void *arg, const struct err *err)
{
	struct work *work = arg;

	if (work->has_failed)
		return;
	if (err != NULL) {
		fail(work, err);
	} else if (work->size > CONTENT_MAX) {
		refuse_size(work);
	} else if (work->is_begun || work->size == 0) {
		reply_read(work);
	} else {
		work->is_begun = true;
		files_read(work->files, 0, work->size);
	}
}

void
sandbase_read_content(struct exchange *exchange)
{
	const char *path = file_path(exchange);
	struct work *work = path == NULL ? NULL : open_work(exchange, path,
	    &(struct files_client){.info = on_info, .bytes = on_bytes,
	    .done = on_read});

	if (work != NULL)
		files_open_file(work->files, path);
}

/* As much as there is room for; then its end. */
static void
write_on(struct work *work)
{
	size_t n = files_put(work->files, work->from, work->left);

	work->from += n;
	work->left -= n;
	if (work->left == 0) {
		work->is_ending = true;
		(void)files_commit(work->files);
	}
}

static void
on_room(void *arg)
{
	struct work *work = arg;

	if (work->is_ending)
		(void)files_commit(work->files);
	else if (work->is_begun)
		write_on(work);
}

static void
on_written(void *arg, const struct err *err)
{
	struct work *work = arg;

	if (err != NULL) {
		fail(work, err);
	} else if (!work->is_begun) {
		work->is_begun = true;
		write_on(work);
	} else {
		exchange_reply(work->exchange, 200, json_object());
	}
}

/* What the wish has; NULL: the exchange has been failed. */
static uint8_t *
decode(struct exchange *exchange, size_t *ret_size)
{
	const struct content_wish *wish = exchange_input(exchange);
	const char *text = wish->content != NULL ? wish->content : "";
	const struct err err = {ENOMEM, "out of memory"};
	const size_t n = strlen(text);
	uint8_t *data = malloc(n + 1);
	struct failure failure;

	if (data == NULL) {
		exchange_fail_err(exchange, &err);
		return NULL;
	}
	if (sodium_base642bin(data, n + 1, text, n, "\r\n ", ret_size, NULL,
	    VARIANT) < 0)
		failure_of_field(&failure, "content", "must be base64");
	else if (*ret_size > CONTENT_MAX)
		failure_of_field(&failure, "content", "must be at most %zu "
		    "bytes; filesystem/upload takes more", CONTENT_MAX);
	else
		return data;
	free(data);
	exchange_fail(exchange, &failure);
	return NULL;
}

void
sandbase_write_content(struct exchange *exchange)
{
	const struct content_wish *wish = exchange_input(exchange);
	size_t size;
	uint8_t *data = decode(exchange, &size);
	struct work *work = data == NULL ? NULL : open_work(exchange,
	    wish->path, &(struct files_client){.room = on_room,
	    .done = on_written});

	if (work == NULL) {
		free(data);
		return;
	}
	work->data = data;
	work->from = data;
	work->left = size;
	files_write(work->files, wish->path, 0, size);
}
