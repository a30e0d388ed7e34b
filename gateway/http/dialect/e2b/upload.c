// SPDX-License-Identifier: Apache-2.0
/* /files: one is read; each part of a body is one that is written, or the whole
 * body is. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/parse.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/native/file.h"
#include "gateway/http/service/files.h"

#define METADATA_HEADER	  "X-Metadata-"
#define METADATA_MAX	  4096
#define METADATA_NAME_MAX (255 - (sizeof E2B_METADATA_PREFIX - 1))

/* Of one request, whose answer tells of each. */
#define UPLOAD_FILES_MAX 1024

struct upload {
	struct exchange *exchange;
	struct files *files;
	char path[PATH_MAX]; /* of the one being written */
	char home[PATH_MAX]; /* that paths are from */
	uint64_t size;	     /* of a body that is one, or FILES_SIZE_ANY */
	bool is_raw, is_gzip, is_located;
	bool is_begun, is_committing, is_whole;
	json_t *written; /* of those that are in their place */
	json_t *metadata; /* that each of them is to have; owned */
	size_t metadata_bytes;
	const char *problem; /* of the metadata */
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
fail(struct upload *upload, const struct err *err)
{
	if (err->code == ENOSPC || err->code == EDQUOT)
		refuse(upload, 507, "disk_full", err->text);
	else
		exchange_fail_err(upload->exchange, err);
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
	const char *slash = strrchr(upload->path, '/');

	return json_array_append_new(upload->written, json_pack(
	    "{s:s, s:s, s:s, s:O*}", "name", slash != NULL ? slash + 1 :
	    upload->path, "type", "file", "path", upload->path, "metadata",
	    json_object_size(upload->metadata) > 0 ? upload->metadata :
	    NULL));
}

static void
reply(struct upload *upload)
{
	exchange_reply(upload->exchange, 200, json_incref(upload->written));
}

/* First of where paths are from. */
static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct upload *upload = arg;

	if (!upload->is_located)
		snprintf(upload->home, sizeof upload->home, "%s",
		    info->target);
}

/* Begins to write one, whose path is whole then. */
static void
write_file(struct upload *upload, const char *path, uint64_t size)
{
	if (e2b_whole_path(upload->home, path, upload->path))
		files_write(upload->files, upload->path, 0, size);
	else
		refuse(upload, 400, "invalid_argument", "a file's path must "
		    "be at most 4095 bytes");
}

/* What has to be known of one before its bytes come; 0 or -errno. */
static int
tell_before(const struct upload *upload)
{
	char name[sizeof E2B_METADATA_PREFIX + METADATA_NAME_MAX];
	const char *key;
	json_t *value;
	int r = 0;

	json_object_foreach(upload->metadata, key, value) {
		(void)snprintf(name, sizeof name, E2B_METADATA_PREFIX "%s",
		    key);
		if (r == 0)
			r = files_set_xattr(upload->files, name,
			    json_string_value(value));
	}
	return r == 0 && upload->is_gzip ? files_inflate(upload->files) : r;
}

/* One is begun: its bytes may come. */
static void
take_bytes(struct upload *upload)
{
	const struct err err = {EIO, "the sandbox does not listen"};
	int r = tell_before(upload);

	if (r == -ENOTSUP)
		refuse(upload, 409, "unsupported", "the sandbox was started "
		    "before an upgrade of the host: neither metadata nor gzip "
		    "until it is stopped and started again");
	else if (r < 0)
		exchange_fail_err(upload->exchange, &err);
	else if (!upload->is_begun)
		exchange_accept(upload->exchange);
	else
		exchange_proceed(upload->exchange);
}

/* The sandbox is reached; or one may be written, or has been. */
static void
on_done(void *arg, const struct err *err)
{
	const struct err no_memory = {ENOMEM, "out of memory"};
	struct upload *upload = arg;
	bool is_written = upload->is_committing;

	upload->is_committing = false;
	if (err != NULL) {
		fail(upload, err);
		return;
	}
	if (!upload->is_located) {
		upload->is_located = true;
		if (upload->is_raw) {
			write_file(upload, exchange_query(upload->exchange,
			    "path"), upload->size);
			return;
		}
	}
	if (is_written && note_written(upload) < 0)
		exchange_fail_err(upload->exchange, &no_memory);
	else if (upload->is_whole)
		reply(upload);
	else if (upload->path[0] != '\0' && !is_written)
		take_bytes(upload);
	else if (!upload->is_begun)
		exchange_accept(upload->exchange);
	else
		exchange_proceed(upload->exchange);
	upload->is_begun = true;
}

static void
on_part(void *arg, const struct multipart_part *part)
{
	struct upload *upload = arg;
	const char *path = exchange_query(upload->exchange, "path");

	/* One file may be named by the query, and else by its part. */
	if (path[0] == '\0' || json_array_size(upload->written) > 0)
		path = part->filename;
	if (path == NULL || path[0] == '\0')
		refuse(upload, 400, "invalid_argument", "each part must be a "
		    "file: it has no filename, and there is no ?path=");
	else if (json_array_size(upload->written) == UPLOAD_FILES_MAX)
		refuse(upload, 413, "too_large", "at most 1024 files can be "
		    "written by one request");
	else
		write_file(upload, path, FILES_SIZE_ANY);
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
on_parts_end(void *arg)
{
	reply(arg);
}

/* Of one that is the body. */
static void
on_body_end(void *arg)
{
	struct upload *upload = arg;

	upload->is_whole = true;
	on_part_end(upload);
}

static void
on_gone(void *arg)
{
	struct upload *upload = arg;

	files_close(upload->files);
	json_decref(upload->written);
	json_decref(upload->metadata);
}

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* A header; the first of a name counts, in small letters. */
static bool
add_metadata(void *arg, const char *name, const char *value)
{
	char key[METADATA_NAME_MAX + 1] = "";
	struct upload *upload = arg;
	size_t n = 0;

	name += sizeof METADATA_HEADER - 1;
	if (*name == '\0' || strlen(name) > METADATA_NAME_MAX)
		upload->problem = METADATA_HEADER "NAME: the name must have 1 "
		    "to 246 bytes";
	else if (!is_printable(name) || !is_printable(value))
		upload->problem = METADATA_HEADER "NAME: name and value must "
		    "be printable ASCII";
	else
		for (; name[n] != '\0'; n++)
			key[n] = (char)tolower((unsigned char)name[n]);
	if (upload->problem != NULL ||
	    json_object_get(upload->metadata, key) != NULL)
		return upload->problem == NULL;
	upload->metadata_bytes += sizeof E2B_METADATA_PREFIX - 1 + n +
	    strlen(value);
	if (upload->metadata_bytes > METADATA_MAX)
		upload->problem = METADATA_HEADER "NAME: all of a file must "
		    "have at most 4096 bytes, with " E2B_METADATA_PREFIX
		    " before each name";
	else
		(void)json_object_set_new(upload->metadata, key,
		    json_string(value));
	return upload->problem == NULL;
}

/* NULL: the exchange has been failed. */
static struct upload *
make(struct exchange *exchange, bool is_in_parts)
{
	struct upload *upload = exchange_memory(exchange, sizeof *upload);
	const struct exchange_parts parts = {on_part, take, on_part_end,
	    on_parts_end, on_gone, upload};
	const struct exchange_stream stream = {take, on_body_end, NULL,
	    on_gone, upload};
	const struct files_client client = {.info = on_info, .room = on_room,
	    .done = on_done, .arg = upload};
	struct err err = {ENOMEM, "out of memory"};
	char user[E2B_USER_SIZE];

	if (upload == NULL) {
		exchange_fail_err(exchange, &err);
		return NULL;
	}
	upload->exchange = exchange;
	upload->written = json_array();
	upload->metadata = json_object();
	exchange_each_header(exchange, METADATA_HEADER, add_metadata, upload);
	if (is_in_parts)
		exchange_set_parts(exchange, &parts);
	else
		exchange_set_stream(exchange, &stream);
	e2b_user(exchange, user);
	if (upload->problem != NULL) {
		refuse(upload, 400, "invalid_argument", upload->problem);
		return NULL;
	}
	if (files_open_as(exchange_who(exchange),
	    exchange_param(exchange, "id"), user, &client, &upload->files,
	    &err) < 0) {
		exchange_fail_err(exchange, &err);
		return NULL;
	}
	return upload;
}

void
e2b_upload_files(struct exchange *exchange)
{
	struct upload *upload = make(exchange, true);

	if (upload != NULL)
		files_stat(upload->files, ".");
}

void
e2b_write_file(struct exchange *exchange)
{
	const char *path = exchange_query(exchange, "path");
	const char *coding = exchange_header(exchange, "Content-Encoding");
	const char *length = exchange_header(exchange, "Content-Length");
	const bool is_gzip = coding != NULL && strcasecmp(coding, "gzip") == 0;
	struct failure failure;
	struct upload *upload;

	if (path[0] == '\0' || strlen(path) >= PATH_MAX)
		failure_of_field(&failure, "path", "must be given, at most "
		    "4095 bytes");
	else if (coding != NULL && strcasecmp(coding, "identity") != 0 &&
	    !is_gzip)
		failure_set(&failure, 415, "unsupported_type", NULL,
		    "Content-Encoding: must be identity or gzip");
	else
		failure.status = 0;
	if (failure.status != 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	upload = make(exchange, false);
	if (upload == NULL)
		return;
	upload->is_raw = true;
	upload->is_gzip = is_gzip;
	upload->size = FILES_SIZE_ANY;
	if (length != NULL && !is_gzip)
		(void)parse_u64(length, &upload->size);
	files_stat(upload->files, ".");
}

void
e2b_read_file(struct exchange *exchange)
{
	char user[E2B_USER_SIZE];

	e2b_user(exchange, user);
	file_read(exchange, user, e2b_path);
}

bool
e2b_is_signed(const struct exchange *exchange, struct identity_signed *ret)
{
	const struct route *route = exchange_route(exchange);
	bool is_read = route->answer == e2b_read_file;

	*ret = (struct identity_signed){
	    .path = exchange_query(exchange, "path"),
	    .operation = is_read ? "read" : "write",
	    .user = exchange_query(exchange, "username"),
	    .expires = exchange_query(exchange, "signature_expiration"),
	    .signature = exchange_query(exchange, "signature")};
	return (is_read || route->answer == e2b_upload_files ||
	    route->answer == e2b_write_file) && ret->signature[0] != '\0';
}
