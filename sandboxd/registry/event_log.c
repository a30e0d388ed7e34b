// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/event_log.h"

#include <stdio.h>

#include "sandboxd/registry/registry_of.h"

static void
bind_text(sqlite3_stmt *stmt, int parameter, const char *text)
{
	sqlite3_bind_text(stmt, parameter, text, -1, SQLITE_STATIC);
}

static int
insert(struct registry *registry, struct event *event, struct err *err)
{
	sqlite3_stmt *stmt;
	int r = registry_statement(registry, SCHEMA_EVENT_ADD, &stmt, err);

	if (r < 0)
		return r;
	sqlite3_bind_int64(stmt, 1, (int64_t)event->at_ms);
	bind_text(stmt, 2, event->org);
	bind_text(stmt, 3, event->sandbox_id);
	sqlite3_bind_int64(stmt, 4, (int64_t)event->owner_id);
	sqlite3_bind_int(stmt, 5, event->is_private);
	bind_text(stmt, 6, event_kind_name(event->kind));
	bind_text(stmt, 7, event->actor);
	bind_text(stmt, 8, event->cause);
	r = registry_finish(registry, SCHEMA_EVENT_ADD, err);
	event->id = (uint64_t)sqlite3_last_insert_rowid(registry->db);
	return r;
}

static int
trim(struct registry *registry, enum schema_statement which, const char *whose,
    uint64_t max, struct err *err)
{
	sqlite3_stmt *stmt;
	int r = registry_statement(registry, which, &stmt, err);

	if (r < 0)
		return r;
	bind_text(stmt, 1, whose);
	sqlite3_bind_int64(stmt, 2, (int64_t)max);
	return registry_finish(registry, which, err);
}

int
event_log_add(struct registry *registry, struct event *event, struct err *err)
{
	const struct event_limits *limits = &registry->limits;
	int r;

	if ((r = insert(registry, event, err)) < 0 ||
	    (r = trim(registry, SCHEMA_EVENT_TRIM, event->sandbox_id,
	    limits->per_sandbox, err)) < 0)
		return r;
	return trim(registry, SCHEMA_EVENT_TRIM_ORG, event->org,
	    limits->per_org, err);
}

static enum schema_statement
choose(const struct event_query *query)
{
	if (query->view == NULL)
		return SCHEMA_EVENT_FEED;
	if (query->is_usage)
		return SCHEMA_EVENT_USAGE;
	if (query->sandbox_id[0] != '\0')
		return query->is_newest ? SCHEMA_EVENT_TAIL_ONE :
		    SCHEMA_EVENT_LIST_ONE;
	return query->is_newest ? SCHEMA_EVENT_TAIL_ORG :
	    SCHEMA_EVENT_LIST_ORG;
}

static void
bind(sqlite3_stmt *stmt, const struct event_query *query)
{
	const struct registry_view *view = query->view;

	sqlite3_bind_int64(stmt, 6, (int64_t)query->after_id);
	bind_text(stmt, 7, query->kinds);
	sqlite3_bind_int64(stmt, 8, query->limit);
	if (view == NULL)
		return;
	bind_text(stmt, 1, view->org);
	bind_text(stmt, 2, query->sandbox_id);
	sqlite3_bind_int64(stmt, 3, (int64_t)view->since_ms);
	sqlite3_bind_int64(stmt, 4, (int64_t)view->owner_id);
	sqlite3_bind_int(stmt, 5, (int)view->reach);
}

static void
copy(sqlite3_stmt *stmt, int column, char *ret, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	snprintf(ret, size, "%s", text != NULL ? text : "");
}

/* A kind that this program does not know is none that it can tell. */
static bool
read_row(sqlite3_stmt *stmt, struct event *ret)
{
	const char *kind = (const char *)sqlite3_column_text(stmt, 4);

	*ret = (struct event){.id = (uint64_t)sqlite3_column_int64(stmt, 0),
	    .at_ms = (uint64_t)sqlite3_column_int64(stmt, 1),
	    .kind = event_kind_find(kind != NULL ? kind : "")};
	copy(stmt, 2, ret->org, sizeof ret->org);
	copy(stmt, 3, ret->sandbox_id, sizeof ret->sandbox_id);
	copy(stmt, 5, ret->actor, sizeof ret->actor);
	copy(stmt, 6, ret->cause, sizeof ret->cause);
	return ret->kind != N_EVENT_KINDS;
}

static void
reverse(struct event *events, unsigned n)
{
	for (unsigned i = 0; i < n / 2; i++) {
		struct event other = events[i];

		events[i] = events[n - 1 - i];
		events[n - 1 - i] = other;
	}
}

static int
read_last_id(struct registry *registry, uint64_t *ret, struct err *err)
{
	sqlite3_stmt *stmt;
	int step, r = registry_statement(registry, SCHEMA_EVENT_LAST, &stmt,
	    err);

	if (r < 0)
		return r;
	step = sqlite3_step(stmt);
	*ret = step == SQLITE_ROW ?
	    (uint64_t)sqlite3_column_int64(stmt, 0) : 0;
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		r = registry_failed(registry, "events", err);
	sqlite3_reset(stmt);
	return r;
}

int
event_log_read(struct registry *registry, const struct event_query *query,
    struct event *ret, uint64_t *ret_last_id, struct err *err)
{
	sqlite3_stmt *stmt;
	unsigned n = 0;
	int step = SQLITE_DONE, r;

	/* First: what comes meanwhile is after it. */
	if ((r = read_last_id(registry, ret_last_id, err)) < 0 ||
	    (r = registry_statement(registry, choose(query), &stmt, err)) < 0)
		return r;
	bind(stmt, query);
	while (n < query->limit && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		if (read_row(stmt, &ret[n]))
			n++;
	if (step != SQLITE_DONE && step != SQLITE_ROW)
		r = registry_failed(registry, "events", err);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	if (query->is_newest)
		reverse(ret, n);
	return r < 0 ? r : (int)n;
}
