// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/transfer.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/back/identity.h"
#include "gateway/http/service/artifact_content.h"
#include "gateway/http/service/disks.h"
#include "gateway/http/service/files.h"

#define PIECE 65536 /* twice what comes at once */

/* Either way. */
struct transfer {
	struct identity *who;
	struct transfer_wish wish;
	transfer_done *done;
	void *arg;
	struct files *files;
	struct artifact_content content; /* to a sandbox */
	struct artifact_writer *writer;	 /* from one */
	uint8_t piece[PIECE];		 /* what the other side has not taken */
	size_t at, n;
	uint64_t size;
	bool is_begun, is_read, is_committing;
	bool is_opening; /* files_open has not returned */
	struct err failure; /* what came before it did */
};

static void
free_transfer(struct transfer *transfer)
{
	files_close(transfer->files);
	artifact_content_fini(&transfer->content);
	artifact_writer_close(transfer->writer);
	identity_release(transfer->who);
	free(transfer);
}

static void
end(struct transfer *transfer, const struct rpc_artifact_info *artifact,
    const struct err *err)
{
	transfer->done(transfer->arg, artifact, err);
	free_transfer(transfer);
}

static struct transfer *
begin(struct identity *who, const struct transfer_wish *wish,
    transfer_done *done, void *arg)
{
	struct transfer *transfer = calloc(1, sizeof *transfer);
	const struct err err = {ENOMEM, "out of memory"};

	if (transfer == NULL) {
		done(arg, NULL, &err);
		return NULL;
	}
	transfer->who = who;
	identity_hold(who);
	transfer->wish = *wish;
	transfer->done = done;
	transfer->arg = arg;
	transfer->content.fd = -1;
	return transfer;
}

/* Who may not is told so before files_open returns, which uses it still. */
static bool
open_files(struct transfer *transfer, const struct files_client *client)
{
	struct err err;
	int r;

	transfer->is_opening = true;
	r = files_open(transfer->who, transfer->wish.sandbox_id, client,
	    &transfer->files, &err);
	transfer->is_opening = false;
	if (r == 0 && transfer->failure.code == 0)
		return true;
	end(transfer, NULL, r < 0 ? &err : &transfer->failure);
	return false;
}

static void
fail(struct transfer *transfer, const struct err *err)
{
	if (transfer->is_opening)
		transfer->failure = *err;
	else
		end(transfer, NULL, err);
}

/* As much as is taken now; room follows. */
static void
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
			return;
		n = artifact_content_read(&transfer->content,
		    transfer->piece, sizeof transfer->piece);
		if (n <= 0)
			break;
		transfer->at = 0;
		transfer->n = (size_t)n;
	}
	if (n < 0) {
		end(transfer, NULL, &err);
		return;
	}
	transfer->is_committing = true;
	(void)files_commit(transfer->files);
}

static void
on_to_room(void *arg)
{
	struct transfer *transfer = arg;

	if (transfer->is_committing)
		(void)files_commit(transfer->files);
	else if (transfer->is_begun)
		pump(transfer);
}

static void
on_to_done(void *arg, const struct err *err)
{
	struct transfer *transfer = arg;

	if (err != NULL) {
		fail(transfer, err);
	} else if (!transfer->is_begun) {
		transfer->is_begun = true;
		pump(transfer);
	} else {
		end(transfer, NULL, NULL);
	}
}

static void
on_opened(void *arg, const struct rpc_artifact_info *artifact, int fd,
    const struct err *failure)
{
	struct transfer *transfer = arg;
	const struct files_client client = {.room = on_to_room,
	    .done = on_to_done, .arg = transfer};

	if (failure != NULL) {
		end(transfer, NULL, failure);
		return;
	}
	artifact_content_init(&transfer->content, artifact, fd);
	if (open_files(transfer, &client))
		files_write(transfer->files, transfer->wish.sandbox_path, 0,
		    artifact->size);
}

void
transfer_to_sandbox(struct identity *who, const struct transfer_wish *wish,
    transfer_done *done, void *arg)
{
	struct transfer *transfer = begin(who, wish, done, arg);

	if (transfer != NULL)
		disks_open_artifact(who, &(struct rpc_artifact_name){
		    wish->disk_id, wish->disk_path}, on_opened, transfer);
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

	if (err != NULL || artifact != NULL) {
		end(transfer, artifact, err);
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
		end(transfer, NULL, &err);
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
	const struct transfer_wish *wish = &transfer->wish;
	const struct artifact_writer_client client = {on_from_room,
	    on_written, transfer};
	struct err err = {EFBIG, "an artifact may have at most 16 MiB"};

	if (failure != NULL) {
		fail(transfer, failure);
	} else if (transfer->is_begun) {
		transfer->is_read = true;
		commit(transfer);
	} else if (transfer->size > DEPOT_ARTIFACT_MAX ||
	    artifact_write(transfer->who, &(struct rpc_artifact_begin_req){
	    .disk_id = wish->disk_id, .path = wish->disk_path, .mime = "",
	    .meta = wish->meta}, &client, &transfer->writer, &err) < 0) {
		end(transfer, NULL, &err);
	} else {
		transfer->is_begun = true;
	}
}

void
transfer_from_sandbox(struct identity *who, const struct transfer_wish *wish,
    transfer_done *done, void *arg)
{
	struct transfer *transfer = begin(who, wish, done, arg);
	const struct files_client client = {.info = on_info,
	    .bytes = on_bytes, .done = on_from_done, .arg = transfer};

	if (transfer != NULL && open_files(transfer, &client))
		files_open_file(transfer->files, wish->sandbox_path);
}
