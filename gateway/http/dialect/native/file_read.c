// SPDX-License-Identifier: Apache-2.0
/* One file, whole or a range of it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/dialect/native/file.h"
#include "gateway/http/dialect/native/range.h"
#include "gateway/http/engine/outbox.h"

#define ETAG_SIZE 64

struct reading {
	struct exchange *exchange;
	struct files *files;
	struct outbox out;
	uint64_t size; /* of the file */
	char etag[ETAG_SIZE];
	bool is_answered;
	int failed; /* -errno */
};

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct reading *reading = arg;

	reading->size = info->size;
	snprintf(reading->etag, sizeof reading->etag,
	    "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"", info->inode,
	    info->size, info->modified_ns);
}

/* It is open: what of it is wanted? */
static void
answer(struct reading *reading)
{
	struct exchange *exchange = reading->exchange;
	uint64_t offset, n;
	unsigned int status = range_choose(exchange, reading->etag,
	    reading->size, &offset, &n);

	reading->is_answered = true;
	if (status == 0)
		return;
	if (!exchange_is_head(exchange) && n > 0)
		files_read_by_socket(reading->files, offset, n);
	exchange_reply_stream(exchange, status, "application/octet-stream", n);
}

static void
on_bytes(void *arg, const void *data, size_t size)
{
	struct reading *reading = arg;

	if (outbox_add(&reading->out, data, size) < 0)
		reading->failed = -ENOMEM;
	if (outbox_is_full(&reading->out))
		files_hold(reading->files, true);
	exchange_proceed(reading->exchange);
}

static void
on_ready(void *arg)
{
	struct reading *reading = arg;

	exchange_proceed(reading->exchange);
}

static void
on_done(void *arg, const struct err *err)
{
	struct reading *reading = arg;

	if (!reading->is_answered && err != NULL)
		file_fail(reading->exchange, err);
	else if (!reading->is_answered)
		answer(reading);
	else if (err != NULL)
		reading->failed = -err->code;
	exchange_proceed(reading->exchange);
}

/* Of files_socket's. */
static ssize_t
pour(struct reading *reading, int from_fd, void *data, size_t size)
{
	ssize_t n = exchange_pour(reading->exchange, from_fd, data, size);

	if (n != -EAGAIN)
		return n != 0 ? n : -EIO; /* it ended before the file did */
	files_await_socket(reading->files);
	return reading->failed;
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct reading *reading = arg;
	int from_fd = files_socket(reading->files);
	size_t n;

	if (from_fd >= 0)
		return pour(reading, from_fd, data, size);
	n = outbox_take(&reading->out, data, size);
	if (!outbox_is_full(&reading->out))
		files_hold(reading->files, false);
	return n > 0 ? (ssize_t)n : reading->failed;
}

static void
on_gone(void *arg)
{
	struct reading *reading = arg;

	files_close(reading->files);
	outbox_fini(&reading->out);
}

void
file_read(struct exchange *exchange, const char *user,
    const char *(*spell)(const char *path))
{
	const char *path = file_path(exchange);
	struct reading *reading = path != NULL ?
	    exchange_memory(exchange, sizeof *reading) : NULL;
	const struct files_client client = {.info = on_info,
	    .bytes = on_bytes, .ready = on_ready, .done = on_done,
	    .arg = reading};
	const struct exchange_stream stream = {.give = give, .gone = on_gone,
	    .arg = reading};
	struct err err = {ENOMEM, "out of memory"};

	if (path == NULL)
		return;
	if (reading == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	reading->exchange = exchange;
	exchange_set_stream(exchange, &stream);
	if (files_open_as(exchange_who(exchange),
	    exchange_param(exchange, "id"), user, &client, &reading->files,
	    &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		files_open_file(reading->files, spell != NULL ? spell(path) :
		    path);
}

void
native_read_file(struct exchange *exchange)
{
	file_read(exchange, "", NULL);
}
