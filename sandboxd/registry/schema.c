// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/schema.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The n-th brings a database of version n + 1 to n + 2; never edited, only
 * added to. Columns that a version adds are added after it, from the table
 * below; a version that does no more than that has no row here.
 */
static const char *const migrations[] = {
    "ALTER TABLE sandboxes"
    " ADD COLUMN is_ephemeral INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE sandboxes RENAME COLUMN template TO template_name;",
};

/*
 * Tables beside the two of sandboxes, by the version that first had them.
 * Events are counted as they come and go, so that an organisation's need not be
 * counted to be bounded; a tombstone that goes takes its sandbox's along, and a
 * sandbox that leaves none its own.
 */
static const struct {
	int since;
	const char *sql;
} tables[] = {
    {12, "CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" at_ms INTEGER NOT NULL, org TEXT NOT NULL,"
	" sandbox_id TEXT NOT NULL, owner_id INTEGER NOT NULL,"
	" is_private INTEGER NOT NULL, kind TEXT NOT NULL,"
	" actor TEXT NOT NULL, cause TEXT NOT NULL) STRICT;"
	"CREATE INDEX events_by_sandbox ON events (sandbox_id, id);"
	"CREATE INDEX events_by_org ON events (org, id);"
	"CREATE TABLE event_counts (org TEXT PRIMARY KEY,"
	" n INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TRIGGER event_kept AFTER INSERT ON events BEGIN"
	" INSERT INTO event_counts VALUES (NEW.org, 1)"
	" ON CONFLICT (org) DO UPDATE SET n = n + 1; END;"
	"CREATE TRIGGER event_gone AFTER DELETE ON events BEGIN"
	" UPDATE event_counts SET n = n - 1 WHERE org = OLD.org; END;"
	"CREATE TRIGGER tombstone_gone AFTER DELETE ON tombstones BEGIN"
	" DELETE FROM events WHERE sandbox_id = OLD.id; END;"
	"CREATE TRIGGER sandbox_gone AFTER DELETE ON sandboxes"
	" WHEN NOT EXISTS (SELECT 1 FROM tombstones WHERE org = OLD.org"
	" AND id = OLD.id) BEGIN"
	" DELETE FROM events WHERE sandbox_id = OLD.id; END;"},
    /* What sandboxes of an organisation reach at most: ceilings.c. */
    {13, "CREATE TABLE ceilings (org TEXT PRIMARY KEY,"
	" policy BLOB NOT NULL, is_operators INTEGER NOT NULL)"
	" STRICT, WITHOUT ROWID;"},
    {14, "CREATE INDEX tombstones_by_request ON tombstones (created_ms)"
	" WHERE request_key <> '';"},
    /* How many an operator said are to wait in the pool: pool_sizes.c. */
    {15, "CREATE TABLE pool_sizes (template_name TEXT PRIMARY KEY,"
	" wanted INTEGER NOT NULL) STRICT, WITHOUT ROWID;"},
};
#define N_TABLES ((int)(sizeof tables / sizeof *tables))

/* What capability_sees() says of one that is there: ?4 is the owner's number,
 * ?5 an enum rpc_reach. */
#define IS_REACHED " AND (owner_id = ?4 AND ?4 <> 0 OR ?5 = 0" \
	" OR ?5 = 1 AND is_private = 0)"

#define N_MIGRATIONS ((int)(sizeof migrations / sizeof *migrations))

/* Tombstones have what is told, since then. */
#define FIRST_TOMBSTONES 4

/* Columns since then are added from the table; older ones are above. */
#define FIRST_ADDED 3

enum kind { TEXT, STATE, U32, U64, I32, BOOL, YES, BLOB };
enum change { FIXED, CHANGING, APART };

static const struct column {
	int since;
	enum kind kind;
	const char *name;
	size_t offset; /* in struct sandbox_record */
	size_t extent; /* TEXT: its size; BLOB: the offset of its size */
	enum change change;
	bool is_told; /* is in tombstones too */
} columns[] = {
#define EXTENT_TEXT(name, size)	 (size)
#define EXTENT_STATE(name, size) 0
#define EXTENT_U32(name, size)	 0
#define EXTENT_U64(name, size)	 0
#define EXTENT_I32(name, size)	 0
#define EXTENT_BOOL(name, size)	 0
#define EXTENT_YES(name, size)	 0
#define EXTENT_BLOB(name, size)	 offsetof(struct sandbox_record, name##_size)
#define COLUMN(since, kind, name, size, change, is_told)                       \
	{since, kind, #name, offsetof(struct sandbox_record, name),            \
	    EXTENT_##kind(name, size), change, is_told},
#define SANDBOX_KEPT(since, kind, name, size, change)                          \
	COLUMN(since, kind, name, size, change, false)
#define SANDBOX_TOLD(since, kind, name, size, change, ...)                     \
	COLUMN(since, kind, name, size, change, true)
#include "common/sandbox.def"
};
#define N_COLUMNS ((int)(sizeof columns / sizeof *columns))

static_assert(offsetof(struct sandbox_record, id) == 0,
    "the id is the first column, parameter 1");

static void add(char sql[SCHEMA_SQL_SIZE], const char *fmt,
    ...) __attribute__((format(printf, 2, 3)));

/* All that is ever added is in the tables above: too much of it is a bug. */
static void
add(char sql[SCHEMA_SQL_SIZE], const char *fmt, ...)
{
	size_t used = strlen(sql);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(sql + used, SCHEMA_SQL_SIZE - used, fmt, ap);
	va_end(ap);
	assert(n >= 0 && (size_t)n < SCHEMA_SQL_SIZE - used);
}

static const char *
type_of(enum kind kind)
{
	if (kind == BLOB)
		return "BLOB NOT NULL DEFAULT x''";
	if (kind == YES)
		return "INTEGER NOT NULL DEFAULT 1";
	return kind == TEXT || kind == STATE ? "TEXT NOT NULL DEFAULT ''" :
	    "INTEGER NOT NULL DEFAULT 0";
}

int
schema_version(void)
{
	int version = FIRST_TOMBSTONES;

	for (int i = 0; i < N_COLUMNS; i++)
		if (columns[i].since > version)
			version = columns[i].since;
	for (int i = 0; i < N_TABLES; i++)
		if (tables[i].since > version)
			version = tables[i].since;
	return version;
}

/* With the columns that it had in a version. */
static void
add_tombstones(char sql[SCHEMA_SQL_SIZE], int version)
{
	add(sql, "CREATE TABLE tombstones (");
	for (int i = 0; i < N_COLUMNS; i++)
		if (columns[i].is_told && columns[i].since <= version)
			add(sql, "%s %s, ", columns[i].name,
			    type_of(columns[i].kind));
	add(sql, "PRIMARY KEY (org, id)) STRICT, WITHOUT ROWID;"
	    "CREATE INDEX tombstones_by_time ON tombstones (ended_ms);"
	    "CREATE INDEX tombstones_by_org ON tombstones (org, ended_ms);");
}

static void
add_column(char sql[SCHEMA_SQL_SIZE], const char *table, int i)
{
	add(sql, "ALTER TABLE %s ADD COLUMN %s %s;", table, columns[i].name,
	    type_of(columns[i].kind));
}

/* Those that are new after one version, up to another. */
static void
add_tables(char sql[SCHEMA_SQL_SIZE], int after, int version)
{
	for (int i = 0; i < N_TABLES; i++)
		if (tables[i].since > after && tables[i].since <= version)
			add(sql, "%s", tables[i].sql);
}

/* A new database has at once what older ones came to. */
static void
add_everything(char sql[SCHEMA_SQL_SIZE])
{
	add(sql, "CREATE TABLE sandboxes (");
	for (int i = 0; i < N_COLUMNS; i++)
		add(sql, "%s %s, ", columns[i].name, type_of(columns[i].kind));
	add(sql, "PRIMARY KEY (id), UNIQUE (slot)) STRICT, WITHOUT ROWID;");
	add_tombstones(sql, schema_version());
	add_tables(sql, 0, schema_version());
}

int
schema_migration(int version, char sql[SCHEMA_SQL_SIZE])
{
	sql[0] = '\0';
	if (version == 0) {
		add_everything(sql);
		return schema_version();
	}
	if (version <= N_MIGRATIONS)
		add(sql, "%s", migrations[version - 1]);
	for (int i = 0; i < N_COLUMNS; i++)
		if (columns[i].since == version + 1 &&
		    columns[i].since >= FIRST_ADDED) {
			add_column(sql, "sandboxes", i);
			if (columns[i].is_told && version >= FIRST_TOMBSTONES)
				add_column(sql, "tombstones", i);
		}
	if (version + 1 == FIRST_TOMBSTONES)
		add_tombstones(sql, FIRST_TOMBSTONES);
	add_tables(sql, version, version + 1);
	return version + 1;
}

/* The id is the first column, and told. */
static void
add_names(char sql[SCHEMA_SQL_SIZE], bool is_told_alone)
{
	for (int i = 0; i < N_COLUMNS; i++)
		if (columns[i].is_told || !is_told_alone)
			add(sql, "%s%s", i > 0 ? ", " : "", columns[i].name);
}

static void
write_insert(char sql[SCHEMA_SQL_SIZE], const char *into, bool is_told_alone)
{
	add(sql, "%s (", into);
	add_names(sql, is_told_alone);
	add(sql, ") VALUES (");
	for (int i = 0; i < N_COLUMNS; i++)
		if (columns[i].is_told || !is_told_alone)
			add(sql, "%s?%d", i > 0 ? ", " : "", i + 1);
	add(sql, ")");
}

static void
write_update(char sql[SCHEMA_SQL_SIZE], enum change change)
{
	const char *separator = " ";

	add(sql, "UPDATE sandboxes SET");
	for (int i = 0; i < N_COLUMNS; i++)
		if (columns[i].change == change) {
			add(sql, "%s%s = ?%d", separator, columns[i].name,
			    i + 1);
			separator = ", ";
		}
	add(sql, " WHERE id = ?1");
}

/* Rows of the log: where, and in which order. */
static void
write_events(char sql[SCHEMA_SQL_SIZE], const char *whose, bool is_newest)
{
	add(sql, "SELECT id, at_ms, org, sandbox_id, kind, actor, cause"
	    " FROM events WHERE %s id > ?6"
	    " AND (?7 = '' OR instr(?7, ',' || kind || ',') > 0)"
	    " ORDER BY id %s LIMIT ?8", whose, is_newest ? "DESC" : "");
}

/* The newest event of these kinds before the row's own, as what. */
#define BEFORE(what, kinds) "(SELECT " what " FROM events AS before" \
	" WHERE before.sandbox_id = events.sandbox_id" \
	" AND before.id < events.id AND before.kind IN (" kinds ")" \
	" ORDER BY before.id DESC LIMIT 1)"
#define BEGINS "'started', 'resumed', 'woken'"
#define ENDS   "'paused', 'suspended', 'cleaned', 'destroyed', 'failed'"

/* Where the limits of one that runs are changed one time ends and another
 * begins. */
static void
write_usage(char sql[SCHEMA_SQL_SIZE])
{
	add(sql, "SELECT id, at_ms, org, sandbox_id, kind, actor, "
	    BEFORE("before.at_ms || ' ' || before.cause",
		BEGINS ", " ENDS ", 'resized'")
	    " FROM events WHERE org = ?1 AND (?2 = '' OR sandbox_id = ?2)"
	    " AND at_ms >= ?3" IS_REACHED " AND id > ?6"
	    " AND kind IN (" ENDS ", 'resized') AND "
	    BEFORE("before.kind", BEGINS ", " ENDS) " IN (" BEGINS ")"
	    " ORDER BY id LIMIT ?8");
}

#define OF_ORG "org = ?1 AND at_ms >= ?3" IS_REACHED " AND"
#define OF_ONE "sandbox_id = ?2 AND " OF_ORG

static void
write_event_statement(enum schema_statement which, char sql[SCHEMA_SQL_SIZE])
{
	switch (which) {
	case SCHEMA_EVENT_ADD:
		add(sql, "INSERT INTO events (at_ms, org, sandbox_id,"
		    " owner_id, is_private, kind, actor, cause)"
		    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
		return;
	case SCHEMA_EVENT_TRIM:
		add(sql, "DELETE FROM events WHERE sandbox_id = ?1 AND id <="
		    " (SELECT id FROM events WHERE sandbox_id = ?1"
		    " ORDER BY id DESC LIMIT 1 OFFSET ?2)");
		return;
	case SCHEMA_EVENT_TRIM_ORG:
		add(sql, "DELETE FROM events WHERE id IN"
		    " (SELECT id FROM events WHERE org = ?1 ORDER BY id LIMIT"
		    " max(0, (SELECT n FROM event_counts WHERE org = ?1)"
		    " - ?2))");
		return;
	case SCHEMA_EVENT_LIST_ONE:
	case SCHEMA_EVENT_TAIL_ONE:
		write_events(sql, OF_ONE, which == SCHEMA_EVENT_TAIL_ONE);
		return;
	case SCHEMA_EVENT_LIST_ORG:
	case SCHEMA_EVENT_TAIL_ORG:
		write_events(sql, OF_ORG, which == SCHEMA_EVENT_TAIL_ORG);
		return;
	case SCHEMA_EVENT_FEED:
		write_events(sql, "", false);
		return;
	case SCHEMA_EVENT_USAGE:
		write_usage(sql);
		return;
	case SCHEMA_EVENT_LAST:
		add(sql, "SELECT seq FROM sqlite_sequence WHERE name ="
		    " 'events'");
		return;
	default:
		return;
	}
}

void
schema_write(enum schema_statement which, char sql[SCHEMA_SQL_SIZE])
{
	sql[0] = '\0';
	switch (which) {
	case SCHEMA_INSERT:
		write_insert(sql, "INSERT INTO sandboxes", false);
		return;
	case SCHEMA_UPDATE:
		write_update(sql, CHANGING);
		return;
	case SCHEMA_UPDATE_APART:
		write_update(sql, APART);
		return;
	case SCHEMA_DELETE:
		add(sql, "DELETE FROM sandboxes WHERE id = ?1");
		return;
	case SCHEMA_LOAD:
		add(sql, "SELECT ");
		add_names(sql, false);
		add(sql, " FROM sandboxes ORDER BY id");
		return;
	case SCHEMA_LOAD_REPEATS:
		add(sql, "SELECT ");
		add_names(sql, true);
		add(sql, " FROM tombstones WHERE request_key <> ''"
		    " AND created_ms >= ?1 ORDER BY ended_ms");
		return;
	case SCHEMA_ENTOMB:
		write_insert(sql, "INSERT OR REPLACE INTO tombstones", true);
		return;
	case SCHEMA_TRIM:
		add(sql, "DELETE FROM tombstones WHERE org = ?1 AND id IN"
		    " (SELECT id FROM tombstones WHERE org = ?1"
		    " ORDER BY ended_ms DESC LIMIT -1 OFFSET ?2)");
		return;
	case SCHEMA_SWEEP:
		add(sql, "DELETE FROM tombstones WHERE (org, id) IN"
		    " (SELECT org, id FROM tombstones WHERE ended_ms < ?1"
		    " ORDER BY ended_ms LIMIT ?2)");
		return;
	case SCHEMA_FIND:
		add(sql, "SELECT ");
		add_names(sql, true);
		add(sql, " FROM tombstones WHERE org = ?1 AND id = ?2"
		    " AND ended_ms >= ?3" IS_REACHED);
		return;
	case SCHEMA_LIST:
		add(sql, "SELECT ");
		add_names(sql, true);
		add(sql, " FROM tombstones WHERE org = ?1 AND id > ?2"
		    " AND ended_ms >= ?3" IS_REACHED " ORDER BY id LIMIT ?6");
		return;
	case SCHEMA_EVENT_ADD:
	case SCHEMA_EVENT_TRIM:
	case SCHEMA_EVENT_TRIM_ORG:
	case SCHEMA_EVENT_LIST_ONE:
	case SCHEMA_EVENT_LIST_ORG:
	case SCHEMA_EVENT_TAIL_ONE:
	case SCHEMA_EVENT_TAIL_ORG:
	case SCHEMA_EVENT_FEED:
	case SCHEMA_EVENT_USAGE:
	case SCHEMA_EVENT_LAST:
		write_event_statement(which, sql);
		return;
	case N_SCHEMA_STATEMENTS:
		return;
	}
}

static void
bind_column(sqlite3_stmt *stmt, int i, const struct sandbox_record *record)
{
	const struct column *column = &columns[i];
	const uint8_t *member = (const uint8_t *)record + column->offset;
	const char *text = (const char *)member;
	int parameter = i + 1;

	switch (column->kind) {
	case STATE:
		text = sandbox_state_name(record->state);
		/* FALLTHROUGH */
	case TEXT:
		sqlite3_bind_text(stmt, parameter, text, -1, SQLITE_STATIC);
		return;
	case U32:
		sqlite3_bind_int64(stmt, parameter,
		    *(const uint32_t *)(const void *)member);
		return;
	case U64:
		sqlite3_bind_int64(stmt, parameter,
		    (int64_t)*(const uint64_t *)(const void *)member);
		return;
	case I32:
		sqlite3_bind_int64(stmt, parameter,
		    *(const int32_t *)(const void *)member);
		return;
	case BOOL:
	case YES:
		sqlite3_bind_int(stmt, parameter,
		    *(const bool *)(const void *)member);
		return;
	case BLOB:
		text = *(char *const *)(const void *)member;
		member = (const uint8_t *)record + column->extent;
		sqlite3_bind_blob(stmt, parameter, text != NULL ? text : "",
		    *(const int *)(const void *)member, SQLITE_STATIC);
		return;
	}
}

void
schema_bind(enum schema_statement which, sqlite3_stmt *stmt,
    const struct sandbox_record *record)
{
	for (int i = 0; i < N_COLUMNS; i++)
		if (i == 0 || which == SCHEMA_INSERT ||
		    (which == SCHEMA_UPDATE && columns[i].change == CHANGING) ||
		    (which == SCHEMA_UPDATE_APART &&
		    columns[i].change == APART) ||
		    (which == SCHEMA_ENTOMB && columns[i].is_told))
			bind_column(stmt, i, record);
}

static int
read_blob(sqlite3_stmt *stmt, int at, const struct column *column,
    struct sandbox_record *record, struct err *err)
{
	uint8_t *base = (uint8_t *)record;
	int n = sqlite3_column_bytes(stmt, at);
	const void *value = sqlite3_column_blob(stmt, at);
	char *copy;

	if (n == 0)
		return 0;
	if (value == NULL || (copy = malloc((size_t)n)) == NULL)
		return err_set(err, ENOMEM, "registry: no memory");
	memcpy(copy, value, (size_t)n);
	*(char **)(void *)(base + column->offset) = copy;
	*(uint32_t *)(void *)(base + column->extent) = (uint32_t)n;
	return 0;
}

static int
read_column(sqlite3_stmt *stmt, int at, const struct column *column,
    struct sandbox_record *record, struct err *err)
{
	void *member = (uint8_t *)record + column->offset;
	const char *text;

	switch (column->kind) {
	case TEXT:
		text = (const char *)sqlite3_column_text(stmt, at);
		snprintf(member, column->extent, "%s",
		    text != NULL ? text : "");
		return 0;
	case STATE:
		text = (const char *)sqlite3_column_text(stmt, at);
		if (text == NULL ||
		    sandbox_state_parse(text, &record->state) < 0)
			return err_set(err, EPROTO,
			    "registry: %s: unknown state", record->id);
		return 0;
	case U32:
		*(uint32_t *)member = (uint32_t)sqlite3_column_int64(stmt, at);
		return 0;
	case U64:
		*(uint64_t *)member = (uint64_t)sqlite3_column_int64(stmt, at);
		return 0;
	case I32:
		*(int32_t *)member = sqlite3_column_int(stmt, at);
		return 0;
	case BOOL:
	case YES:
		*(bool *)member = sqlite3_column_int(stmt, at) != 0;
		return 0;
	case BLOB:
		return read_blob(stmt, at, column, record, err);
	}
	return 0;
}

int
schema_read(enum schema_statement which, sqlite3_stmt *stmt,
    struct sandbox_record *ret, struct err *err)
{
	struct sandbox_record record = {0};
	int at = 0, r = 0;

	for (int i = 0; i < N_COLUMNS && r == 0; i++)
		if (columns[i].is_told || which == SCHEMA_LOAD)
			r = read_column(stmt, at++, &columns[i], &record, err);
	if (r < 0)
		sandbox_record_fini(&record);
	else
		*ret = record;
	return r;
}
