// SPDX-License-Identifier: Apache-2.0
/* Artifacts to a sandbox and from one, as they come. */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/parse.h"
#include "gateway/http/dialect/acontext/acontext.h"
#include "gateway/http/service/files.h"

#define PIECE 65536 /* twice what comes at once */

struct to_wish {
	const char *folder, *name, *sandbox_id, *sandbox_folder;
};
#define TO(field) offsetof(struct to_wish, field)
static const struct field to_fields[] = {
    {"file_path", FIELD_STRING, TO(folder), 0, 1023, "folder on the disk"},
    {"filename", FIELD_STRING, TO(name), 1, 255, "of the artifact",
	"of the artifact"},
    {"sandbox_id", FIELD_STRING, TO(sandbox_id), 1, 63, "the sandbox",
	"a sandbox"},
    {"sandbox_path", FIELD_STRING, TO(sandbox_folder), 0, 1023,
	"folder in the sandbox"},
};
FIELD_TABLE(acontext_to_sandbox_wish, struct to_wish, to_fields);

struct from_wish {
	const char *sandbox_id, *sandbox_folder, *name, *folder;
};
#define FROM(field) offsetof(struct from_wish, field)
static const struct field from_fields[] = {
    {"sandbox_id", FIELD_STRING, FROM(sandbox_id), 1, 63, "the sandbox",
	"a sandbox"},
    {"sandbox_path", FIELD_STRING, FROM(sandbox_folder), 0, 1023,
	"folder in the sandbox"},
    {"sandbox_filename", FIELD_STRING, FROM(name), 1, 255,
	"of the file in it", "of the file"},
    {"file_path", FIELD_STRING, FROM(folder), 0, 1023, "folder on the disk"},
};
FIELD_TABLE(acontext_from_sandbox_wish, struct from_wish, from_fields);

/* Either way. */
struct transfer {
	struct exchange *exchange;
	char sandbox_id[64]; /* as it is kept: clients may spell it sb-... */
	char disk_path[ARTIFACT_PATH_SIZE], sandbox_path[ARTIFACT_PATH_SIZE];
	struct files *files;
	struct artifact_content content; /* to a sandbox */
	struct artifact_writer *writer;	 /* from one */
	uint8_t piece[PIECE];		 /* what the other side has not taken */
	size_t at, n;
	uint64_t size;
	bool is_begun, is_read, is_committing;
	json_t *answer;
};

static void
free_transfer(struct transfer *transfer)
{
	files_close(transfer->files);
	artifact_content_fini(&transfer->content);
	artifact_writer_close(transfer->writer);
	free(transfer);
}

static void
fail(struct transfer *transfer, const struct err *err)
{
	struct exchange *exchange = transfer->exchange;
	const struct err copy = *err;

	free_transfer(transfer);
	exchange_fail_err(exchange, &copy);
}

static struct transfer *
begin(struct exchange *exchange, const char *sandbox_id,
    const char *disk_folder, const char *sandbox_folder, const char *name)
{
	struct transfer *transfer = calloc(1, sizeof *transfer);
	const struct err err = {ENOMEM, "out of memory"};

	if (transfer == NULL) {
		exchange_fail_err(exchange, &err);
		return NULL;
	}
	transfer->exchange = exchange;
	snprintf(transfer->sandbox_id, sizeof transfer->sandbox_id, "%s",
	    sandbox_id);
	sandbox_id_respell(transfer->sandbox_id);
	transfer->content.fd = -1;
	if (acontext_join(exchange, "file_path", disk_folder != NULL ?
	    disk_folder : "/", name, transfer->disk_path) &&
	    acontext_join(exchange, "sandbox_path", sandbox_folder != NULL ?
	    sandbox_folder : "/workspace", name, transfer->sandbox_path))
		return transfer;
	free(transfer);
	return NULL;
}

/* As much as is taken now; room follows. False: it has failed. */
static bool
pump(struct transfer *transfer)
{
	const struct err err = {EIO, "the content is damaged"};
	ssize_t n;

	for (;;) {
		if (transfer->at < transfer->n)
			transfer->at += files_put(transfer->files,
			    transfer->piece + transfer->at,
			    transfer->n - transfer->at);
		if (transfer->at < transfer->n)
			return true;
		n = artifact_content_read(&transfer->content,
		    transfer->piece, sizeof transfer->piece);
		if (n <= 0)
			break;
		transfer->at = 0;
		transfer->n = (size_t)n;
	}
	if (n < 0) {
		fail(transfer, &err);
		return false;
	}
	transfer->is_committing = true;
	(void)files_commit(transfer->files);
	return true;
}

static void
on_to_room(void *arg)
{
	struct transfer *transfer = arg;

	if (transfer->is_committing)
		(void)files_commit(transfer->files);
	else if (transfer->is_begun)
		(void)pump(transfer);
}

static void
on_to_done(void *arg, const struct err *err)
{
	struct transfer *transfer = arg;
	struct exchange *exchange = transfer->exchange;

	if (err != NULL) {
		fail(transfer, err);
	} else if (!transfer->is_begun) {
		transfer->is_begun = true;
		(void)pump(transfer);
	} else {
		free_transfer(transfer);
		acontext_reply(exchange, 200, json_pack("{s:b}", "success",
		    1));
	}
}

static void
on_opened(void *arg, const struct rpc_artifact_info *artifact, int fd,
    const struct err *failure)
{
	struct transfer *transfer = arg;
	const struct files_client client = {.room = on_to_room,
	    .done = on_to_done, .arg = transfer};
	struct err err;

	if (failure != NULL) {
		fail(transfer, failure);
		return;
	}
	artifact_content_init(&transfer->content, artifact, fd);
	if (files_open(exchange_who(transfer->exchange), transfer->sandbox_id,
	    &client, &transfer->files, &err) < 0)
		fail(transfer, &err);
	else
		files_write(transfer->files, transfer->sandbox_path, 0,
		    artifact->size);
}

void
acontext_to_sandbox(struct exchange *exchange)
{
	const struct to_wish *wish = exchange_input(exchange);
	struct transfer *transfer = begin(exchange, wish->sandbox_id,
	    wish->folder, wish->sandbox_folder, wish->name);

	if (transfer != NULL)
		disks_open_artifact(exchange_who(exchange),
		    &(struct rpc_artifact_name){exchange_param(exchange, "id"),
		    transfer->disk_path}, on_opened, transfer);
}

static void
reply_noted(void *arg)
{
	struct transfer *transfer = arg;
	struct exchange *exchange = transfer->exchange;
	json_t *answer = transfer->answer;

	free_transfer(transfer);
	acontext_reply(exchange, 201, answer);
}

/* Once all that was read has been taken. */
static void
commit(struct transfer *transfer)
{
	if (!transfer->is_read || transfer->at < transfer->n ||
	    transfer->is_committing)
		return;
	transfer->is_committing = true;
	artifact_commit(transfer->writer, "", "");
}

static void
on_written(void *arg, const struct rpc_artifact_info *artifact,
    const struct err *err)
{
	struct transfer *transfer = arg;
	const struct rpc_history_add_req deed = {
	    .sandbox_id = transfer->sandbox_id, .command = "",
	    .file = transfer->sandbox_path};

	if (err != NULL) {
		fail(transfer, err);
	} else if (artifact != NULL) {
		transfer->answer = acontext_artifact(artifact);
		acontext_note(transfer->exchange, &deed, reply_noted,
		    transfer);
	} else if (transfer->size > 0) {
		files_read(transfer->files, 0, transfer->size);
	} else {
		transfer->is_read = true;
		commit(transfer);
	}
}

static void
put(struct transfer *transfer)
{
	transfer->at += artifact_put(transfer->writer, transfer->piece +
	    transfer->at, transfer->n - transfer->at);
	files_hold(transfer->files, transfer->at < transfer->n);
	commit(transfer);
}

static void
on_from_room(void *arg)
{
	put(arg);
}

static void
on_bytes(void *arg, const void *data, size_t size)
{
	struct transfer *transfer = arg;
	const struct err err = {EIO, "the sandbox sent more than was asked"};

	/* What was left is at the beginning of what is kept. */
	memmove(transfer->piece, transfer->piece + transfer->at,
	    transfer->n - transfer->at);
	transfer->n -= transfer->at;
	transfer->at = 0;
	if (size > sizeof transfer->piece - transfer->n) {
		fail(transfer, &err);
		return;
	}
	memcpy(transfer->piece + transfer->n, data, size);
	transfer->n += size;
	put(transfer);
}

static void
on_info(void *arg, const struct rpc_file_info_event *info)
{
	struct transfer *transfer = arg;

	transfer->size = info->size;
}

static void
on_from_done(void *arg, const struct err *failure)
{
	struct transfer *transfer = arg;
	const struct artifact_writer_client client = {on_from_room,
	    on_written, transfer};
	struct err err = {EFBIG, "an artifact may have at most 16 MiB"};

	if (failure != NULL) {
		fail(transfer, failure);
	} else if (transfer->is_begun) {
		transfer->is_read = true;
		commit(transfer);
	} else if (transfer->size > DEPOT_ARTIFACT_MAX ||
	    artifact_write(exchange_who(transfer->exchange),
	    &(struct rpc_artifact_begin_req){
	    .disk_id = exchange_param(transfer->exchange, "id"),
	    .path = transfer->disk_path, .mime = "", .meta = "{}"}, &client,
	    &transfer->writer, &err) < 0) {
		fail(transfer, &err);
	} else {
		transfer->is_begun = true;
	}
}

void
acontext_from_sandbox(struct exchange *exchange)
{
	const struct from_wish *wish = exchange_input(exchange);
	struct transfer *transfer = begin(exchange, wish->sandbox_id,
	    wish->folder, wish->sandbox_folder, wish->name);
	const struct files_client client = {.info = on_info,
	    .bytes = on_bytes, .done = on_from_done, .arg = transfer};
	struct err err;

	if (transfer == NULL)
		return;
	if (files_open(exchange_who(exchange), transfer->sandbox_id, &client,
	    &transfer->files, &err) < 0)
		fail(transfer, &err);
	else
		files_open_file(transfer->files, transfer->sandbox_path);
}
