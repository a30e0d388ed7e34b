// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/registry.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "sandboxd/registry/registry_of.h"
#include "sandboxd/registry/snapshots.h"

#define BUSY_TIMEOUT_MS 5000

int
registry_failed(const struct registry *registry, const char *what,
    struct err *err)
{
	int code = sqlite3_extended_errcode(registry->db);
	int number = EIO;

	if (code == SQLITE_CONSTRAINT_PRIMARYKEY ||
	    code == SQLITE_CONSTRAINT_UNIQUE)
		number = EEXIST;
	else if ((code & 0xff) == SQLITE_FULL)
		number = ENOSPC;
	else if ((code & 0xff) == SQLITE_NOMEM)
		number = ENOMEM;
	return err_set(err, number, "registry: %s: %s", what,
	    sqlite3_errmsg(registry->db));
}

int
registry_execute(struct registry *registry, const char *sql, struct err *err)
{
	if (sqlite3_exec(registry->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return registry_failed(registry, sql, err);
	return 0;
}

static int
read_version(struct registry *registry, int *ret, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(registry->db, "PRAGMA user_version", -1, &stmt,
	    NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
		r = registry_failed(registry, "user_version", err);
	else
		*ret = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return r;
}

/* Each step is one transaction with the new version in it. */
static int
migrate(struct registry *registry, struct err *err)
{
	const int newest = schema_version();
	int version = 0, r = read_version(registry, &version, err);

	if (r < 0)
		return r;
	if (version > newest)
		return err_set(err, EPROTO,
		    "registry: version %d is newer than this program's, %d",
		    version, newest);
	while (version < newest) {
		char bump[64], sql[SCHEMA_SQL_SIZE];
		int from = version;

		version = schema_migration(from, sql);
		snprintf(bump, sizeof bump, "PRAGMA user_version = %d",
		    version);
		if ((r = registry_execute(registry, "BEGIN IMMEDIATE",
		    err)) < 0 ||
		    (r = registry_execute(registry, sql, err)) < 0 ||
		    (r = registry_execute(registry, bump, err)) < 0 ||
		    (r = registry_execute(registry, "COMMIT", err)) < 0)
			return err_wrap(err, "migration %d", from);
	}
	return 0;
}

/* Prepared when it is first wanted: most openings want few of them. */
int
registry_statement(struct registry *registry, enum schema_statement which,
    sqlite3_stmt **ret, struct err *err)
{
	char sql[SCHEMA_SQL_SIZE];

	if (registry->statements[which] == NULL) {
		schema_write(which, sql);
		if (sqlite3_prepare_v3(registry->db, sql, -1,
		    SQLITE_PREPARE_PERSISTENT, &registry->statements[which],
		    NULL) != SQLITE_OK)
			return registry_failed(registry, sql, err);
	}
	*ret = registry->statements[which];
	return 0;
}

static int
set_up(struct registry *registry, const char *path, struct err *err)
{
	int r;

	if (sqlite3_open_v2(path, &registry->db, SQLITE_OPEN_READWRITE,
	    NULL) != SQLITE_OK)
		return registry_failed(registry, path, err);
	sqlite3_busy_timeout(registry->db, BUSY_TIMEOUT_MS);
	if ((r = registry_execute(registry, "PRAGMA journal_mode = WAL",
	    err)) < 0 ||
	    (r = registry_execute(registry, "PRAGMA synchronous = FULL",
	    err)) < 0 ||
	    (r = migrate(registry, err)) < 0 ||
	    (r = registry_snapshots_prepare(registry->db, err)) < 0)
		return r;
	registry->durability = REGISTRY_DURABLE;
	registry->limits = (struct event_limits){UINT32_MAX, UINT32_MAX};
	return 0;
}

int
registry_open(const char *path, struct registry **ret, struct err *err)
{
	struct registry *registry;
	/* A file that is there is not opened: to close it would end the locks
	 * that another connection of this process has on it. */
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), r;

	if (fd < 0 && errno != EEXIST)
		return err_errno(err, "%s", path);
	fd_close(&fd);
	if ((registry = calloc(1, sizeof *registry)) == NULL)
		return err_set(err, ENOMEM, "registry: no memory");
	r = set_up(registry, path, err);
	if (r < 0) {
		registry_close(registry);
		return r;
	}
	*ret = registry;
	return 0;
}

void
registry_close(struct registry *registry)
{
	if (registry == NULL)
		return;
	for (int i = 0; i < N_SCHEMA_STATEMENTS; i++)
		sqlite3_finalize(registry->statements[i]);
	sqlite3_close(registry->db);
	free(registry);
}

void
registry_set_event_limits(struct registry *registry,
    const struct event_limits *limits)
{
	registry->limits = *limits;
}

static int
load(struct registry *registry, enum schema_statement which, uint64_t since_ms,
    int (*found)(struct sandbox_record *record, void *data, struct err *err),
    void *data, struct err *err)
{
	sqlite3_stmt *stmt;
	struct sandbox_record record;
	int step, r = registry_statement(registry, which, &stmt, err);

	if (r < 0)
		return r;
	if (which != SCHEMA_LOAD)
		sqlite3_bind_int64(stmt, 1, (int64_t)since_ms);
	while (r >= 0 && (step = sqlite3_step(stmt)) != SQLITE_DONE) {
		if (step != SQLITE_ROW) {
			r = registry_failed(registry, "load", err);
			break;
		}
		if ((r = schema_read(which, stmt, &record, err)) < 0)
			break;
		r = found(&record, data, err);
		sandbox_record_fini(&record);
	}
	sqlite3_reset(stmt);
	return r < 0 ? r : 0;
}

int
registry_load(struct registry *registry,
    int (*found)(struct sandbox_record *record, void *data, struct err *err),
    void *data, struct err *err)
{
	return load(registry, SCHEMA_LOAD, 0, found, data, err);
}

int
registry_load_repeats(struct registry *registry, uint64_t since_ms,
    int (*found)(struct sandbox_record *record, void *data, struct err *err),
    void *data, struct err *err)
{
	return load(registry, SCHEMA_LOAD_REPEATS, since_ms, found, data, err);
}

/* NORMAL leaves WAL commits unsynced; the next FULL one syncs them all. */
int
registry_set_durability(struct registry *registry,
    enum registry_durability durability, struct err *err)
{
	int r;

	if (registry->durability == durability || registry->is_in_transaction)
		return 0;
	r = registry_execute(registry, durability == REGISTRY_DURABLE ?
	    "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", err);
	if (r == 0)
		registry->durability = durability;
	return r;
}

int
registry_begin(struct registry *registry,
    enum registry_durability durability, struct err *err)
{
	int r = registry_set_durability(registry, durability, err);

	if (r == 0)
		r = registry_execute(registry, "BEGIN IMMEDIATE", err);
	registry->is_in_transaction = r == 0;
	return r;
}

int
registry_commit(struct registry *registry, struct err *err)
{
	int r = registry_execute(registry, "COMMIT", err);

	/* What went wrong may have ended the transaction by itself. */
	if (r < 0 && !sqlite3_get_autocommit(registry->db))
		registry_execute(registry, "ROLLBACK", NULL);
	registry->is_in_transaction = false;
	return r;
}

int
registry_finish(struct registry *registry, enum schema_statement which,
    struct err *err)
{
	static const char *const words[N_SCHEMA_STATEMENTS] = {
	    [SCHEMA_INSERT] = "insert", [SCHEMA_UPDATE] = "update",
	    [SCHEMA_UPDATE_APART] = "update",
	    [SCHEMA_DELETE] = "delete", [SCHEMA_ENTOMB] = "entomb",
	    [SCHEMA_TRIM] = "trim", [SCHEMA_SWEEP] = "sweep",
	    [SCHEMA_EVENT_ADD] = "event",
	    [SCHEMA_EVENT_TRIM] = "event trim",
	    [SCHEMA_EVENT_TRIM_ORG] = "event trim"};
	sqlite3_stmt *stmt = registry->statements[which];
	int r = 0;

	assert(stmt != NULL);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		r = registry_failed(registry, words[which], err);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return r;
}

static int
run(struct registry *registry, enum schema_statement which,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err)
{
	sqlite3_stmt *stmt;
	int r = registry_set_durability(registry, durability, err);

	if (r < 0 || (r = registry_statement(registry, which, &stmt,
	    err)) < 0)
		return r;
	schema_bind(which, stmt, record);
	return registry_finish(registry, which, err);
}

int
registry_insert(struct registry *registry,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err)
{
	return run(registry, SCHEMA_INSERT, record, durability, err);
}

int
registry_update(struct registry *registry,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err)
{
	return run(registry, SCHEMA_UPDATE, record, durability, err);
}

int
registry_set_egress(struct registry *registry,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err)
{
	return run(registry, SCHEMA_UPDATE_APART, record, durability, err);
}

int
registry_delete(struct registry *registry, const char *id,
    enum registry_durability durability, struct err *err)
{
	struct sandbox_record record = {0};

	snprintf(record.id, sizeof record.id, "%s", id);
	return run(registry, SCHEMA_DELETE, &record, durability, err);
}

static int
trim(struct registry *registry, const char *org, struct err *err)
{
	sqlite3_stmt *stmt;
	int r = registry_statement(registry, SCHEMA_TRIM, &stmt, err);

	if (r < 0)
		return r;
	sqlite3_bind_text(stmt, 1, org, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 2, TOMBSTONES_MAX);
	return registry_finish(registry, SCHEMA_TRIM, err);
}

/* A savepoint is a transaction of its own, or part of one. */
int
registry_part_begin(struct registry *registry, struct err *err)
{
	return registry_execute(registry, "SAVEPOINT part", err);
}

int
registry_part_end(struct registry *registry, int r, struct err *err)
{
	if (r < 0)
		registry_execute(registry, "ROLLBACK TO part", NULL);
	if (registry_execute(registry, "RELEASE part",
	    r == 0 ? err : NULL) < 0 && r == 0)
		r = -err->code;
	return r;
}

int
registry_bury(struct registry *registry, const struct sandbox_record *record,
    enum registry_durability durability, struct err *err)
{
	struct sandbox_record tombstone = *record;
	int r = registry_set_durability(registry, durability, err);

	tombstone.state = SANDBOX_DESTROYED;
	if (r < 0 || (r = registry_part_begin(registry, err)) < 0)
		return r;
	if ((r = run(registry, SCHEMA_ENTOMB, &tombstone, durability,
	    err)) == 0 &&
	    (r = run(registry, SCHEMA_DELETE, record, durability, err)) == 0)
		r = trim(registry, record->org, err);
	return registry_part_end(registry, r, err);
}

int
registry_sweep(struct registry *registry, uint64_t before_ms, struct err *err)
{
	sqlite3_stmt *stmt;
	int r = registry_set_durability(registry, REGISTRY_LAZY, err);

	if (r < 0 || (r = registry_statement(registry, SCHEMA_SWEEP, &stmt,
	    err)) < 0)
		return r;
	sqlite3_bind_int64(stmt, 1, (int64_t)before_ms);
	sqlite3_bind_int(stmt, 2, SWEEP_MAX);
	return registry_finish(registry, SCHEMA_SWEEP, err);
}

/* Reads the rows of a statement that is bound; returns how many. */
static int
read_rows(struct registry *registry, enum schema_statement which,
    struct sandbox_record *ret, unsigned max, struct err *err)
{
	sqlite3_stmt *stmt = registry->statements[which];
	unsigned n = 0;
	int step = SQLITE_DONE, r = 0;

	while (n < max && r == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		r = schema_read(which, stmt, &ret[n++], err);
	if (r == 0 && step != SQLITE_DONE && step != SQLITE_ROW)
		r = registry_failed(registry, "tombstones", err);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return r < 0 ? r : (int)n;
}

static void
bind_view(sqlite3_stmt *stmt, const struct registry_view *view,
    const char *id)
{
	sqlite3_bind_text(stmt, 1, view->org, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, (int64_t)view->since_ms);
	sqlite3_bind_int64(stmt, 4, (int64_t)view->owner_id);
	sqlite3_bind_int(stmt, 5, (int)view->reach);
}

int
registry_find(struct registry *registry, const struct registry_view *view,
    const char *id, struct sandbox_record *ret, struct err *err)
{
	sqlite3_stmt *stmt;
	int r = registry_statement(registry, SCHEMA_FIND, &stmt, err);

	if (r < 0)
		return r;
	bind_view(stmt, view, id);
	r = read_rows(registry, SCHEMA_FIND, ret, 1, err);
	if (r == 0)
		return err_set(err, ENOENT, "no such sandbox");
	return r < 0 ? r : 0;
}

int
registry_list(struct registry *registry, const struct registry_view *view,
    const char *after, struct sandbox_record *ret, unsigned max,
    struct err *err)
{
	sqlite3_stmt *stmt;
	int r = registry_statement(registry, SCHEMA_LIST, &stmt, err);

	if (r < 0)
		return r;
	bind_view(stmt, view, after);
	sqlite3_bind_int64(stmt, 6, max);
	return read_rows(registry, SCHEMA_LIST, ret, max, err);
}

int
registry_load_snapshots(struct registry *registry,
    int (*found)(const struct snapshot_record *record, void *data,
    struct err *err), void *data, struct err *err)
{
	return registry_snapshots_load(registry->db, found, data, err);
}

int
registry_insert_snapshot(struct registry *registry,
    const struct snapshot_record *record, struct err *err)
{
	int r = registry_set_durability(registry, REGISTRY_DURABLE, err);

	return r < 0 ? r : registry_snapshots_insert(registry->db, record,
	    err);
}

int
registry_delete_snapshot(struct registry *registry, const char *id,
    struct err *err)
{
	int r = registry_set_durability(registry, REGISTRY_DURABLE, err);

	return r < 0 ? r : registry_snapshots_delete(registry->db, id, err);
}
