// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"

#define BUSY_TIMEOUT_MS 5000

/* The n-th brings a database of version n to n + 1; never edited, only added
 * to. */
static const char *const migrations[] = {
    "CREATE TABLE sandboxes ("
    " id TEXT PRIMARY KEY,"
    " org TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " template TEXT NOT NULL,"
    " slot INTEGER NOT NULL UNIQUE,"
    " state TEXT NOT NULL,"
    " memory_limit_bytes INTEGER NOT NULL,"
    " pids_limit INTEGER NOT NULL,"
    " cpu_limit_millis INTEGER NOT NULL,"
    " disk_limit_bytes INTEGER NOT NULL,"
    " env BLOB NOT NULL,"
    " pid INTEGER NOT NULL,"
    " start_ticks INTEGER NOT NULL,"
    " boot_id TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;",
    "ALTER TABLE sandboxes"
    " ADD COLUMN is_ephemeral INTEGER NOT NULL DEFAULT 0;",
};
#define VERSION ((int)(sizeof migrations / sizeof *migrations))

enum statement { INSERT, UPDATE, DELETE, LOAD, N_STATEMENTS };

static const char *const statements[N_STATEMENTS] = {
    [INSERT] = "INSERT INTO sandboxes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
	       " ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    [UPDATE] = "UPDATE sandboxes SET state = ?2, pid = ?3, start_ticks = ?4,"
	       " boot_id = ?5 WHERE id = ?1",
    [DELETE] = "DELETE FROM sandboxes WHERE id = ?1",
    [LOAD] = "SELECT id, org, name, template, slot, state,"
	     " memory_limit_bytes, pids_limit, cpu_limit_millis,"
	     " disk_limit_bytes, env, pid, start_ticks, boot_id, created_ms,"
	     " is_ephemeral FROM sandboxes ORDER BY id",
};

struct registry {
	sqlite3 *db;
	sqlite3_stmt *statements[N_STATEMENTS];
	enum registry_durability durability; /* what the pragma says now */
};

static int
failed(const struct registry *registry, const char *what, struct err *err)
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

static int
execute(struct registry *registry, const char *sql, struct err *err)
{
	if (sqlite3_exec(registry->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return failed(registry, sql, err);
	return 0;
}

static int
read_version(struct registry *registry, int *ret, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(registry->db, "PRAGMA user_version", -1, &stmt,
	    NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
		r = failed(registry, "user_version", err);
	else
		*ret = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return r;
}

/* Each step is one transaction with the new version in it. */
static int
migrate(struct registry *registry, struct err *err)
{
	int version = 0, r = read_version(registry, &version, err);

	if (r < 0)
		return r;
	if (version > VERSION)
		return err_set(err, EPROTO,
		    "registry: version %d is newer than this program's, %d",
		    version, VERSION);
	for (; version < VERSION; version++) {
		char bump[64];

		snprintf(bump, sizeof bump, "PRAGMA user_version = %d",
		    version + 1);
		if ((r = execute(registry, "BEGIN IMMEDIATE", err)) < 0 ||
		    (r = execute(registry, migrations[version], err)) < 0 ||
		    (r = execute(registry, bump, err)) < 0 ||
		    (r = execute(registry, "COMMIT", err)) < 0)
			return err_wrap(err, "migration %d", version);
	}
	return 0;
}

static int
prepare(struct registry *registry, struct err *err)
{
	for (int i = 0; i < N_STATEMENTS; i++)
		if (sqlite3_prepare_v3(registry->db, statements[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &registry->statements[i],
		    NULL) != SQLITE_OK)
			return failed(registry, statements[i], err);
	return 0;
}

static int
set_up(struct registry *registry, const char *path, struct err *err)
{
	int r;

	if (sqlite3_open_v2(path, &registry->db, SQLITE_OPEN_READWRITE,
	    NULL) != SQLITE_OK)
		return failed(registry, path, err);
	sqlite3_busy_timeout(registry->db, BUSY_TIMEOUT_MS);
	if ((r = execute(registry, "PRAGMA journal_mode = WAL", err)) < 0 ||
	    (r = execute(registry, "PRAGMA synchronous = FULL", err)) < 0 ||
	    (r = migrate(registry, err)) < 0)
		return r;
	registry->durability = REGISTRY_DURABLE;
	return prepare(registry, err);
}

int
registry_open(const char *path, struct registry **ret, struct err *err)
{
	struct registry *registry;
	auto_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return err_errno(err, "%s", path);
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
	for (int i = 0; i < N_STATEMENTS; i++)
		sqlite3_finalize(registry->statements[i]);
	sqlite3_close(registry->db);
	free(registry);
}

static void
copy_text(sqlite3_stmt *stmt, int column, char *text, size_t size)
{
	const unsigned char *value = sqlite3_column_text(stmt, column);

	snprintf(text, size, "%s",
	    value != NULL ? (const char *)value : "");
}

static int
read_row(sqlite3_stmt *stmt, struct sandbox_record *record, struct err *err)
{
	const unsigned char *state = sqlite3_column_text(stmt, 5);
	int env_size = sqlite3_column_bytes(stmt, 10);
	const void *env = sqlite3_column_blob(stmt, 10);

	memset(record, 0, sizeof *record);
	copy_text(stmt, 0, record->id, sizeof record->id);
	copy_text(stmt, 1, record->org, sizeof record->org);
	copy_text(stmt, 2, record->name, sizeof record->name);
	copy_text(stmt, 3, record->template_name,
	    sizeof record->template_name);
	record->slot = (uint32_t)sqlite3_column_int64(stmt, 4);
	if (state == NULL ||
	    sandbox_state_parse((const char *)state, &record->state) < 0)
		return err_set(err, EPROTO, "registry: %s: unknown state",
		    record->id);
	record->limits.memory_bytes = (uint64_t)sqlite3_column_int64(stmt, 6);
	record->limits.pids = (uint32_t)sqlite3_column_int64(stmt, 7);
	record->limits.cpu_millis = (uint32_t)sqlite3_column_int64(stmt, 8);
	record->disk_limit_bytes = (uint64_t)sqlite3_column_int64(stmt, 9);
	record->pid = sqlite3_column_int(stmt, 11);
	record->start_ticks = (uint64_t)sqlite3_column_int64(stmt, 12);
	copy_text(stmt, 13, record->boot_id, sizeof record->boot_id);
	record->created_ms = (uint64_t)sqlite3_column_int64(stmt, 14);
	record->is_ephemeral = sqlite3_column_int(stmt, 15) != 0;
	if (env_size > 0) {
		if ((record->env = malloc((size_t)env_size)) == NULL)
			return err_set(err, ENOMEM, "registry: no memory");
		memcpy(record->env, env, (size_t)env_size);
		record->env_size = (uint32_t)env_size;
	}
	return 0;
}

int
registry_load(struct registry *registry,
    int (*found)(struct sandbox_record *record, void *data, struct err *err),
    void *data, struct err *err)
{
	sqlite3_stmt *stmt = registry->statements[LOAD];
	struct sandbox_record record;
	int step, r = 0;

	while (r >= 0 && (step = sqlite3_step(stmt)) != SQLITE_DONE) {
		if (step != SQLITE_ROW) {
			r = failed(registry, "load", err);
			break;
		}
		if ((r = read_row(stmt, &record, err)) < 0)
			break;
		r = found(&record, data, err);
		free(record.env);
	}
	sqlite3_reset(stmt);
	return r < 0 ? r : 0;
}

/* NORMAL leaves WAL commits unsynced; the next FULL one syncs them all. */
static int
set_durability(struct registry *registry, enum registry_durability durability,
    struct err *err)
{
	int r;

	if (registry->durability == durability)
		return 0;
	r = execute(registry, durability == REGISTRY_DURABLE ?
	    "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", err);
	if (r == 0)
		registry->durability = durability;
	return r;
}

static int
run(struct registry *registry, enum statement which,
    enum registry_durability durability, struct err *err)
{
	static const char *const words[] = {"insert", "update", "delete"};
	sqlite3_stmt *stmt = registry->statements[which];
	int r = set_durability(registry, durability, err);

	if (r == 0 && sqlite3_step(stmt) != SQLITE_DONE)
		r = failed(registry, words[which], err);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return r;
}

static void
bind_text(sqlite3_stmt *stmt, int parameter, const char *text)
{
	sqlite3_bind_text(stmt, parameter, text, -1, SQLITE_STATIC);
}

int
registry_insert(struct registry *registry,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err)
{
	sqlite3_stmt *stmt = registry->statements[INSERT];

	bind_text(stmt, 1, record->id);
	bind_text(stmt, 2, record->org);
	bind_text(stmt, 3, record->name);
	bind_text(stmt, 4, record->template_name);
	sqlite3_bind_int64(stmt, 5, record->slot);
	bind_text(stmt, 6, sandbox_state_name(record->state));
	sqlite3_bind_int64(stmt, 7, (int64_t)record->limits.memory_bytes);
	sqlite3_bind_int64(stmt, 8, record->limits.pids);
	sqlite3_bind_int64(stmt, 9, record->limits.cpu_millis);
	sqlite3_bind_int64(stmt, 10, (int64_t)record->disk_limit_bytes);
	sqlite3_bind_blob(stmt, 11, record->env != NULL ? record->env : "",
	    (int)record->env_size, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 12, record->pid);
	sqlite3_bind_int64(stmt, 13, (int64_t)record->start_ticks);
	bind_text(stmt, 14, record->boot_id);
	sqlite3_bind_int64(stmt, 15, (int64_t)record->created_ms);
	sqlite3_bind_int(stmt, 16, record->is_ephemeral);
	return run(registry, INSERT, durability, err);
}

int
registry_update(struct registry *registry,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err)
{
	sqlite3_stmt *stmt = registry->statements[UPDATE];

	bind_text(stmt, 1, record->id);
	bind_text(stmt, 2, sandbox_state_name(record->state));
	sqlite3_bind_int64(stmt, 3, record->pid);
	sqlite3_bind_int64(stmt, 4, (int64_t)record->start_ticks);
	bind_text(stmt, 5, record->boot_id);
	return run(registry, UPDATE, durability, err);
}

int
registry_delete(struct registry *registry, const char *id,
    enum registry_durability durability, struct err *err)
{
	bind_text(registry->statements[DELETE], 1, id);
	return run(registry, DELETE, durability, err);
}
