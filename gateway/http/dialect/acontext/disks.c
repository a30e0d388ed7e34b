// SPDX-License-Identifier: Apache-2.0
/* Disks, and what is known of artifacts on them. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_load.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/acontext/acontext.h"

#define RESERVED   "__artifact_info__" /* ours, in metadata */
#define SEARCH_MAX 100

struct disk_wish {
	const char *user;
};
static const struct field disk_fields[] = {
    {"user", FIELD_STRING, offsetof(struct disk_wish, user), 0, 255,
	"whom it is for"},
};
FIELD_TABLE(acontext_disk_wish, struct disk_wish, disk_fields);

static json_t *
print_disk(struct exchange *exchange, const struct rpc_disk_info *disk)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "id", disk->id,
	    "project_id", identity_org(exchange_who(exchange)), "user_id",
	    *disk->user != '\0' ? json_string(disk->user) : json_null(),
	    "created_at", field_time(disk->created_ms), "updated_at",
	    field_time(disk->updated_ms));
}

static void
on_created(void *arg, const struct rpc_disk_info *disk, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		acontext_reply(arg, 201, print_disk(arg, disk));
}

void
acontext_create_disk(struct exchange *exchange)
{
	const struct disk_wish *wish = exchange_input(exchange);
	const struct rpc_disk_create_req request = {.name = "",
	    .user = wish->user != NULL ? wish->user : ""};

	disks_create(exchange_who(exchange), &request, on_created, exchange);
}

static void
on_disks(void *arg, struct records *records, bool has_more,
    struct rpc_strv folders, const struct err *err)
{
	struct rpc_disk_info disk = {.id = ""};
	json_t *items;

	(void)folders;
	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	items = json_array();
	while (records_next(records, &disk) > 0)
		(void)json_array_append_new(items, print_disk(arg, &disk));
	acontext_reply(arg, 200, json_pack("{s:o, s:s*, s:b}", "items", items,
	    "next_cursor", has_more ? disk.id : NULL, "has_more", has_more));
}

void
acontext_list_disks(struct exchange *exchange)
{
	struct rpc_disk_list_req request = {
	    .user = exchange_query(exchange, "user"),
	    .after = exchange_query(exchange, "cursor"),
	    .is_newest_first = strcmp(exchange_query(exchange, "time_desc"),
	    "true") == 0};

	if (acontext_read_limit(exchange, &request.limit))
		disks_list(exchange_who(exchange), &request, on_disks,
		    exchange);
}

void
acontext_remove_disk(struct exchange *exchange)
{
	disks_remove(exchange_who(exchange), exchange_param(exchange, "id"),
	    acontext_done, exchange);
}

json_t *
acontext_artifact(const struct rpc_artifact_info *artifact)
{
	json_t *meta = json_load_whole(artifact->meta,
	    strlen(artifact->meta), 0, NULL);

	if (!json_is_object(meta)) {
		json_decref(meta);
		meta = json_object();
	}
	(void)json_object_set_new(meta, RESERVED, json_pack(
	    "{s:s, s:s, s:s, s:I}", "path", artifact->folder, "filename",
	    artifact->name, "mime", artifact->mime, "size",
	    (json_int_t)artifact->size));
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "disk_id",
	    artifact->disk_id, "path", artifact->folder, "filename",
	    artifact->name, "meta", meta, "created_at",
	    field_time(artifact->created_ms), "updated_at",
	    field_time(artifact->updated_ms));
}

bool
acontext_join(struct exchange *exchange, const char *field,
    const char *folder, const char *name, char ret[ARTIFACT_PATH_SIZE])
{
	const size_t n = strlen(folder);
	struct failure failure;
	int size = snprintf(ret, ARTIFACT_PATH_SIZE, "%s%s%s", folder,
	    n > 0 && folder[n - 1] == '/' ? "" : "/", name);

	/* Names come from files of theirs, which may lie anywhere. */
	if (size < ARTIFACT_PATH_SIZE && size > 0 && strchr(name, '/') == NULL)
		return true;
	failure_of_field(&failure, field, "must be a folder, and the name of "
	    "the file one part, at most 1023 bytes together");
	exchange_fail(exchange, &failure);
	return false;
}

char *
acontext_read_meta(struct exchange *exchange, const char *text)
{
	json_t *meta = json_load_whole(text, strlen(text),
	    JSON_REJECT_DUPLICATES, NULL);
	const bool is_good = json_is_object(meta) &&
	    json_object_get(meta, RESERVED) == NULL;
	char *kept = is_good ? json_dumps(meta, JSON_COMPACT) : NULL;
	struct failure failure;

	json_decref(meta);
	if (kept != NULL && strlen(kept) <= ARTIFACT_META_MAX)
		return kept;
	free(kept);
	failure_of_field(&failure, "meta", "must be an object as JSON, of at "
	    "most %d bytes, without " RESERVED, ARTIFACT_META_MAX);
	exchange_fail(exchange, &failure);
	return NULL;
}

/* Which one, by the request. */
static struct rpc_artifact_name
name_of(const struct exchange *exchange)
{
	return (struct rpc_artifact_name){exchange_param(exchange, "id"),
	    exchange_query(exchange, "file_path")};
}

static void
on_got(void *arg, const struct rpc_artifact_info *artifact, int fd,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else if (fd >= 0)
		acontext_reply_text(arg, artifact, fd);
	else
		acontext_reply(arg, 200, json_pack("{s:o, s:n}", "artifact",
		    acontext_artifact(artifact), "public_url"));
}

/* Its text is wanted unless that is said. */
void
acontext_get(struct exchange *exchange)
{
	const struct rpc_artifact_name name = name_of(exchange);

	if (strcmp(exchange_query(exchange, "with_content"), "false") == 0)
		disks_get_artifact(exchange_who(exchange), &name, on_got,
		    exchange);
	else
		disks_open_artifact(exchange_who(exchange), &name, on_got,
		    exchange);
}

void
acontext_download(struct exchange *exchange)
{
	const struct rpc_artifact_name name = name_of(exchange);

	disks_open_artifact(exchange_who(exchange), &name, artifact_opened,
	    exchange);
}

struct update_wish {
	const char *path, *meta;
};
static const struct field update_fields[] = {
    {"file_path", FIELD_STRING, offsetof(struct update_wish, path), 1, 1023,
	"folder and name", "folder and name"},
    {"meta", FIELD_TEXT, offsetof(struct update_wish, meta), 1, 65535,
	"an object, as JSON", "an object, as JSON"},
};
FIELD_TABLE(acontext_update_wish, struct update_wish, update_fields);

struct updating {
	struct exchange *exchange;
	char *meta;
};

static void
on_updated(void *arg, const struct rpc_artifact_info *artifact, int fd,
    const struct err *err)
{
	struct updating *updating = arg;

	(void)fd;
	if (err != NULL)
		exchange_fail_err(updating->exchange, err);
	else
		acontext_reply(updating->exchange, 200, json_pack("{s:o}",
		    "artifact", acontext_artifact(artifact)));
	free(updating->meta);
	free(updating);
}

void
acontext_update(struct exchange *exchange)
{
	const struct update_wish *wish = exchange_input(exchange);
	char *meta = acontext_read_meta(exchange, wish->meta);
	struct updating *updating = meta != NULL ? malloc(sizeof *updating) :
	    NULL;
	const struct rpc_artifact_set_req request = {
	    exchange_param(exchange, "id"), wish->path, meta};
	const struct err err = {ENOMEM, "out of memory"};

	if (meta == NULL)
		return;
	if (updating == NULL) {
		free(meta);
		exchange_fail_err(exchange, &err);
		return;
	}
	*updating = (struct updating){exchange, meta};
	disks_set_artifact(exchange_who(exchange), &request, on_updated,
	    updating);
}

void
acontext_remove(struct exchange *exchange)
{
	const struct rpc_artifact_name name = name_of(exchange);

	disks_remove_artifact(exchange_who(exchange), &name, acontext_done,
	    exchange);
}

/* A folder, asked for page by page. */
struct listing {
	struct exchange *exchange;
	json_t *artifacts, *directories;
	char after[256];
};

static void ask(struct listing *listing);

static void
on_page(void *arg, struct records *records, bool has_more,
    struct rpc_strv folders, const struct err *err)
{
	struct listing *listing = arg;
	struct rpc_artifact_info info = {.name = ""};
	const char *name;

	while (err == NULL && records_next(records, &info) > 0)
		(void)json_array_append_new(listing->artifacts,
		    acontext_artifact(&info));
	while (err == NULL && (name = rpc_strv_next(&folders)) != NULL)
		(void)json_array_append_new(listing->directories,
		    json_string(name));
	if (err == NULL && has_more && *info.name != '\0') {
		snprintf(listing->after, sizeof listing->after, "%s",
		    info.name);
		ask(listing);
		return;
	}
	if (err == NULL) {
		acontext_reply(listing->exchange, 200, json_pack("{s:O, s:O}",
		    "artifacts", listing->artifacts, "directories",
		    listing->directories));
	} else {
		exchange_fail_err(listing->exchange, err);
	}
	json_decref(listing->artifacts);
	json_decref(listing->directories);
	free(listing);
}

static void
ask(struct listing *listing)
{
	struct exchange *exchange = listing->exchange;
	const struct rpc_artifact_list_req request = {
	    exchange_param(exchange, "id"), exchange_query(exchange, "path"),
	    listing->after, SEARCH_MAX};

	disks_list_artifacts(exchange_who(exchange), &request, on_page,
	    listing);
}

void
acontext_list(struct exchange *exchange)
{
	struct listing *listing = calloc(1, sizeof *listing);
	const struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*listing = (struct listing){exchange, json_array(), json_array(), ""};
	ask(listing);
}

static void
on_found(void *arg, struct records *records, bool has_more,
    struct rpc_strv folders, const struct err *err)
{
	struct rpc_artifact_info info;
	json_t *list;

	(void)has_more;
	(void)folders;
	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	list = json_array();
	while (records_next(records, &info) > 0)
		(void)json_array_append_new(list, acontext_artifact(&info));
	acontext_reply(arg, 200, list);
}

static void
search(struct exchange *exchange, bool is_for_text)
{
	struct rpc_artifact_search_req request = {
	    .disk_id = exchange_param(exchange, "id"),
	    .query = exchange_query(exchange, "query"), .limit = SEARCH_MAX};
	struct failure failure;

	if (*exchange_query(exchange, "limit") != '\0' &&
	    !acontext_read_limit(exchange, &request.limit))
		return;
	if (*request.query == '\0' ||
	    strlen(request.query) > ARTIFACT_QUERY_MAX) {
		failure_of_field(&failure, "query", "must be given, of at "
		    "most %d bytes", ARTIFACT_QUERY_MAX);
		exchange_fail(exchange, &failure);
		return;
	}
	disks_search(exchange_who(exchange), &request, is_for_text, on_found,
	    exchange);
}

void
acontext_grep(struct exchange *exchange)
{
	search(exchange, true);
}

void
acontext_glob(struct exchange *exchange)
{
	search(exchange, false);
}
