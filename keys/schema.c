// SPDX-License-Identifier: Apache-2.0
#include "keys/schema.h"

#include <errno.h>
#include <stdio.h>

#include "keys/statement.h"

/* Never change a row that was released: add one. */
static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE org ("
    "	id INTEGER PRIMARY KEY,"
    "	name TEXT NOT NULL UNIQUE,"
    "	created_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE user ("
    "	id INTEGER PRIMARY KEY,"
    "	org_id INTEGER NOT NULL REFERENCES org ON DELETE CASCADE,"
    "	name TEXT NOT NULL,"
    "	created_ms INTEGER NOT NULL,"
    "	UNIQUE (org_id, name)"
    ") STRICT;"
    "CREATE TABLE ssh_key ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,"
    "	name TEXT NOT NULL,"
    "	algorithm TEXT NOT NULL,"
    "	blob BLOB NOT NULL,"
    "	fingerprint TEXT NOT NULL,"
    "	created_ms INTEGER NOT NULL,"
    "	last_used_ms INTEGER NOT NULL DEFAULT 0,"
    "	UNIQUE (fingerprint, user_id)"
    ") STRICT;"
    "CREATE INDEX ssh_key_user ON ssh_key (user_id);"
    "CREATE TABLE token ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,"
    "	name TEXT NOT NULL,"
    "	hash BLOB NOT NULL UNIQUE,"
    "	created_ms INTEGER NOT NULL,"
    "	expires_ms INTEGER NOT NULL DEFAULT 0,"
    "	revoked_ms INTEGER NOT NULL DEFAULT 0,"
    "	last_used_ms INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX token_user ON token (user_id);"
    "CREATE TABLE ssh_access ("
    "	id INTEGER PRIMARY KEY,"
    "	user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,"
    "	sandbox_id TEXT NOT NULL,"
    "	fingerprint TEXT NOT NULL,"
    "	created_ms INTEGER NOT NULL,"
    "	expires_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX ssh_access_fingerprint ON ssh_access (fingerprint);"
    "CREATE INDEX ssh_access_expires ON ssh_access (expires_ms);",
    /* 2: scopes, recording, certificate authorities. rights 0 = all; a
     * sandbox_id of '' = every sandbox. */
    "ALTER TABLE org ADD COLUMN is_recorded INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE token ADD COLUMN sandbox_id TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE token ADD COLUMN rights INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE ssh_access ADD COLUMN rights INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE ca ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	org_id INTEGER NOT NULL REFERENCES org ON DELETE CASCADE,"
    "	name TEXT NOT NULL,"
    "	algorithm TEXT NOT NULL,"
    "	blob BLOB NOT NULL,"
    "	fingerprint TEXT NOT NULL,"
    "	created_ms INTEGER NOT NULL,"
    "	UNIQUE (fingerprint, org_id)"
    ") STRICT;"
    "CREATE INDEX ca_org ON ca (org_id);"
    "CREATE TABLE revocation ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	org_id INTEGER NOT NULL REFERENCES org ON DELETE CASCADE,"
    "	kind TEXT NOT NULL,"
    "	value TEXT NOT NULL,"
    "	created_ms INTEGER NOT NULL,"
    "	UNIQUE (org_id, kind, value)"
    ") STRICT;",
    /* 3: roles, scopes of tokens, and what was removed. Whoever is here
     * already could do everything, and still can. The numbers of users, and
     * numbers and names of organisations, are given once: recordings,
     * sandboxes and their tombstones go on telling of who had them. */
    "ALTER TABLE org ADD COLUMN is_own_only INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE user ADD COLUMN role INTEGER NOT NULL DEFAULT 2;"
    "UPDATE user SET role = 3;"
    "ALTER TABLE token ADD COLUMN scopes INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE last_user (id INTEGER NOT NULL) STRICT;"
    "INSERT INTO last_user VALUES (0);"
    "CREATE TRIGGER user_removed AFTER DELETE ON user BEGIN"
    "	UPDATE last_user SET id = max(id, OLD.id);"
    " END;"
    "CREATE TABLE removed_org ("
    "	id INTEGER PRIMARY KEY,"
    "	name TEXT NOT NULL UNIQUE"
    ") STRICT;"
    "CREATE TRIGGER org_removed AFTER DELETE ON org BEGIN"
    "	INSERT OR IGNORE INTO removed_org VALUES (OLD.id, OLD.name);"
    " END;",
    /* 4: what an organisation may have, as its admins set it and as the
     * operator lets them; 0 = no limit. */
    "ALTER TABLE org ADD COLUMN quota_sandboxes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN quota_memory INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN quota_disk INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN ceiling_sandboxes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN ceiling_memory INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN ceiling_disk INTEGER NOT NULL DEFAULT 0;",
    /* 5: the rest of what it may have. */
    "ALTER TABLE org ADD COLUMN quota_running INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN ceiling_running INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN quota_cpu INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN ceiling_cpu INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN quota_creates_per_minute INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN ceiling_creates_per_minute INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN quota_sessions INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN ceiling_sessions INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN quota_ttl INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN ceiling_ttl INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN quota_hard_ttl INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN ceiling_hard_ttl INTEGER NOT NULL DEFAULT 0;",
    /* 6: what of sandboxes is served to those outside. */
    "CREATE TABLE service ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	sandbox_id TEXT NOT NULL,"
    "	name TEXT NOT NULL,"
    "	port INTEGER NOT NULL,"
    "	auth INTEGER NOT NULL,"
    "	header TEXT NOT NULL,"
    "	methods TEXT NOT NULL,"
    "	prefix TEXT NOT NULL,"
    "	timeout_s INTEGER NOT NULL,"
    "	rate INTEGER NOT NULL,"
    "	burst INTEGER NOT NULL,"
    "	has_resume INTEGER NOT NULL,"
    "	hash BLOB NOT NULL,"
    "	created_ms INTEGER NOT NULL,"
    "	UNIQUE (sandbox_id, name)"
    ") STRICT;"
    "CREATE TABLE preview ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,"
    "	sandbox_id TEXT NOT NULL,"
    "	port INTEGER NOT NULL,"
    "	hash BLOB NOT NULL UNIQUE,"
    "	created_ms INTEGER NOT NULL,"
    "	expires_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX preview_sandbox ON preview (sandbox_id);",
    /* 7: webhooks, which go with who made them. */
    "CREATE TABLE webhook ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,"
    "	sandbox_id TEXT NOT NULL,"
    "	url TEXT NOT NULL,"
    "	secret TEXT NOT NULL,"
    "	kinds TEXT NOT NULL,"
    "	cursor INTEGER NOT NULL DEFAULT 0,"
    "	created_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX webhook_user ON webhook (user_id);",
    /* 8: agents of the organisation, which go with who made them. */
    "CREATE TABLE agent ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,"
    "	name TEXT NOT NULL,"
    "	model TEXT NOT NULL,"
    "	system TEXT NOT NULL,"
    "	tools TEXT NOT NULL,"
    "	created_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX agent_user ON agent (user_id);",
    /* 9: what its artifacts may add up to. */
    "ALTER TABLE org ADD COLUMN quota_artifacts INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE org ADD COLUMN ceiling_artifacts INTEGER NOT NULL DEFAULT 0;",
    /* 10: what webhooks are called. */
    "ALTER TABLE webhook ADD COLUMN name TEXT NOT NULL DEFAULT '';",
    /* 11: they are counted, and go with their user. */
    "CREATE INDEX ssh_access_user ON ssh_access (user_id);",
    /* 12: what one request of a token may take, and how many in a second. */
    "ALTER TABLE token ADD COLUMN body_max_bytes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE token ADD COLUMN time_max_s INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE token ADD COLUMN per_second_max INTEGER NOT NULL DEFAULT 0;",
};
#define N_MIGRATIONS ((int)(sizeof migrations / sizeof *migrations))

static int
read_version(struct store *store, int *ret, struct err *err)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &stmt,
	    NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW) {
		(void)sqlite3_finalize(stmt);
		return err_set(err, EIO, "key database: %s",
		    sqlite3_errmsg(store->db));
	}
	*ret = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return 0;
}

int
schema_migrate(struct store *store, struct err *err)
{
	char sql[8192];
	int version = 0, r;

	r = read_version(store, &version, err);
	if (r < 0)
		return r;
	if (version > N_MIGRATIONS)
		return err_set(err, EPROTO,
		    "key database: version %d, and this program knows %d",
		    version, N_MIGRATIONS);
	for (; version < N_MIGRATIONS; version++) {
		int n = snprintf(sql, sizeof sql,
		    "BEGIN IMMEDIATE; %s PRAGMA user_version = %d; COMMIT;",
		    migrations[version], version + 1);

		if (n < 0 || (size_t)n >= sizeof sql)
			return err_set(err, E2BIG, "migration %d: too long",
			    version + 1);
		r = statement_run(store, sql, err);
		if (r < 0) {
			(void)statement_run(store, "ROLLBACK", NULL);
			return err_wrap(err, "migration %d", version + 1);
		}
	}
	return 0;
}
