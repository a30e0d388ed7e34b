// SPDX-License-Identifier: Apache-2.0
#include "keys/statement.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TOKEN_IS_GOOD "(t.revoked_ms = 0 AND " \
	"(t.expires_ms = 0 OR t.expires_ms > ?2))"

#define KEY_IS_GOOD "NOT EXISTS (SELECT 1 FROM revocation r WHERE " \
	"r.org_id = o.id AND r.kind = 'fingerprint' AND r.value = ?1)"

/* Rows that users of an organisation have, of which the number follows. */
#define COUNT_OF_ORG(table) "SELECT count(*) FROM " table " x " \
	"JOIN user u ON u.id = x.user_id WHERE u.org_id = "

#define SELECT_ORG "SELECT id, name, created_ms, is_recorded, is_own_only, " \
	"(SELECT count(*) FROM user u WHERE u.org_id = org.id)"

#define SELECT_USER "SELECT u.id, o.id, o.name, u.name, u.role, " \
	"o.is_own_only, u.created_ms, " \
	"(SELECT count(*) FROM ssh_key k WHERE k.user_id = u.id), " \
	"(SELECT count(*) FROM token t WHERE t.user_id = u.id " \
	"AND t.revoked_ms = 0) " \
	"FROM user u JOIN org o ON o.id = u.org_id "

#define SELECT_SERVICE "SELECT id, sandbox_id, name, port, auth, header, " \
	"methods, prefix, timeout_s, rate, burst, has_resume, hash, " \
	"created_ms FROM service "

#define SELECT_PREVIEW "SELECT id, user_id, sandbox_id, port, created_ms, " \
	"expires_ms FROM preview "

static const char *const statement_sql[N_STATEMENT] = {
    [STATEMENT_ORG_ADD] =
	"INSERT INTO org (id, name, created_ms) "
	"SELECT 1 + max(coalesce((SELECT max(id) FROM org), 0), "
	"coalesce((SELECT max(id) FROM removed_org), 0)), ?, ?",
    [STATEMENT_ORG_FIND] = "SELECT id FROM org WHERE name = ?",
    [STATEMENT_ORG_WAS_REMOVED] = "SELECT 1 FROM removed_org WHERE name = ?",
    [STATEMENT_ORG_GET] = SELECT_ORG
#define ORG_LIMIT(NAME, name, ...) ", quota_" #name ", ceiling_" #name
#include "common/org_limit.def"
	" FROM org WHERE name = ?",
    [STATEMENT_ORG_LIST] = SELECT_ORG
#define ORG_LIMIT(NAME, name, ...) ", quota_" #name ", ceiling_" #name
#include "common/org_limit.def"
	" FROM org ORDER BY name",
    [STATEMENT_ORG_SET_RECORDED] =
	"UPDATE org SET is_recorded = ?2 WHERE name = ?1 RETURNING id",
    [STATEMENT_ORG_SET_OWN_ONLY] =
	"UPDATE org SET is_own_only = ?2 WHERE name = ?1 RETURNING id",
    /* ?2 is the name of a row of org_limit.def. */
    [STATEMENT_ORG_SET_QUOTA] = "UPDATE org SET id = id"
#define ORG_LIMIT(NAME, name, ...)                                             \
	", quota_" #name " = iif(?2 = '" #name "', ?3, quota_" #name ")"
#include "common/org_limit.def"
	" WHERE name = ?1 RETURNING id",
    [STATEMENT_ORG_SET_CEILING] = "UPDATE org SET id = id"
#define ORG_LIMIT(NAME, name, ...)                                             \
	", ceiling_" #name " = iif(?2 = '" #name "', ?3, ceiling_" #name ")"
#include "common/org_limit.def"
	" WHERE name = ?1 RETURNING id",
    [STATEMENT_ORG_REMOVE] = "DELETE FROM org WHERE name = ? RETURNING id",
    [STATEMENT_USER_ADD] =
	"INSERT INTO user (id, org_id, name, role, created_ms) "
	"SELECT 1 + max(l.id, coalesce((SELECT max(id) FROM user), 0)), "
	"?, ?, ?, ? FROM last_user l",
    [STATEMENT_USER_COUNT] = "SELECT count(*) FROM user WHERE org_id = ?",
    [STATEMENT_USER_FIND] =
	"SELECT u.id FROM user u JOIN org o ON o.id = u.org_id "
	"WHERE o.name = ? AND u.name = ?",
    [STATEMENT_USER_GET] = SELECT_USER "WHERE u.id = ?",
    [STATEMENT_USER_LIST] = SELECT_USER "WHERE o.name = ? ORDER BY u.name",
    [STATEMENT_USER_SET_ROLE] =
	"UPDATE user SET role = ?2 WHERE id = ?1 RETURNING id",
    [STATEMENT_USER_REMOVE] = "DELETE FROM user WHERE id = ? RETURNING id",
    /* Nothing where another of the organisation has the key: a login by it
     * would be whose it is not. */
    [STATEMENT_USER_KEY_ADD] =
	"INSERT INTO ssh_key (user_id, name, algorithm, blob, fingerprint, "
	"created_ms) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS "
	"(SELECT 1 FROM ssh_key k JOIN user u ON u.id = k.user_id "
	"WHERE k.fingerprint = ?5 AND u.id <> ?1 AND u.org_id = "
	"(SELECT org_id FROM user WHERE id = ?1)) RETURNING id",
    [STATEMENT_USER_KEY_COUNT] =
	"SELECT count(*) FROM ssh_key WHERE user_id = ?",
    [STATEMENT_USER_KEY_LIST] =
	"SELECT id, name, algorithm, fingerprint, created_ms, last_used_ms "
	"FROM ssh_key WHERE user_id = ? ORDER BY id",
    [STATEMENT_USER_KEY_REMOVE] =
	"DELETE FROM ssh_key WHERE user_id = ? AND id = ? RETURNING id",
    [STATEMENT_USER_KEY_USED] =
	"UPDATE ssh_key SET last_used_ms = max(last_used_ms, ?2) "
	"WHERE id = ?1",
    [STATEMENT_TOKEN_ADD] =
	"INSERT INTO token (user_id, name, hash, created_ms, expires_ms, "
	"sandbox_id, rights, scopes, body_max_bytes, time_max_s, "
	"per_second_max) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STATEMENT_TOKEN_EXPIRE] =
	"DELETE FROM token WHERE sandbox_id <> '' AND expires_ms <= ?",
    [STATEMENT_TOKEN_COUNT_OF_USER] =
	"SELECT count(*) FROM token WHERE user_id = ?",
    [STATEMENT_TOKEN_FORGET] =
	"DELETE FROM token WHERE user_id = ?1 AND (revoked_ms <> 0 OR "
	"(expires_ms <> 0 AND expires_ms <= ?2))",
    [STATEMENT_TOKEN_COUNT] = "SELECT count(*) FROM token",
    [STATEMENT_TOKEN_LIST] =
	"SELECT id, name, created_ms, expires_ms, last_used_ms, revoked_ms, "
	"sandbox_id, rights, scopes, body_max_bytes, time_max_s, "
	"per_second_max FROM token WHERE user_id = ? ORDER BY id",
    [STATEMENT_TOKEN_REVOKE] =
	"UPDATE token SET revoked_ms = "
	"CASE revoked_ms WHEN 0 THEN ?3 ELSE revoked_ms END "
	"WHERE user_id = ?1 AND id = ?2 RETURNING id",
    [STATEMENT_TOKEN_USED] =
	"UPDATE token SET last_used_ms = max(last_used_ms, ?2) WHERE id = ?1",
    [STATEMENT_WEBHOOK_ADD] =
	"INSERT INTO webhook (user_id, sandbox_id, url, secret, kinds, "
	"created_ms, name) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?8 WHERE ?7 > "
	"(" COUNT_OF_ORG("webhook") "(SELECT org_id FROM user WHERE id = ?1)) "
	"RETURNING id",
    [STATEMENT_WEBHOOK_COUNT] = COUNT_OF_ORG("webhook") "?",
    [STATEMENT_WEBHOOK_LIST] =
	"SELECT w.id, w.user_id, o.name, u.name, w.sandbox_id, w.url, "
	"w.secret, w.kinds, w.cursor, w.created_ms, w.name FROM webhook w "
	"JOIN user u ON u.id = w.user_id JOIN org o ON o.id = u.org_id "
	"ORDER BY w.id",
    [STATEMENT_WEBHOOK_REMOVE] =
	"DELETE FROM webhook WHERE id = ? RETURNING id",
    [STATEMENT_WEBHOOK_MARK] =
	"UPDATE webhook SET cursor = max(cursor, ?2) WHERE id = ?1",
    [STATEMENT_AGENT_ADD] =
	"INSERT INTO agent (user_id, name, model, system, tools, created_ms) "
	"SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?7 > "
	"(" COUNT_OF_ORG("agent") "(SELECT org_id FROM user WHERE id = ?1)) "
	"RETURNING id",
    [STATEMENT_AGENT_COUNT] = COUNT_OF_ORG("agent") "?",
    [STATEMENT_AGENT_LIST] =
	"SELECT a.id, a.user_id, u.name, a.name, a.model, '', '', "
	"a.created_ms FROM agent a JOIN user u ON u.id = a.user_id "
	"JOIN org o ON o.id = u.org_id WHERE o.name = ? ORDER BY a.id",
    [STATEMENT_AGENT_GET] =
	"SELECT a.id, a.user_id, u.name, a.name, a.model, a.system, a.tools, "
	"a.created_ms FROM agent a JOIN user u ON u.id = a.user_id "
	"JOIN org o ON o.id = u.org_id WHERE o.name = ? AND a.id = ?",
    [STATEMENT_AGENT_REMOVE] =
	"DELETE FROM agent WHERE id = ? RETURNING id",
    [STATEMENT_ACCESS_ADD] =
	"INSERT INTO ssh_access (user_id, sandbox_id, fingerprint, "
	"created_ms, expires_ms, rights) VALUES (?, ?, ?, ?, ?, ?)",
    [STATEMENT_ACCESS_COUNT] =
	"SELECT count(*) FROM ssh_access WHERE user_id = ?",
    [STATEMENT_ACCESS_EXPIRE] =
	"DELETE FROM ssh_access WHERE expires_ms <= ?",
    [STATEMENT_CA_ADD] =
	"INSERT INTO ca (org_id, name, algorithm, blob, fingerprint, "
	"created_ms) VALUES (?, ?, ?, ?, ?, ?)",
    [STATEMENT_CA_COUNT] = "SELECT count(*) FROM ca WHERE org_id = ?",
    [STATEMENT_CA_LIST] =
	"SELECT c.id, c.name, c.algorithm, c.fingerprint, c.created_ms "
	"FROM ca c JOIN org o ON o.id = c.org_id WHERE o.name = ? "
	"ORDER BY c.id",
    [STATEMENT_CA_REMOVE] =
	"DELETE FROM ca WHERE id = ?2 AND org_id = "
	"(SELECT id FROM org WHERE name = ?1) RETURNING id",
    [STATEMENT_CA_FINGERPRINT] =
	"SELECT fingerprint FROM ca WHERE id = ?2 AND org_id = "
	"(SELECT id FROM org WHERE name = ?1)",
    [STATEMENT_REVOCATION_ADD] =
	"INSERT INTO revocation (org_id, kind, value, created_ms) "
	"VALUES (?, ?, ?, ?)",
    [STATEMENT_REVOCATION_COUNT] =
	"SELECT count(*) FROM revocation WHERE org_id = ?",
    [STATEMENT_REVOCATION_LIST] =
	"SELECT r.id, r.kind, r.value, r.created_ms "
	"FROM revocation r JOIN org o ON o.id = r.org_id WHERE o.name = ? "
	"ORDER BY r.id",
    [STATEMENT_REVOCATION_REMOVE] =
	"DELETE FROM revocation WHERE id = ?2 AND org_id = "
	"(SELECT id FROM org WHERE name = ?1) RETURNING id",
    /* A row that is put in another's place has another id. */
    [STATEMENT_SERVICE_PUT] =
	"INSERT OR REPLACE INTO service (sandbox_id, name, port, auth, "
	"header, methods, prefix, timeout_s, rate, burst, has_resume, hash, "
	"created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STATEMENT_SERVICE_FIND] = SELECT_SERVICE
	"WHERE sandbox_id = ?1 AND (name = ?2 OR (?2 = '' AND port = ?3)) "
	"ORDER BY id LIMIT 1",
    [STATEMENT_SERVICE_LIST] = SELECT_SERVICE
	"WHERE sandbox_id = ? ORDER BY name",
    [STATEMENT_SERVICE_COUNT] =
	"SELECT count(*) FROM service WHERE sandbox_id = ?",
    [STATEMENT_SERVICE_REMOVE] =
	"DELETE FROM service WHERE sandbox_id = ? AND name = ? RETURNING id",
    [STATEMENT_SERVICE_FORGET] = "DELETE FROM service WHERE sandbox_id = ?",
    [STATEMENT_SERVICE_SANDBOXES] =
	"SELECT sandbox_id FROM service UNION SELECT sandbox_id FROM preview",
    [STATEMENT_PREVIEW_ADD] =
	"INSERT INTO preview (user_id, sandbox_id, port, hash, created_ms, "
	"expires_ms) VALUES (?, ?, ?, ?, ?, ?)",
    [STATEMENT_PREVIEW_RENEW] =
	"UPDATE preview SET expires_ms = max(expires_ms, ?5) WHERE "
	"sandbox_id = ?1 AND id = ?2 AND user_id = ?3 AND expires_ms > ?4 "
	"RETURNING id, user_id, sandbox_id, port, created_ms, expires_ms",
    [STATEMENT_PREVIEW_LIST] = SELECT_PREVIEW
	"WHERE sandbox_id = ?1 AND expires_ms > ?2 ORDER BY id",
    [STATEMENT_PREVIEW_COUNT] =
	"SELECT count(*) FROM preview WHERE sandbox_id = ?",
    [STATEMENT_PREVIEW_REMOVE] =
	"DELETE FROM preview WHERE sandbox_id = ? AND id = ? RETURNING id",
    [STATEMENT_PREVIEW_FORGET] = "DELETE FROM preview WHERE sandbox_id = ?",
    [STATEMENT_PREVIEW_EXPIRE] = "DELETE FROM preview WHERE expires_ms <= ?",
    [STATEMENT_PREVIEW_VERIFY] = SELECT_PREVIEW
	"WHERE hash = ?1 AND sandbox_id = ?2 AND (?3 = 0 OR port = ?3) "
	"AND expires_ms > ?4",
    /* Both halves are always searched, whatever the first one found. Of each
     * organisation the first user, so that others who give the same key for
     * theirs do not crowd its holder out. */
    [STATEMENT_VERIFY_KEY] =
	"SELECT 0, k.id, min(u.id), o.name, u.name, '', 0, o.is_recorded, "
	"u.role, 0, o.is_own_only FROM ssh_key k "
	"JOIN user u ON u.id = k.user_id JOIN org o ON o.id = u.org_id "
	"WHERE k.fingerprint = ?1 AND " KEY_IS_GOOD " GROUP BY o.id "
	"UNION ALL "
	"SELECT 2, a.id, u.id, o.name, u.name, a.sandbox_id, a.rights, "
	"o.is_recorded, u.role, 0, o.is_own_only FROM ssh_access a "
	"JOIN user u ON u.id = a.user_id JOIN org o ON o.id = u.org_id "
	"WHERE a.fingerprint = ?1 AND a.expires_ms > ?2 AND " KEY_IS_GOOD " "
	"AND (?3 = '' OR a.sandbox_id = ?3)",
    [STATEMENT_VERIFY_TOKEN] =
	"SELECT 1, t.id, u.id, o.name, u.name, t.sandbox_id, t.rights, "
	"o.is_recorded, u.role, t.scopes, o.is_own_only FROM token t "
	"JOIN user u ON u.id = t.user_id JOIN org o ON o.id = u.org_id "
	"WHERE t.hash = ?1 AND " TOKEN_IS_GOOD,
    [STATEMENT_VERIFY_TOKEN_ID] =
	"SELECT t.expires_ms, t.scopes, t.sandbox_id, t.user_id, "
	"t.body_max_bytes, t.time_max_s, t.per_second_max FROM token t "
	"WHERE t.id = ?1 AND "
	TOKEN_IS_GOOD,
    [STATEMENT_VERIFY_CA] =
	"SELECT c.id, o.name, o.is_recorded, o.is_own_only FROM ca c "
	"JOIN org o ON o.id = c.org_id WHERE c.fingerprint = ? "
	"ORDER BY c.id",
    [STATEMENT_VERIFY_REVOCATION] =
	"SELECT 1 FROM revocation r JOIN org o ON o.id = r.org_id "
	"WHERE o.name = ?1 AND (r.kind = 'serial' AND r.value = ?2 "
	"OR r.kind = 'key-id' AND r.value = ?3 "
	"OR r.kind = 'fingerprint' AND r.value IN (?4, ?5))",
};

static int
report(struct store *store, struct err *err)
{
	int code = sqlite3_extended_errcode(store->db);

	if (code == SQLITE_CONSTRAINT_UNIQUE)
		return err_set(err, EEXIST, "exists already");
	return err_set(err, (code & 0xff) == SQLITE_FULL ? ENOSPC : EIO,
	    "key database: %s", sqlite3_errmsg(store->db));
}

int
statement_prepare_all(struct store *store, struct err *err)
{
	for (size_t i = 0; i < N_STATEMENT; i++)
		if (sqlite3_prepare_v3(store->db, statement_sql[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL) !=
		    SQLITE_OK)
			return report(store, err);
	return 0;
}

sqlite3_stmt *
statement_bind(struct store *store, enum statement statement,
    const char *types, ...)
{
	sqlite3_stmt *stmt = store->statements[statement];
	va_list ap;

	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
	va_start(ap, types);
	for (int i = 1; types[i - 1] != '\0'; i++) {
		const void *data;

		switch (types[i - 1]) {
		case 'i':
			sqlite3_bind_int64(stmt, i, va_arg(ap, int64_t));
			break;
		case 's':
			sqlite3_bind_text(stmt, i, va_arg(ap, const char *),
			    -1, SQLITE_STATIC);
			break;
		case 'b':
			data = va_arg(ap, const void *);
			sqlite3_bind_blob64(stmt, i, data, va_arg(ap, size_t),
			    SQLITE_STATIC);
			break;
		}
	}
	va_end(ap);
	return stmt;
}

int
statement_step(struct store *store, sqlite3_stmt *stmt, struct err *err)
{
	int r;

	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		(void)sqlite3_reset(stmt);
		return 0;
	default:
		r = report(store, err);
		(void)sqlite3_reset(stmt);
		return r;
	}
}

void
statement_text(sqlite3_stmt *stmt, int column, char *ret, size_t size)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	snprintf(ret, size, "%s", text != NULL ? (const char *)text : "");
}

int
statement_count(struct store *store, sqlite3_stmt *stmt, int64_t *ret,
    struct err *err)
{
	auto_statement sqlite3_stmt *counting = stmt;
	int r = statement_step(store, counting, err);

	*ret = r > 0 ? sqlite3_column_int64(counting, 0) : 0;
	return r < 0 ? r : 0;
}

int
statement_check_room(struct store *store, enum statement counting,
    int64_t owner_id, int64_t max, const char *limit, const char *whose,
    struct err *err)
{
	int64_t n;
	int r = statement_count(store, statement_bind(store, counting, "i",
	    owner_id), &n, err);

	if (r < 0)
		return r;
	if (n < max)
		return 0;
	err_set(err, EDQUOT, "%s: %s has %lld, which is the most; remove one",
	    limit, whose, (long long)max);
	return err_cause(err, limit);
}

int
statement_run(struct store *store, const char *sql, struct err *err)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return report(store, err);
	return 0;
}
