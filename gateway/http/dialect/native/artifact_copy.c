// SPDX-License-Identifier: Apache-2.0
/* Artifacts to a sandbox and from one. */
#include <stddef.h>

#include "gateway/http/dialect/native/artifact.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/transfer.h"

#define PATH_MAX_BYTES 4095 /* of a file in a sandbox */

struct to_wish {
	const char *path, *sandbox, *target;
};
#define TO(field) offsetof(struct to_wish, field)
static const struct field to_fields[] = {
    {"path", FIELD_STRING, TO(path), 1, ARTIFACT_PATH_SIZE - 1,
	"of the artifact", "\"/out/report.csv\""},
    {"sandbox", FIELD_STRING, TO(sandbox), 1, 31, "the sandbox",
	"\"sb_4fz1k8q2m9xw\""},
    {"target", FIELD_STRING, TO(target), 1, PATH_MAX_BYTES,
	"of the file in it, in place of what there is",
	"\"/workspace/report.csv\""},
};
FIELD_TABLE(native_artifact_to_wish, struct to_wish, to_fields);

struct from_wish {
	const char *sandbox, *source, *path;
	char *meta;
};
#define FROM(field) offsetof(struct from_wish, field)
static const struct field from_fields[] = {
    {"sandbox", FIELD_STRING, FROM(sandbox), 1, 31, "the sandbox",
	"\"sb_4fz1k8q2m9xw\""},
    {"source", FIELD_STRING, FROM(source), 1, PATH_MAX_BYTES,
	"of the file in it", "\"/workspace/report.csv\""},
    {"path", FIELD_STRING, FROM(path), 1, ARTIFACT_PATH_SIZE - 1,
	"of the artifact, in place of what there is", "\"/out/report.csv\""},
    {"metadata", FIELD_MAP, FROM(meta), 0, ARTIFACT_META_MAX,
	"of the artifact, an object of strings"},
};
FIELD_TABLE(native_artifact_from_wish, struct from_wish, from_fields);

static void
on_sent(void *arg, const struct rpc_artifact_info *artifact,
    const struct err *err)
{
	(void)artifact;
	exchange_done(arg, err);
}

void
native_copy_artifact_to(struct exchange *exchange)
{
	const struct to_wish *wish = exchange_input(exchange);

	transfer_to_sandbox(exchange_who(exchange), &(struct transfer_wish){
	    .disk_id = exchange_param(exchange, "id"),
	    .disk_path = wish->path, .sandbox_id = wish->sandbox,
	    .sandbox_path = wish->target}, on_sent, exchange);
}

static void
on_taken(void *arg, const struct rpc_artifact_info *artifact,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 201, artifact_print(artifact));
}

void
native_copy_artifact_from(struct exchange *exchange)
{
	const struct from_wish *wish = exchange_input(exchange);

	transfer_from_sandbox(exchange_who(exchange), &(struct transfer_wish){
	    .disk_id = exchange_param(exchange, "id"),
	    .disk_path = wish->path, .sandbox_id = wish->sandbox,
	    .sandbox_path = wish->source,
	    .meta = wish->meta != NULL ? wish->meta : "{}"}, on_taken,
	    exchange);
}
