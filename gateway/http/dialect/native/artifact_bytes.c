// SPDX-License-Identifier: Apache-2.0
/* Bytes of artifacts, out and in, as they come. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/fd.h"
#include "common/json_load.h"
#include "common/parse.h"
#include "gateway/http/dialect/native/artifact.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/native/range.h"

#define ETAG_SIZE 68 /* a hash, its quotes and the end */

struct reading {
	struct artifact_content content;
	char mime[128]; /* as long as the reply */
};

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct reading *reading = arg;
	ssize_t n = artifact_content_read(&reading->content, data, size);

	return n == 0 ? -ENODATA : n;
}

static void
on_given(void *arg)
{
	struct reading *reading = arg;

	artifact_content_fini(&reading->content);
}

/* Of a type and by a name that no browser runs. */
static void
reply_bytes(struct exchange *exchange,
    const struct rpc_artifact_info *artifact, int fd)
{
	struct reading *reading = exchange_memory(exchange, sizeof *reading);
	const struct exchange_stream stream = {.give = give, .gone = on_given,
	    .arg = reading};
	const struct err err = {ENOMEM, "out of memory"};
	char etag[ETAG_SIZE];
	uint64_t offset, n;
	unsigned int status;

	if (reading == NULL) {
		fd_close(&fd);
		exchange_fail_err(exchange, &err);
		return;
	}
	artifact_content_init(&reading->content, artifact, fd);
	snprintf(reading->mime, sizeof reading->mime, "%s", artifact->mime);
	exchange_set_stream(exchange, &stream);
	snprintf(etag, sizeof etag, "\"%s\"", artifact->sha256);
	status = range_choose(exchange, etag, artifact->size, &offset, &n);
	if (status == 0)
		return;
	artifact_content_choose(&reading->content, offset, n);
	exchange_add_header(exchange, "Content-Disposition", "attachment");
	exchange_reply_stream(exchange, status, reading->mime, n);
}

void
artifact_opened(void *arg, const struct rpc_artifact_info *artifact, int fd,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		reply_bytes(arg, artifact, fd);
}

void
native_read_artifact(struct exchange *exchange)
{
	const struct rpc_artifact_name name = {exchange_param(exchange, "id"),
	    exchange_query(exchange, "path")};

	disks_open_artifact(exchange_who(exchange), &name, artifact_opened,
	    exchange);
}

struct writing {
	struct exchange *exchange;
	struct artifact_writer *writer;
	char mime[128], meta[ARTIFACT_META_MAX + 1];
	uint64_t n_bytes;
};

static bool
refuse_more(struct writing *writing, uint64_t n_bytes)
{
	struct failure failure;

	if (n_bytes <= DEPOT_ARTIFACT_MAX)
		return false;
	failure_set(&failure, 413, "too_large", NULL,
	    "an artifact may have at most 16 MiB");
	exchange_fail(writing->exchange, &failure);
	return true;
}

static void
on_room(void *arg)
{
	struct writing *writing = arg;

	exchange_proceed(writing->exchange);
}

static void
on_done(void *arg, const struct rpc_artifact_info *artifact,
    const struct err *err)
{
	struct writing *writing = arg;

	if (err != NULL)
		exchange_fail_err(writing->exchange, err);
	else if (artifact == NULL)
		exchange_accept(writing->exchange);
	else
		exchange_reply(writing->exchange, 201,
		    artifact_print(artifact));
}

static size_t
take(void *arg, const void *data, size_t size)
{
	struct writing *writing = arg;
	size_t n;

	if (refuse_more(writing, writing->n_bytes + size))
		return size;
	n = artifact_put(writing->writer, data, size);
	writing->n_bytes += n;
	return n;
}

static void
on_end(void *arg)
{
	struct writing *writing = arg;

	artifact_commit(writing->writer, "", "");
}

static void
on_gone(void *arg)
{
	struct writing *writing = arg;

	artifact_writer_close(writing->writer);
}

/* ?metadata=, an object of strings, as it is kept; false: it is none, which has
 * been said. */
static bool
read_meta(struct exchange *exchange, char ret[ARTIFACT_META_MAX + 1])
{
	const char *text = exchange_query(exchange, "metadata"), *name;
	const char *said = *text != '\0' ? text : "{}";
	json_t *object = json_load_whole(said, strlen(said),
	    JSON_REJECT_DUPLICATES, NULL), *value;
	bool is_good = json_is_object(object);
	struct failure failure;
	size_t n = 0;

	json_object_foreach(object, name, value)
		is_good = is_good && json_is_string(value);
	if (is_good)
		n = json_dumpb(object, ret, ARTIFACT_META_MAX,
		    JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(object);
	if (n > 0 && n <= ARTIFACT_META_MAX) {
		ret[n] = '\0';
		return true;
	}
	failure_of_field(&failure, "metadata", "must be an object of strings "
	    "of at most %d bytes", ARTIFACT_META_MAX);
	exchange_fail(exchange, &failure);
	return false;
}

static bool
read_wish(struct exchange *exchange, struct writing *writing)
{
	const char *mime = exchange_header(exchange, "Content-Type");
	const char *length = exchange_header(exchange, "Content-Length");
	uint64_t n_bytes = 0;

	if (!read_meta(exchange, writing->meta) || (length != NULL &&
	    parse_u64(length, &n_bytes) == 0 &&
	    refuse_more(writing, n_bytes)))
		return false;
	/* What says nothing, or what curl says of all, is by its name. */
	if (mime != NULL && strlen(mime) < sizeof writing->mime &&
	    strcmp(mime, "application/octet-stream") != 0 &&
	    strcmp(mime, "application/x-www-form-urlencoded") != 0)
		memcpy(writing->mime, mime, strlen(mime) + 1);
	return true;
}

void
native_write_artifact(struct exchange *exchange)
{
	struct writing *writing = exchange_memory(exchange, sizeof *writing);
	const struct exchange_stream stream = {take, on_end, NULL, on_gone,
	    writing};
	const struct artifact_writer_client client = {on_room, on_done,
	    writing};
	struct err err = {ENOMEM, "out of memory"};

	if (writing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	writing->exchange = exchange;
	if (!read_wish(exchange, writing))
		return;
	exchange_set_stream(exchange, &stream);
	if (artifact_write(exchange_who(exchange),
	    &(struct rpc_artifact_begin_req){
	    .disk_id = exchange_param(exchange, "id"),
	    .path = exchange_query(exchange, "path"), .mime = writing->mime,
	    .meta = writing->meta}, &client, &writing->writer, &err) < 0)
		exchange_fail_err(exchange, &err);
}
