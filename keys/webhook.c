// SPDX-License-Identifier: Apache-2.0
#include "keys/webhook.h"

#include <errno.h>

#include "keys/statement.h"

int
webhook_add(struct store *store, struct webhook *webhook, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_WEBHOOK_ADD, "issssiis", webhook->user_id,
	    webhook->sandbox_id, webhook->url, webhook->secret, webhook->kinds,
	    webhook->created_ms, (int64_t)WEBHOOKS_MAX, webhook->name);
	int r = statement_step(store, stmt, err);

	if (r == 0) {
		err_set(err, EDQUOT, "webhooks: this organisation has "
		    "%d, which is the most; remove one", WEBHOOKS_MAX);
		return err_cause(err, "webhooks");
	}
	if (r < 0)
		return r;
	webhook->id = sqlite3_column_int64(stmt, 0);
	/* RETURNING gives its row first; the change ends with the last step. */
	return statement_step(store, stmt, err);
}

int
webhook_list(struct store *store,
    int (*each)(void *arg, const struct webhook *webhook), void *arg,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_WEBHOOK_LIST, "");
	int r;

	while ((r = statement_step(store, stmt, err)) > 0) {
		struct webhook webhook = {.id = sqlite3_column_int64(stmt, 0),
		    .user_id = sqlite3_column_int64(stmt, 1),
		    .cursor = (uint64_t)sqlite3_column_int64(stmt, 8),
		    .created_ms = sqlite3_column_int64(stmt, 9)};

		statement_text(stmt, 2, webhook.org, sizeof webhook.org);
		statement_text(stmt, 3, webhook.user, sizeof webhook.user);
		statement_text(stmt, 4, webhook.sandbox_id,
		    sizeof webhook.sandbox_id);
		statement_text(stmt, 5, webhook.url, sizeof webhook.url);
		statement_text(stmt, 6, webhook.secret, sizeof webhook.secret);
		statement_text(stmt, 7, webhook.kinds, sizeof webhook.kinds);
		statement_text(stmt, 10, webhook.name, sizeof webhook.name);
		r = each(arg, &webhook);
		sodium_memzero(webhook.secret, sizeof webhook.secret);
		if (r != 0)
			return r;
	}
	return r;
}

int
webhook_remove(struct store *store, int64_t id, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_WEBHOOK_REMOVE, "i", id);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, ENOENT, "no webhook %lld", (long long)id);
	return r < 0 ? r : statement_step(store, stmt, err);
}

static int
write_marks(struct store *store, const struct webhook_mark *marks, size_t n,
    struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = statement_step(store, statement_bind(store,
		    STATEMENT_WEBHOOK_MARK, "ii", marks[i].id,
		    (int64_t)marks[i].cursor), err);
	return r;
}

int
webhook_mark(struct store *store, const struct webhook_mark *marks, size_t n,
    struct err *err)
{
	int r;

	if (n == 0)
		return 0;
	r = statement_run(store, "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
	    err);
	if (r == 0)
		r = write_marks(store, marks, n, err);
	if (r == 0)
		r = statement_run(store, "COMMIT", err);
	if (r < 0 && !sqlite3_get_autocommit(store->db))
		(void)statement_run(store, "ROLLBACK", NULL);
	(void)statement_run(store, "PRAGMA synchronous = FULL", NULL);
	return r;
}
