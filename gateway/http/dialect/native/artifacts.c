// SPDX-License-Identifier: Apache-2.0
/* Artifacts: what is on a disk. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/dialect/native/artifact.h"
#include "gateway/http/dialect/native/native.h"

const char *const artifact_kinds[N_DEPOT_KIND + 1] = {
    [DEPOT_KIND_NONE] = "binary", [DEPOT_KIND_TEXT] = "text",
    [DEPOT_KIND_JSON] = "json", [DEPOT_KIND_CSV] = "csv",
    [DEPOT_KIND_CODE] = "code"};

struct view {
	struct rpc_artifact_info info;
	const char *path;
	char room[ARTIFACT_PATH_SIZE];
};
#define INFO(field) offsetof(struct view, info.field)
#define COMMON_FIELDS                                                          \
	{"disk", FIELD_STRING, INFO(disk_id), .text = "where it is"},          \
	{"path", FIELD_STRING, offsetof(struct view, path), .text =            \
	    "on that disk, from its /"},                                       \
	{"mime", FIELD_STRING, INFO(mime), .text = "its MIME type"},           \
	{"kind", FIELD_U32, INFO(kind), .text = "what its bytes are; all but " \
	    "binary are UTF-8", .words = artifact_kinds},                      \
	{"size", FIELD_U64, INFO(size), .text = "bytes"},                      \
	{"sha256", FIELD_STRING, INFO(sha256), .text = "of these"},            \
	{"metadata", FIELD_MAP, INFO(meta), .text = "what was said of it"},    \
	{"created_at", FIELD_TIME, INFO(created_ms), .text =                   \
	    "when one was first put at its path"},                             \
	{"updated_at", FIELD_TIME, INFO(updated_ms), .text =                   \
	    "when it, or its metadata, last was"}
static const struct field artifact_fields[] = {COMMON_FIELDS};
FIELD_TABLE(native_artifact, struct view, artifact_fields);

static const struct field match_fields[] = {
    COMMON_FIELDS,
    {"line", FIELD_U64, INFO(line), .text =
	"of grep, the first that has the words; else 0"},
    {"text", FIELD_STRING, INFO(text), .text = "that line, at most 511 bytes",
	.is_nullable = true},
};
FIELD_TABLE(native_match, struct view, match_fields);

static json_t *
print(const struct rpc_artifact_info *info, const struct field_table *table)
{
	struct view view = {.info = *info};

	artifact_path(info, view.room);
	view.path = view.room;
	return field_print(table, &view);
}

void
artifact_path(const struct rpc_artifact_info *info,
    char ret[ARTIFACT_PATH_SIZE])
{
	snprintf(ret, ARTIFACT_PATH_SIZE, "%s%s", info->folder, info->name);
}

json_t *
artifact_print(const struct rpc_artifact_info *info)
{
	return print(info, &native_artifact);
}

/* Which one, by the request. */
static struct rpc_artifact_name
name_of(const struct exchange *exchange)
{
	return (struct rpc_artifact_name){exchange_param(exchange, "id"),
	    exchange_query(exchange, "path")};
}

static void
on_got(void *arg, const struct rpc_artifact_info *artifact, int fd,
    const struct err *err)
{
	(void)fd;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, artifact_print(artifact));
}

void
native_stat_artifact(struct exchange *exchange)
{
	const struct rpc_artifact_name name = name_of(exchange);

	disks_get_artifact(exchange_who(exchange), &name, on_got, exchange);
}

void
native_remove_artifact(struct exchange *exchange)
{
	const struct rpc_artifact_name name = name_of(exchange);

	disks_remove_artifact(exchange_who(exchange), &name, exchange_done,
	    exchange);
}

struct meta_wish {
	char *meta;
};
static const struct field meta_fields[] = {
    {"metadata", FIELD_MAP, offsetof(struct meta_wish, meta), 0, 8191,
	"in place of what there is, an object of strings",
	"an object of strings"},
};
FIELD_TABLE(native_artifact_wish, struct meta_wish, meta_fields);

void
native_set_artifact(struct exchange *exchange)
{
	const struct meta_wish *wish = exchange_input(exchange);
	const struct rpc_artifact_name name = name_of(exchange);
	const struct rpc_artifact_set_req request = {name.disk_id, name.path,
	    wish->meta != NULL ? wish->meta : "{}"};

	disks_set_artifact(exchange_who(exchange), &request, on_got, exchange);
}

static void
append_names(json_t *array, struct rpc_strv names)
{
	const char *name;

	while ((name = rpc_strv_next(&names)) != NULL)
		(void)json_array_append_new(array, json_string(name));
}

static void
on_list(void *arg, struct records *records, bool has_more,
    struct rpc_strv folders, const struct err *failure)
{
	struct rpc_artifact_info info = {.name = ""};
	json_t *list, *names;

	if (failure != NULL) {
		exchange_fail_err(arg, failure);
		return;
	}
	list = json_array();
	names = json_array();
	while (records_next(records, &info) > 0)
		(void)json_array_append_new(list, artifact_print(&info));
	append_names(names, folders);
	exchange_reply(arg, 200, json_pack("{s:o, s:o, s:o}", "artifacts",
	    list, "folders", names, "next", has_more ?
	    json_string(info.name) : json_null()));
}

void
native_list_artifacts(struct exchange *exchange)
{
	struct rpc_artifact_list_req request = {
	    .disk_id = exchange_param(exchange, "id"),
	    .folder = exchange_query(exchange, "path"),
	    .after = exchange_query(exchange, "after")};

	if (native_read_limit(exchange, &request.limit))
		disks_list_artifacts(exchange_who(exchange), &request,
		    on_list, exchange);
}

static void
on_found(void *arg, struct records *records, bool has_more,
    struct rpc_strv folders, const struct err *failure)
{
	struct rpc_artifact_info info;
	json_t *list;

	(void)folders;
	if (failure != NULL) {
		exchange_fail_err(arg, failure);
		return;
	}
	list = json_array();
	while (records_next(records, &info) > 0)
		(void)json_array_append_new(list, print(&info,
		    &native_match));
	exchange_reply(arg, 200, json_pack("{s:o, s:b}", "artifacts", list,
	    "more", has_more));
}

void
native_search_artifacts(struct exchange *exchange)
{
	const char *grep = exchange_query(exchange, "grep");
	const char *glob = exchange_query(exchange, "glob");
	struct rpc_artifact_search_req request = {
	    .disk_id = exchange_param(exchange, "id"),
	    .query = *grep != '\0' ? grep : glob};
	struct failure failure;

	if (!native_read_limit(exchange, &request.limit))
		return;
	if ((*grep == '\0') == (*glob == '\0') ||
	    strlen(request.query) > ARTIFACT_QUERY_MAX) {
		failure_of_field(&failure, *grep != '\0' ? "grep" : "glob",
		    "give one of grep, some words, and glob, a pattern, of at "
		    "most %d bytes", ARTIFACT_QUERY_MAX);
		exchange_fail(exchange, &failure);
		return;
	}
	disks_search(exchange_who(exchange), &request, *grep != '\0',
	    on_found, exchange);
}
