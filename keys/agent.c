// SPDX-License-Identifier: Apache-2.0
#include "keys/agent.h"

#include <errno.h>

#include "keys/statement.h"

static int
refuse_none(int64_t id, struct err *err)
{
	return err_set(err, ENOENT, "no agent %lld", (long long)id);
}

int
agent_add(struct store *store, struct agent *agent, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_AGENT_ADD, "issssii", agent->user_id, agent->name,
	    agent->model, agent->system, agent->tools, agent->created_ms,
	    (int64_t)AGENTS_MAX);
	int r = statement_step(store, stmt, err);

	if (r == 0) {
		err_set(err, EDQUOT, "agents: this organisation has "
		    "%d, which is the most; remove one", AGENTS_MAX);
		return err_cause(err, "agents");
	}
	if (r < 0)
		return r;
	agent->id = sqlite3_column_int64(stmt, 0);
	/* RETURNING gives its row first; the change ends with the last step. */
	return statement_step(store, stmt, err);
}

static void
read_row(sqlite3_stmt *stmt, struct agent *ret)
{
	ret->id = sqlite3_column_int64(stmt, 0);
	ret->user_id = sqlite3_column_int64(stmt, 1);
	statement_text(stmt, 2, ret->user, sizeof ret->user);
	statement_text(stmt, 3, ret->name, sizeof ret->name);
	statement_text(stmt, 4, ret->model, sizeof ret->model);
	statement_text(stmt, 5, ret->system, sizeof ret->system);
	statement_text(stmt, 6, ret->tools, sizeof ret->tools);
	ret->created_ms = sqlite3_column_int64(stmt, 7);
}

int
agent_list(struct store *store, const char *org,
    int (*each)(void *arg, const struct agent *agent), void *arg,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_AGENT_LIST, "s", org);
	struct agent agent;
	int r;

	while ((r = statement_step(store, stmt, err)) > 0) {
		read_row(stmt, &agent);
		r = each(arg, &agent);
		if (r != 0)
			return r;
	}
	return r;
}

int
agent_get(struct store *store, const char *org, int64_t id, struct agent *ret,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_AGENT_GET, "si", org, id);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return refuse_none(id, err);
	if (r < 0)
		return r;
	read_row(stmt, ret);
	return 0;
}

int
agent_remove(struct store *store, int64_t id, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_AGENT_REMOVE, "i", id);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return refuse_none(id, err);
	return r < 0 ? r : statement_step(store, stmt, err);
}
