// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/upload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/file.h"

#define PATH_FIELD "path"

enum step {
	STEP_REACHING, /* the sandbox */
	STEP_OPEN,     /* bytes may come, or the next part */
	STEP_COMMITTING,
	STEP_MOVING,   /* what was written before its path was known */
	STEP_REMOVING, /* the same, where it cannot stay */
};

struct upload {
	struct exchange *exchange;
	const struct upload_kind *kind;
	struct files *files;
	enum step step;
	bool is_file;	 /* what comes now is; else a field */
	bool is_path;	 /* a field that is the path */
	bool is_written; /* one file is enough */
	bool is_aside;	 /* written by another name, for want of a path */
	char path[PATH_MAX]; /* "" = not known yet */
	char name[NAME_MAX + 1]; /* its own, where its part has one */
	char aside[64];
	uint32_t mode;
	uint64_t n_bytes;
	char sha256[FILES_SHA256_SIZE];
	struct err refusal; /* of a move */
};

static void
refuse(struct upload *upload, unsigned int status, const char *code,
    const char *field, const char *words)
{
	struct failure failure;

	failure_set(&failure, status, code, field, "%s", words);
	exchange_fail(upload->exchange, &failure);
}

/* Whether it can be a file's: not the root, and no way up. */
static bool
is_sound(const char *path)
{
	bool has_name = false;

	for (const char *p = path; *(p += strspn(p, "/")) != '\0';
	    p += strcspn(p, "/")) {
		size_t n = strcspn(p, "/");

		if (n == 2 && strncmp(p, "..", 2) == 0)
			return false;
		has_name = has_name || !(n == 1 && *p == '.');
	}
	return has_name;
}

/* Of a file whose name is known, and its folder at most. */
static void
complete_path(struct upload *upload)
{
	const size_t n = strlen(upload->path);

	if (upload->kind->folder == NULL || upload->name[0] == '\0')
		return;
	if (n > 0 && upload->path[n - 1] == '/')
		snprintf(upload->path + n, sizeof upload->path - n, "%s",
		    upload->name);
	if (n == 0)
		snprintf(upload->path, sizeof upload->path, "%s/%s",
		    upload->kind->folder, upload->name);
}

/* False: the exchange has been failed. */
static bool
check_path(struct upload *upload)
{
	complete_path(upload);
	if (upload->path[0] == '\0')
		refuse(upload, 400, "invalid_argument", PATH_FIELD,
		    "path: must be given, as ?path=/a/file or as a field");
	else if (!is_sound(upload->path))
		refuse(upload, 400, "invalid_argument", PATH_FIELD,
		    "path: must be a file's, not the root, and without \"..\"");
	else
		return true;
	return false;
}

static bool
refuse_more(struct upload *upload, uint64_t n_bytes)
{
	if (n_bytes <= UPLOAD_MAX_BYTES)
		return false;
	refuse(upload, upload->kind->too_large, "too_large", NULL,
	    "a file that is uploaded may have at most 100 MiB");
	return true;
}

static void
on_room(void *arg)
{
	struct upload *upload = arg;

	if (upload->step == STEP_COMMITTING)
		(void)files_commit(upload->files);
	else
		exchange_proceed(upload->exchange);
}

static void
reply(struct upload *upload)
{
	upload->kind->reply(upload->exchange, upload->path, upload->n_bytes,
	    upload->sha256);
}

/* What was written aside is removed before that is said. */
static void
refuse_move(struct upload *upload, const struct err *err)
{
	upload->refusal = *err;
	if (err->code == EXDEV)
		err_set(&upload->refusal, EXDEV, "path: is not on the disk "
		    "where a file goes that comes before its path; send the "
		    "path first");
	upload->step = STEP_REMOVING;
	files_remove(upload->files, upload->aside, false);
}

static void
on_done(void *arg, const struct err *err)
{
	struct upload *upload = arg;
	const enum step step = upload->step;

	upload->step = STEP_OPEN;
	if (step == STEP_REMOVING) {
		if (upload->refusal.code != 0)
			file_fail(upload->exchange, &upload->refusal);
		else
			(void)check_path(upload);
	} else if (step == STEP_MOVING && err != NULL) {
		refuse_move(upload, err);
	} else if (err != NULL) {
		file_fail(upload->exchange, err);
	} else if (step == STEP_REACHING) {
		exchange_accept(upload->exchange);
	} else if (step == STEP_MOVING) {
		reply(upload);
	} else if (step == STEP_COMMITTING) {
		files_sha256(upload->files, upload->sha256);
		upload->is_written = true;
		if (exchange_has_parts(upload->exchange))
			exchange_proceed(upload->exchange);
		else
			reply(upload);
	} else { /* it may be written */
		exchange_proceed(upload->exchange);
	}
}

static void
on_gone(void *arg)
{
	struct upload *upload = arg;

	files_close(upload->files);
}

static size_t
take(void *arg, const void *data, size_t size)
{
	struct upload *upload = arg;
	size_t n;

	if (refuse_more(upload, upload->n_bytes + size))
		return size;
	n = files_put(upload->files, data, size);
	upload->n_bytes += n;
	return n;
}

static void
commit(void *arg)
{
	struct upload *upload = arg;

	upload->step = STEP_COMMITTING;
	(void)files_commit(upload->files);
}

static void
begin_file(struct upload *upload, const struct multipart_part *part)
{
	const char *slash = part->filename != NULL ?
	    strrchr(part->filename, '/') : NULL;
	const char *name = slash != NULL ? slash + 1 : part->filename;

	if (upload->is_written) {
		refuse(upload, 400, "invalid_argument", NULL,
		    "one file can be written by a request");
		return;
	}
	if (name != NULL && strlen(name) < sizeof upload->name)
		memcpy(upload->name, name, strlen(name) + 1);
	upload->is_aside = upload->path[0] == '\0';
	if (upload->is_aside)
		snprintf(upload->aside, sizeof upload->aside, ".upload-%s",
		    exchange_id(upload->exchange));
	else if (!check_path(upload))
		return;
	files_write(upload->files, upload->is_aside ? upload->aside :
	    upload->path, upload->mode, FILES_SIZE_ANY);
}

static void
on_part(void *arg, const struct multipart_part *part)
{
	struct upload *upload = arg;

	upload->is_file = part->filename != NULL && part->filename[0] != '\0';
	upload->is_path = !upload->is_file && part->name != NULL &&
	    strcmp(part->name, PATH_FIELD) == 0;
	if (upload->is_path)
		upload->path[0] = '\0';
	if (upload->is_file)
		begin_file(upload, part);
	else
		exchange_proceed(upload->exchange);
}

/* Of a file, of the path, or of a field that says nothing here. */
static size_t
take_part(void *arg, const void *data, size_t size)
{
	struct upload *upload = arg;
	const size_t used = strlen(upload->path);

	if (upload->is_file)
		return take(arg, data, size);
	if (!upload->is_path)
		return size;
	if (size >= sizeof upload->path - used ||
	    memchr(data, '\0', size) != NULL) {
		refuse(upload, 400, "invalid_argument", PATH_FIELD,
		    "path: must be at most 4095 bytes, none of them zero");
		return size;
	}
	memcpy(upload->path + used, data, size);
	upload->path[used + size] = '\0';
	return size;
}

static void
on_part_end(void *arg)
{
	struct upload *upload = arg;

	if (upload->is_file)
		commit(arg);
	else
		exchange_proceed(upload->exchange);
}

static void
on_parts_end(void *arg)
{
	struct upload *upload = arg;

	if (!upload->is_written) {
		refuse(upload, 400, "invalid_argument", NULL,
		    "no part is a file: none has a filename");
	} else if (!upload->is_aside) {
		reply(upload);
	} else {
		complete_path(upload);
		upload->step = is_sound(upload->path) ? STEP_MOVING :
		    STEP_REMOVING;
		if (upload->step == STEP_MOVING)
			files_move(upload->files, upload->aside, upload->path,
			    true);
		else
			files_remove(upload->files, upload->aside, false);
	}
}

/* Announced to be larger than it may. */
static bool
refuse_length(struct upload *upload)
{
	const char *length = exchange_header(upload->exchange,
	    "Content-Length");
	uint64_t n_bytes = 0;

	return length != NULL && !exchange_has_parts(upload->exchange) &&
	    parse_u64(length, &n_bytes) == 0 && refuse_more(upload, n_bytes);
}

static void
reach(struct upload *upload)
{
	const struct files_client client = {.room = on_room, .done = on_done,
	    .arg = upload};
	struct err err;

	if (files_open(exchange_who(upload->exchange),
	    exchange_param(upload->exchange, "id"), &client, &upload->files,
	    &err) < 0)
		exchange_fail_err(upload->exchange, &err);
	else if (exchange_has_parts(upload->exchange))
		files_stat(upload->files, ".");
	else
		files_write(upload->files, upload->path, upload->mode,
		    FILES_SIZE_ANY);
}

void
upload_file(struct exchange *exchange)
{
	struct upload *upload = NULL;
	struct exchange_stream stream = {take, commit, NULL, on_gone, NULL};
	struct exchange_parts parts = {on_part, take_part, on_part_end,
	    on_parts_end, on_gone, NULL};
	struct err err = {ENOMEM, "out of memory"};
	uint32_t mode;

	if (!file_mode(exchange, &mode))
		return;
	upload = exchange_memory(exchange, sizeof *upload);
	if (upload == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	upload->exchange = exchange;
	upload->kind = exchange_route(exchange)->about;
	upload->mode = mode;
	stream.arg = parts.arg = upload;
	snprintf(upload->path, sizeof upload->path, "%s",
	    exchange_query(exchange, PATH_FIELD));
	if (refuse_length(upload) ||
	    (!exchange_has_parts(exchange) && !check_path(upload)))
		return;
	if (exchange_has_parts(exchange))
		exchange_set_parts(exchange, &parts);
	else
		exchange_set_stream(exchange, &stream);
	reach(upload);
}
