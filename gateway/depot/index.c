// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/index.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "gateway/depot/place.h"
#include "gateway/depot/query.h"

static int
no_disk(const char *id, struct err *err)
{
	return err_set(err, ENOENT, "%s: no such disk", id);
}

/* Calls each with every row of a query of disks. */
static int
tell_disks(struct index *index, sqlite3_stmt *stmt, index_disk_each *each,
    void *arg, uint32_t *ret_n, struct err *err)
{
	int r;

	for (*ret_n = 0; (r = query_step(index, stmt, err)) > 0; ++*ret_n) {
		const struct rpc_disk_info disk = {
		    .id = query_text(stmt, 0), .name = query_text(stmt, 1),
		    .user = query_text(stmt, 2), .owner = query_text(stmt, 3),
		    .created_ms = (uint64_t)sqlite3_column_int64(stmt, 4),
		    .updated_ms = (uint64_t)sqlite3_column_int64(stmt, 5),
		    .n_artifacts = (uint64_t)sqlite3_column_int64(stmt, 6),
		    .bytes = (uint64_t)sqlite3_column_int64(stmt, 7)};

		r = each(arg, &disk);
		if (r < 0)
			break;
	}
	(void)sqlite3_reset(stmt);
	return r;
}

static int
note_id(void *arg, const struct rpc_disk_info *disk)
{
	snprintf(arg, INDEX_DISK_ID_SIZE, "%s", disk->id);
	return 0;
}

/* The id of the one that is called so. */
static int
find_named(struct index *index, const struct scope *scope, const char *name,
    char ret_id[INDEX_DISK_ID_SIZE], struct err *err)
{
	uint32_t n;
	int r = *name == '\0' ? no_disk(name, err) : tell_disks(index,
	    query_bind(index, QUERY_DISK_NAMED, "sss", scope->org,
	    query_owner(scope), name), note_id, ret_id, &n, err);

	if (r < 0 || n == 1)
		return r;
	return n == 0 ? no_disk(name, err) : err_set(err, EEXIST, "several "
	    "disks are called %s; say which by its id", name);
}

int
index_get_disk(struct index *index, const struct scope *scope, const char *id,
    index_disk_each *each, void *arg, struct err *err)
{
	char named[INDEX_DISK_ID_SIZE];
	uint32_t n;
	int r = strncmp(id, "dk_", 3) == 0 ? 0 :
	    find_named(index, scope, id, named, err);

	if (r < 0)
		return r;
	if (strncmp(id, "dk_", 3) != 0)
		id = named;
	r = tell_disks(index, query_bind(index, QUERY_DISK_GET, "sss",
	    scope->org, query_owner(scope), id), each, arg, &n, err);

	return r == 0 && n == 0 ? no_disk(id, err) : r;
}

int
index_list_disks(struct index *index, const struct scope *scope,
    const struct rpc_disk_list_req *request, index_disk_each *each, void *arg,
    struct err *err)
{
	uint32_t n;

	return tell_disks(index, query_bind(index, request->is_newest_first ?
	    QUERY_DISK_LIST_NEWEST : QUERY_DISK_LIST, "ssssi", scope->org,
	    query_owner(scope), request->user, request->after,
	    (int64_t)request->limit + 1), each, arg, &n, err);
}

static int
ignore_disk(void *arg, const struct rpc_disk_info *disk)
{
	(void)arg;
	(void)disk;
	return 0;
}

int
index_check_disk(struct index *index, const struct scope *scope,
    const char *id, struct err *err)
{
	return index_get_disk(index, scope, id, ignore_disk, NULL, err);
}

int
index_add_disk(struct index *index, const struct scope *scope,
    const char *name, const char *user, char ret_id[INDEX_DISK_ID_SIZE],
    struct err *err)
{
	struct index_used used = {0};
	sqlite3_stmt *stmt;
	int r = index_count(index, scope, &used, err);

	if (r < 0)
		return r;
	if (used.disks >= DEPOT_DISKS_MAX) {
		err_set(err, EDQUOT, "disks: organisation %s may have "
		    "%u and has %u; remove one", scope->org, DEPOT_DISKS_MAX,
		    DEPOT_DISKS_MAX);
		return err_cause(err, "disks");
	}
	stmt = query_bind(index, QUERY_DISK_ADD, "sssssi", ret_id, scope->org,
	    scope->owner, name, user, (int64_t)clock_unix_ms());
	return query_step(index, stmt, err);
}

int
index_remove_disk(struct index *index, const struct scope *scope,
    const char *id, struct err *err)
{
	auto_query sqlite3_stmt *stmt = query_bind(index, QUERY_DISK_REMOVE,
	    "sss", scope->org, query_owner(scope), id);
	int r = query_step(index, stmt, err);

	if (r == 0)
		return no_disk(id, err);
	/* What it returned is not done before its end. */
	while (r > 0)
		r = query_step(index, stmt, err);
	return r;
}

static int
check_limits(sqlite3_stmt *stmt, const struct scope *scope,
    const struct index_artifact *artifact, struct err *err)
{
	const uint64_t used = (uint64_t)sqlite3_column_int64(stmt, 0);
	const uint64_t n = (uint64_t)sqlite3_column_int64(stmt, 1);
	const uint64_t old = (uint64_t)sqlite3_column_int64(stmt, 2);
	const bool is_new = sqlite3_column_type(stmt, 3) == SQLITE_NULL;

	if (is_new && n >= DEPOT_ARTIFACTS_MAX) {
		err_set(err, EDQUOT, "artifacts: disk %s may have %u "
		    "and has %llu; remove one", artifact->disk_id,
		    DEPOT_ARTIFACTS_MAX, (unsigned long long)n);
		return err_cause(err, "artifacts");
	}
	if (scope->bytes_max != 0 && artifact->size > old &&
	    used - old + artifact->size > scope->bytes_max) {
		err_set(err, EDQUOT, "max_artifacts: organisation %s "
		    "may have %llu bytes and has %llu of it; remove an "
		    "artifact or a disk, or ask an admin for more",
		    scope->org, (unsigned long long)scope->bytes_max,
		    (unsigned long long)used);
		return err_cause(err, "max_artifacts");
	}
	return 0;
}

/* The same, and what is at its path. */
static int
check_room(struct index *index, const struct scope *scope,
    const struct index_artifact *artifact, char ret_old[INDEX_SHA256_SIZE],
    struct err *err)
{
	auto_query sqlite3_stmt *stmt = query_bind(index, QUERY_ROOM, "sssss",
	    scope->org, query_owner(scope), artifact->disk_id, artifact->folder,
	    artifact->name);
	int r = query_step(index, stmt, err);

	if (r == 0)
		return no_disk(artifact->disk_id, err);
	if (r > 0) {
		snprintf(ret_old, INDEX_SHA256_SIZE, "%s",
		    query_text(stmt, 3));
		r = check_limits(stmt, scope, artifact, err);
	}
	return r;
}

int
index_check_room(struct index *index, const struct scope *scope,
    const struct index_artifact *artifact, struct err *err)
{
	char old[INDEX_SHA256_SIZE];

	return check_room(index, scope, artifact, old, err);
}

static int
touch(struct index *index, const char *disk_id, struct err *err)
{
	return query_step(index, query_bind(index, QUERY_DISK_TOUCH, "si",
	    disk_id, (int64_t)clock_unix_ms()), err);
}

int
index_put(struct index *index, const struct scope *scope,
    const struct index_artifact *artifact, char ret_old[INDEX_SHA256_SIZE],
    struct err *err)
{
	int r = query_run(index, "BEGIN IMMEDIATE", err);

	if (r < 0)
		return r;
	r = check_room(index, scope, artifact, ret_old, err);
	if (r == 0)
		r = query_step(index, query_bind(index, QUERY_PUT,
		    "sssssisisi", artifact->disk_id, artifact->folder,
		    artifact->name, scope->org, artifact->mime,
		    (int64_t)artifact->kind, artifact->meta,
		    (int64_t)artifact->size, artifact->sha256,
		    (int64_t)clock_unix_ms()), err);
	if (r == 0)
		r = touch(index, artifact->disk_id, err);
	return query_finish(index, r, err);
}

/* Calls each with every row of a query of artifacts. */
static int
tell_artifacts(struct index *index, sqlite3_stmt *stmt,
    index_artifact_each *each, void *arg, uint32_t *ret_n, struct err *err)
{
	int r;

	for (*ret_n = 0; (r = query_step(index, stmt, err)) > 0; ++*ret_n) {
		const struct rpc_artifact_info artifact = {
		    .disk_id = query_text(stmt, 0),
		    .folder = query_text(stmt, 1),
		    .name = query_text(stmt, 2), .mime = query_text(stmt, 3),
		    .kind = (uint32_t)sqlite3_column_int64(stmt, 4),
		    .meta = query_text(stmt, 5),
		    .size = (uint64_t)sqlite3_column_int64(stmt, 6),
		    .sha256 = query_text(stmt, 7),
		    .created_ms = (uint64_t)sqlite3_column_int64(stmt, 8),
		    .updated_ms = (uint64_t)sqlite3_column_int64(stmt, 9),
		    .text = ""};

		r = each(arg, &artifact);
		if (r < 0)
			break;
	}
	(void)sqlite3_reset(stmt);
	return r;
}

static int
no_artifact(const char *folder, const char *name, struct err *err)
{
	return err_set(err, ENOENT, "%s%s: no such artifact", folder, name);
}

int
index_get(struct index *index, const struct scope *scope, const char *disk_id,
    const char *folder, const char *name, index_artifact_each *each, void *arg,
    struct err *err)
{
	uint32_t n;
	int r = index_check_disk(index, scope, disk_id, err);

	if (r < 0)
		return r;
	r = tell_artifacts(index, query_bind(index, QUERY_GET, "sssss",
	    scope->org, query_owner(scope), disk_id, folder, name), each, arg,
	    &n, err);
	return r == 0 && n == 0 ? no_artifact(folder, name, err) : r;
}

int
index_set_meta(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder, const char *name,
    const char *meta, struct err *err)
{
	sqlite3_stmt *stmt;
	int r = index_check_disk(index, scope, disk_id, err);

	if (r < 0)
		return r;
	stmt = query_bind(index, QUERY_SET_META, "ssssssi", scope->org,
	    query_owner(scope), disk_id, folder, name, meta,
	    (int64_t)clock_unix_ms());
	r = query_step(index, stmt, err);
	if (r == 0)
		return no_artifact(folder, name, err);
	while (r > 0)
		r = query_step(index, stmt, err);
	return r;
}

int
index_remove(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder, const char *name,
    char ret_old[INDEX_SHA256_SIZE], struct err *err)
{
	sqlite3_stmt *stmt;
	int r = index_check_disk(index, scope, disk_id, err);

	if (r < 0)
		return r;
	stmt = query_bind(index, QUERY_REMOVE, "sssss", scope->org,
	    query_owner(scope), disk_id, folder, name);
	r = query_step(index, stmt, err);
	if (r == 0)
		return no_artifact(folder, name, err);
	while (r > 0) {
		snprintf(ret_old, INDEX_SHA256_SIZE, "%s",
		    query_text(stmt, 0));
		r = query_step(index, stmt, err);
	}
	return r < 0 ? r : touch(index, disk_id, err);
}

int
index_list(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder, const char *after,
    index_artifact_each *each, void *arg, struct err *err)
{
	uint32_t n;
	int r = index_check_disk(index, scope, disk_id, err);

	return r < 0 ? r : tell_artifacts(index, query_bind(index, QUERY_LIST,
	    "sssss", scope->org, query_owner(scope), disk_id, folder, after),
	    each, arg, &n, err);
}

int
index_list_folders(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder,
    int (*each)(void *arg, const char *name), void *arg, struct err *err)
{
	const size_t n = strlen(folder);
	char from[2 * PLACE_FOLDER_SIZE], name[PLACE_FOLDER_SIZE];
	int r;

	snprintf(from, sizeof from, "%s", folder);
	for (;;) {
		auto_query sqlite3_stmt *stmt = query_bind(index,
		    QUERY_FOLDER_AFTER, "sssss", scope->org, query_owner(scope),
		    disk_id, folder, from);
		const char *found;

		r = query_step(index, stmt, err);
		if (r <= 0)
			return r;
		found = query_text(stmt, 0);
		if (strncmp(found, folder, n) != 0)
			return 0;
		snprintf(name, sizeof name, "%.*s",
		    (int)strcspn(found + n, "/"), found + n);
		r = each(arg, name);
		if (r < 0)
			return r;
		/* "0" follows "/": all that is below it is passed by. */
		snprintf(from, sizeof from, "%.1023s%.1022s0", folder, name);
	}
}

int
index_glob(struct index *index, const struct scope *scope,
    const char *disk_id, const char *pattern, index_artifact_each *each,
    void *arg, struct err *err)
{
	uint32_t n;
	int r = index_check_disk(index, scope, disk_id, err);

	return r < 0 ? r : tell_artifacts(index, query_bind(index, QUERY_GLOB,
	    "ssss", scope->org, query_owner(scope), disk_id, pattern), each,
	    arg, &n, err);
}

int
index_next_text(struct index *index, const struct scope *scope,
    const char *disk_id, const char *folder, const char *name,
    index_artifact_each *each, void *arg, struct err *err)
{
	uint32_t n;
	int r = tell_artifacts(index, query_bind(index, QUERY_NEXT_TEXT,
	    "sssss", scope->org, query_owner(scope), disk_id, folder, name),
	    each, arg, &n, err);

	return r < 0 ? r : (int)n;
}

int
index_has_content(struct index *index, const char *org, const char *sha256,
    struct err *err)
{
	auto_query sqlite3_stmt *stmt = query_bind(index, QUERY_HAS_CONTENT,
	    "ss", org, sha256);

	return query_step(index, stmt, err);
}

int
index_next_org(struct index *index, const char *after, char *ret, size_t size,
    struct err *err)
{
	auto_query sqlite3_stmt *stmt = query_bind(index, QUERY_NEXT_ORG, "s",
	    after);
	int r = query_step(index, stmt, err);

	if (r > 0)
		snprintf(ret, size, "%s", query_text(stmt, 0));
	return r;
}

int
index_forget(struct index *index, const char *org, struct err *err)
{
	int r = query_step(index, query_bind(index, QUERY_FORGET, "s", org),
	    err);

	return r < 0 ? r : query_step(index, query_bind(index,
	    QUERY_HISTORY_FORGET, "s", org), err);
}
