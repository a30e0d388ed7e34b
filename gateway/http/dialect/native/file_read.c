// SPDX-License-Identifier: Apache-2.0
/* One file, whole or a range of it (RFC 9110 sections 13 and 14). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "common/timestamp.h"
#include "gateway/http/dialect/native/file.h"
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

enum range { RANGE_NONE, RANGE_GOOD, RANGE_BAD };

/* Whether a list of entity tags has this one, or is "*". */
static bool
has_tag(const char *list, const char *etag)
{
	return list != NULL && (strcmp(list, "*") == 0 ||
	    strstr(list, etag) != NULL);
}

static bool
read_digits(const char **text, uint64_t *ret)
{
	char digits[21];
	size_t n = strspn(*text, "0123456789");

	if (n == 0 || n >= sizeof digits)
		return false;
	memcpy(digits, *text, n);
	digits[n] = '\0';
	*text += n;
	return parse_u64(digits, ret) == 0;
}

/*
 * "bytes=A-B", "bytes=A-" or "bytes=-N". Anything else, several ranges too, is
 * answered by the whole file.
 */
static enum range
find_range(const char *text, uint64_t size, uint64_t *offset, uint64_t *n)
{
	uint64_t first = 0, last = size - 1;
	bool has_first, has_last;

	if (text == NULL || strncmp(text, "bytes=", 6) != 0)
		return RANGE_NONE;
	text += 6;
	has_first = read_digits(&text, &first);
	if (*text++ != '-')
		return RANGE_NONE;
	has_last = read_digits(&text, &last);
	if (*text != '\0' || (!has_first && !has_last) ||
	    (has_first && has_last && last < first))
		return RANGE_NONE;
	if (!has_first) {
		if (last == 0 || size == 0)
			return RANGE_BAD;
		first = last < size ? size - last : 0;
		last = size - 1;
	}
	if (first >= size)
		return RANGE_BAD;
	if (last > size - 1)
		last = size - 1;
	*offset = first;
	*n = last - first + 1;
	return RANGE_GOOD;
}

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct reading *reading = arg;

	reading->size = info->size;
	snprintf(reading->etag, sizeof reading->etag,
	    "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"", info->inode,
	    info->size, info->modified_ns);
}

static void
refuse_range(struct reading *reading)
{
	struct failure failure;

	exchange_add_header(reading->exchange, "Content-Range",
	    "bytes */%" PRIu64, reading->size);
	failure_set(&failure, 416, "invalid_range", NULL,
	    "Range: the file has %" PRIu64 " bytes", reading->size);
	exchange_fail(reading->exchange, &failure);
}

/* It is open: what of it is wanted, and is it? */
static void
answer(struct reading *reading)
{
	struct exchange *exchange = reading->exchange;
	const char *if_range = exchange_header(exchange, "If-Range");
	uint64_t offset = 0, n = reading->size;
	enum range range = RANGE_NONE;

	reading->is_answered = true;
	exchange_add_header(exchange, "ETag", "%s", reading->etag);
	exchange_add_header(exchange, "Accept-Ranges", "bytes");
	if (has_tag(exchange_header(exchange, "If-None-Match"),
	    reading->etag)) {
		exchange_reply(exchange, 304, NULL);
		return;
	}
	if (if_range == NULL || strcmp(if_range, reading->etag) == 0)
		range = find_range(exchange_header(exchange, "Range"),
		    reading->size, &offset, &n);
	if (range == RANGE_BAD) {
		refuse_range(reading);
		return;
	}
	if (range == RANGE_GOOD)
		exchange_add_header(exchange, "Content-Range", "bytes %" PRIu64
		    "-%" PRIu64 "/%" PRIu64, offset, offset + n - 1,
		    reading->size);
	if (!exchange_is_head(exchange) && n > 0)
		files_read_by_socket(reading->files, offset, n);
	exchange_reply_stream(exchange, range == RANGE_GOOD ? 206 : 200,
	    "application/octet-stream", n);
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
file_read(struct exchange *exchange, const char *user)
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
		files_open_file(reading->files, path);
}

void
native_read_file(struct exchange *exchange)
{
	file_read(exchange, "");
}
