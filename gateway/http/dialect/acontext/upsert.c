// SPDX-License-Identifier: Apache-2.0
/* An artifact that comes as a form: a file, its folder and its metadata, in any
 * order. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/dialect/acontext/acontext.h"

#define FOLDER_SIZE 1024

enum part { PART_OTHER, PART_FILE, PART_FOLDER, PART_META };

struct upsert {
	struct exchange *exchange;
	struct artifact_writer *writer;
	enum part part; /* what comes now */
	char folder[FOLDER_SIZE], name[256], mime[128];
	char path[ARTIFACT_PATH_SIZE];
	char meta[ARTIFACT_META_MAX + 1];
	char *kept; /* of these, owned */
	uint64_t n_bytes;
	bool is_over; /* refused; what still comes is dropped */
};

static void
refuse(struct upsert *upsert, unsigned int status, const char *code,
    const char *field, const char *words)
{
	struct failure failure;

	upsert->is_over = true;
	failure_set(&failure, status, code, field, "%s", words);
	exchange_fail(upsert->exchange, &failure);
}

static void
on_room(void *arg)
{
	struct upsert *upsert = arg;

	exchange_proceed(upsert->exchange);
}

static void
on_done(void *arg, const struct rpc_artifact_info *artifact,
    const struct err *err)
{
	struct upsert *upsert = arg;

	if (err != NULL) {
		upsert->is_over = true;
		exchange_fail_err(upsert->exchange, err);
	} else if (artifact == NULL) {
		exchange_proceed(upsert->exchange);
	} else {
		acontext_reply(upsert->exchange, 201,
		    acontext_artifact(artifact));
	}
}

static bool
join(struct upsert *upsert)
{
	upsert->is_over = !acontext_join(upsert->exchange, "file_path",
	    upsert->folder, upsert->name, upsert->path);
	return !upsert->is_over;
}

static void
begin_file(struct upsert *upsert, const struct multipart_part *part)
{
	const struct artifact_writer_client client = {on_room, on_done,
	    upsert};
	const char *slash = strrchr(part->filename, '/');
	const char *mime = part->content_type;
	struct err err;

	if (upsert->writer != NULL) {
		refuse(upsert, 400, "invalid_argument", "file",
		    "file: one can be written by a request");
		return;
	}
	snprintf(upsert->name, sizeof upsert->name, "%s", slash != NULL ?
	    slash + 1 : part->filename);
	/* What says nothing is what its name says. */
	if (mime != NULL && strlen(mime) < sizeof upsert->mime &&
	    strcmp(mime, "application/octet-stream") != 0)
		memcpy(upsert->mime, mime, strlen(mime) + 1);
	if (!join(upsert))
		return;
	if (artifact_write(exchange_who(upsert->exchange),
	    &(struct rpc_artifact_begin_req){
	    .disk_id = exchange_param(upsert->exchange, "id"),
	    .path = upsert->path, .mime = upsert->mime, .meta = "{}"},
	    &client, &upsert->writer, &err) < 0) {
		upsert->is_over = true;
		exchange_fail_err(upsert->exchange, &err);
	}
}

static void
on_part(void *arg, const struct multipart_part *part)
{
	struct upsert *upsert = arg;

	upsert->part = PART_OTHER;
	if (part->filename != NULL && part->filename[0] != '\0') {
		upsert->part = PART_FILE;
		begin_file(upsert, part);
		return;
	}
	if (part->name != NULL && strcmp(part->name, "file_path") == 0) {
		upsert->part = PART_FOLDER;
		upsert->folder[0] = '\0';
	} else if (part->name != NULL && strcmp(part->name, "meta") == 0) {
		upsert->part = PART_META;
		upsert->meta[0] = '\0';
	}
	exchange_proceed(upsert->exchange);
}

/* Adds bytes of a field to its text. */
static void
add(struct upsert *upsert, char *text, size_t room, const char *field,
    const void *data, size_t size)
{
	const size_t used = strlen(text);

	if (size >= room - used || memchr(data, '\0', size) != NULL) {
		refuse(upsert, 400, "invalid_argument", field,
		    upsert->part == PART_META ?
		    "meta: must be at most 8191 bytes, none of them zero" :
		    "file_path: must be at most 1023 bytes, none of them "
		    "zero");
		return;
	}
	memcpy(text + used, data, size);
	text[used + size] = '\0';
}

static size_t
take(void *arg, const void *data, size_t size)
{
	struct upsert *upsert = arg;
	size_t n = size;

	if (upsert->is_over)
		return size;
	if (upsert->part == PART_FOLDER)
		add(upsert, upsert->folder, sizeof upsert->folder,
		    "file_path", data, size);
	else if (upsert->part == PART_META)
		add(upsert, upsert->meta, sizeof upsert->meta, "meta", data,
		    size);
	else if (upsert->part == PART_FILE &&
	    upsert->n_bytes + size > DEPOT_ARTIFACT_MAX)
		refuse(upsert, 413, "too_large", "file",
		    "file: an artifact may have at most 16 MiB");
	else if (upsert->part == PART_FILE)
		upsert->n_bytes += n = artifact_put(upsert->writer, data,
		    size);
	return n;
}

static void
on_part_end(void *arg)
{
	struct upsert *upsert = arg;

	exchange_proceed(upsert->exchange);
}

static void
on_end(void *arg)
{
	struct upsert *upsert = arg;

	if (upsert->is_over)
		return;
	if (upsert->writer == NULL) {
		refuse(upsert, 400, "invalid_argument", "file",
		    "file: must be given, a part with a filename");
		return;
	}
	if (!join(upsert))
		return;
	upsert->kept = acontext_read_meta(upsert->exchange,
	    upsert->meta[0] != '\0' ? upsert->meta : "{}");
	if (upsert->kept != NULL)
		artifact_commit(upsert->writer, upsert->path, upsert->kept);
}

static void
on_gone(void *arg)
{
	struct upsert *upsert = arg;

	artifact_writer_close(upsert->writer);
	free(upsert->kept);
}

void
acontext_upsert(struct exchange *exchange)
{
	struct upsert *upsert = exchange_memory(exchange, sizeof *upsert);
	const struct exchange_parts parts = {on_part, take, on_part_end,
	    on_end, on_gone, upsert};
	const struct err err = {ENOMEM, "out of memory"};

	if (upsert == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	upsert->exchange = exchange;
	exchange_set_parts(exchange, &parts);
	exchange_accept(exchange);
}
