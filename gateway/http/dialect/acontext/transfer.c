// SPDX-License-Identifier: Apache-2.0
/* Artifacts to a sandbox and from one. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "common/parse.h"
#include "gateway/http/dialect/acontext/acontext.h"
#include "gateway/http/service/transfer.h"

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
	json_t *answer;
};

/* The exchange's. NULL: it has failed. */
static struct transfer *
begin(struct exchange *exchange, const char *sandbox_id,
    const char *disk_folder, const char *sandbox_folder, const char *name)
{
	struct transfer *transfer = exchange_memory(exchange,
	    sizeof *transfer);
	const struct err err = {ENOMEM, "out of memory"};

	if (transfer == NULL) {
		exchange_fail_err(exchange, &err);
		return NULL;
	}
	transfer->exchange = exchange;
	snprintf(transfer->sandbox_id, sizeof transfer->sandbox_id, "%s",
	    sandbox_id);
	sandbox_id_respell(transfer->sandbox_id);
	if (acontext_join(exchange, "file_path", disk_folder != NULL ?
	    disk_folder : "/", name, transfer->disk_path) &&
	    acontext_join(exchange, "sandbox_path", sandbox_folder != NULL ?
	    sandbox_folder : "/workspace", name, transfer->sandbox_path))
		return transfer;
	return NULL;
}

static struct transfer_wish
wish_of(const struct transfer *transfer)
{
	return (struct transfer_wish){
	    .disk_id = exchange_param(transfer->exchange, "id"),
	    .disk_path = transfer->disk_path,
	    .sandbox_id = transfer->sandbox_id,
	    .sandbox_path = transfer->sandbox_path, .meta = "{}"};
}

static void
on_sent(void *arg, const struct rpc_artifact_info *artifact,
    const struct err *err)
{
	struct transfer *transfer = arg;

	(void)artifact;
	if (err != NULL)
		exchange_fail_err(transfer->exchange, err);
	else
		acontext_reply(transfer->exchange, 200, json_pack("{s:b}",
		    "success", 1));
}

void
acontext_to_sandbox(struct exchange *exchange)
{
	const struct to_wish *wish = exchange_input(exchange);
	struct transfer *transfer = begin(exchange, wish->sandbox_id,
	    wish->folder, wish->sandbox_folder, wish->name);
	struct transfer_wish asked;

	if (transfer == NULL)
		return;
	asked = wish_of(transfer);
	transfer_to_sandbox(exchange_who(exchange), &asked, on_sent,
	    transfer);
}

static void
reply_noted(void *arg)
{
	struct transfer *transfer = arg;

	acontext_reply(transfer->exchange, 201, transfer->answer);
}

static void
on_taken(void *arg, const struct rpc_artifact_info *artifact,
    const struct err *err)
{
	struct transfer *transfer = arg;
	const struct rpc_history_add_req deed = {
	    .sandbox_id = transfer->sandbox_id, .command = "",
	    .file = transfer->sandbox_path};

	if (err != NULL) {
		exchange_fail_err(transfer->exchange, err);
		return;
	}
	transfer->answer = acontext_artifact(artifact);
	acontext_note(transfer->exchange, &deed, reply_noted, transfer);
}

void
acontext_from_sandbox(struct exchange *exchange)
{
	const struct from_wish *wish = exchange_input(exchange);
	struct transfer *transfer = begin(exchange, wish->sandbox_id,
	    wish->folder, wish->sandbox_folder, wish->name);
	struct transfer_wish asked;

	if (transfer == NULL)
		return;
	asked = wish_of(transfer);
	transfer_from_sandbox(exchange_who(exchange), &asked, on_taken,
	    transfer);
}
