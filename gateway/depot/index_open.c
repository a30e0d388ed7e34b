// SPDX-License-Identifier: Apache-2.0
/* Of the index: its tables, and connections to them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "common/fd.h"
#include "gateway/depot/query.h"

#define BUSY_TIMEOUT_MS 5000 /* the last gateway-depot may be on its way out */
#define BUSY_TURN_MS	20
#define PATTERN_MAX	256

/* One step for each version; what is there is never changed. */
static const char *const migrations[] = {
    "CREATE TABLE disk ("
    "	number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	id TEXT NOT NULL UNIQUE,"
    "	org TEXT NOT NULL,"
    "	owner TEXT NOT NULL,"
    "	name TEXT NOT NULL,"
    "	user TEXT NOT NULL,"
    "	created_ms INTEGER NOT NULL,"
    "	updated_ms INTEGER NOT NULL,"
    "	n_artifacts INTEGER NOT NULL DEFAULT 0,"
    "	bytes INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX disk_org ON disk (org, number);"
    "CREATE TABLE artifact ("
    "	disk_id TEXT NOT NULL REFERENCES disk (id) ON DELETE CASCADE,"
    "	folder TEXT NOT NULL,"
    "	name TEXT NOT NULL,"
    "	org TEXT NOT NULL,"
    "	mime TEXT NOT NULL,"
    "	kind INTEGER NOT NULL,"
    "	meta TEXT NOT NULL,"
    "	size INTEGER NOT NULL,"
    "	sha256 TEXT NOT NULL,"
    "	created_ms INTEGER NOT NULL,"
    "	updated_ms INTEGER NOT NULL,"
    "	PRIMARY KEY (disk_id, folder, name)"
    ") STRICT;"
    "CREATE INDEX artifact_content ON artifact (org, sha256);"
    /* What an organisation has, so that no quota is counted by reading all. */
    "CREATE TABLE used ("
    "	org TEXT PRIMARY KEY,"
    "	bytes INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TRIGGER artifact_added AFTER INSERT ON artifact BEGIN"
    "	INSERT INTO used VALUES (new.org, new.size) ON CONFLICT (org)"
    "	DO UPDATE SET bytes = bytes + excluded.bytes;"
    "	UPDATE disk SET n_artifacts = n_artifacts + 1,"
    "	bytes = bytes + new.size WHERE id = new.disk_id;"
    "END;"
    "CREATE TRIGGER artifact_changed AFTER UPDATE OF size ON artifact BEGIN"
    "	UPDATE used SET bytes = bytes + new.size - old.size"
    "	WHERE org = new.org;"
    "	UPDATE disk SET bytes = bytes + new.size - old.size"
    "	WHERE id = new.disk_id;"
    "END;"
    "CREATE TRIGGER artifact_removed AFTER DELETE ON artifact BEGIN"
    "	UPDATE used SET bytes = bytes - old.size WHERE org = old.org;"
    "	UPDATE disk SET n_artifacts = n_artifacts - 1,"
    "	bytes = bytes - old.size WHERE id = old.disk_id;"
    "END;",
    "CREATE TABLE history ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	org TEXT NOT NULL,"
    "	owner TEXT NOT NULL,"
    "	sandbox_id TEXT NOT NULL,"
    "	alive_s INTEGER NOT NULL,"
    "	created_ms INTEGER NOT NULL,"
    "	updated_ms INTEGER NOT NULL,"
    "	UNIQUE (org, sandbox_id)"
    ") STRICT;"
    "CREATE TABLE deed ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	history_id INTEGER NOT NULL REFERENCES history ON DELETE CASCADE,"
    "	command TEXT NOT NULL," /* or */
    "	file TEXT NOT NULL,"
    "	exit_code INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX deed_history ON deed (history_id);",
};
#define N_MIGRATIONS ((int)(sizeof migrations / sizeof *migrations))

static int
migrate(struct index *index, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	char sql[8192];
	int version = 0, r = 0;

	if (sqlite3_prepare_v2(index->db, "PRAGMA user_version", -1, &stmt,
	    NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
		r = err_set(err, EIO, "index of disks: %s",
		    sqlite3_errmsg(index->db));
	else
		version = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	if (version > N_MIGRATIONS)
		return err_set(err, EPROTO, "index of disks: version %d, and "
		    "this program knows %d", version, N_MIGRATIONS);
	for (; r == 0 && version < N_MIGRATIONS; version++) {
		snprintf(sql, sizeof sql, "BEGIN IMMEDIATE; %s "
		    "PRAGMA user_version = %d; COMMIT;", migrations[version],
		    version + 1);
		r = query_run(index, sql, err);
	}
	return r;
}

/* Waits for the last one to end, as long as it may take. */
static int
lock(const char *path, int *ret_fd, struct err *err)
{
	static const struct timespec turn = {0, BUSY_TURN_MS * 1000000};
	char lock_path[PATH_MAX];
	auto_close int fd = -1;
	int r;

	if ((size_t)snprintf(lock_path, sizeof lock_path, "%s.lock", path) >=
	    sizeof lock_path)
		return err_set(err, ENAMETOOLONG, "%s: too long", path);
	fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(err, "%s", lock_path);
	for (int ms = 0; (r = flock(fd, LOCK_EX | LOCK_NB)) < 0 &&
	    errno == EWOULDBLOCK && ms < BUSY_TIMEOUT_MS; ms += BUSY_TURN_MS)
		(void)nanosleep(&turn, NULL);
	if (r < 0)
		return err_errno(err, "%s", lock_path);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* SQLite takes the mode of its side files from the database's. */
static int
make_file(const char *path, struct err *err)
{
	auto_close int fd = open(path,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? err_errno(err, "%s", path) : 0;
}

static int
connect_to(struct index *index, const char *path, const char *pragmas,
    struct err *err)
{
	if (sqlite3_open_v2(path, &index->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE, NULL) !=
	    SQLITE_OK)
		return err_set(err, EIO, "%s: %s", path, index->db != NULL ?
		    sqlite3_errmsg(index->db) : "out of memory");
	(void)sqlite3_busy_timeout(index->db, BUSY_TIMEOUT_MS);
	(void)sqlite3_db_config(index->db, SQLITE_DBCONFIG_DEFENSIVE, 1,
	    NULL);
	(void)sqlite3_limit(index->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH,
	    PATTERN_MAX);
	return query_run(index, pragmas, err);
}

/* One that is open, unless r says that it could not be, with its statements. */
static int
finish(struct index *index, int r, struct index **ret, struct err *err)
{
	if (r == 0)
		r = query_prepare_all(index, err);
	if (r < 0) {
		index_close(index);
		return r;
	}
	*ret = index;
	return 0;
}

int
index_open(const char *path, struct index **ret, struct err *err)
{
	struct index *index = calloc(1, sizeof *index);
	int r;

	if (index == NULL)
		return err_set(err, ENOMEM, "out of memory");
	index->lock_fd = -1;
	r = lock(path, &index->lock_fd, err);
	if (r == 0)
		r = make_file(path, err);
	if (r == 0)
		r = connect_to(index, path, "PRAGMA journal_mode = WAL;"
		    "PRAGMA synchronous = FULL;"
		    "PRAGMA foreign_keys = ON;"
		    "PRAGMA temp_store = MEMORY;"
		    "PRAGMA trusted_schema = OFF;"
		    "BEGIN IMMEDIATE; COMMIT;", err);
	if (r == 0)
		r = migrate(index, err);
	return finish(index, r, ret, err);
}

int
index_open_again(const char *path, struct index **ret, struct err *err)
{
	struct index *index = calloc(1, sizeof *index);
	int r;

	if (index == NULL)
		return err_set(err, ENOMEM, "out of memory");
	index->lock_fd = -1;
	r = connect_to(index, path, "PRAGMA query_only = ON;"
	    "PRAGMA temp_store = MEMORY;"
	    "PRAGMA trusted_schema = OFF;", err);
	return finish(index, r, ret, err);
}

void
index_close(struct index *index)
{
	if (index == NULL)
		return;
	query_finalize_all(index);
	(void)sqlite3_close(index->db);
	fd_close(&index->lock_fd);
	free(index);
}
