// SPDX-License-Identifier: Apache-2.0
#include "keys/ca.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "keys/org.h"
#include "keys/statement.h"

int
ca_add(struct store *store, const char *org, const char *name,
    const char *line, int64_t now_ms, struct ca *ret, struct err *err)
{
	auto_free struct ssh_key *key = calloc(1, sizeof *key);
	struct ca ca = {.created_ms = now_ms};
	int64_t org_id;
	int r;

	if (key == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (strlen(name) >= sizeof ca.name)
		return err_set(err, EINVAL, "name: longer than %zu characters",
		    sizeof ca.name - 1);
	r = ssh_key_parse(line, key, err);
	if (r == 0)
		r = org_find(store, org, &org_id, err);
	if (r == 0)
		r = statement_check_room(store, STATEMENT_CA_COUNT, org_id,
		    CAS_MAX, "CAs", "this organisation", err);
	if (r < 0)
		return r;
	snprintf(ca.name, sizeof ca.name, "%.*s", STORE_NAME_SIZE - 1,
	    *name != '\0' ? name : key->comment);
	memcpy(ca.algorithm, key->algorithm, sizeof ca.algorithm);
	memcpy(ca.fingerprint, key->fingerprint, sizeof ca.fingerprint);
	r = statement_step(store, statement_bind(store, STATEMENT_CA_ADD,
	    "issbsi", org_id, ca.name, ca.algorithm,
	    (const void *)key->blob, key->blob_size, ca.fingerprint, now_ms),
	    err);
	if (r < 0)
		return err_wrap(err, "CA %s", ca.fingerprint);
	ca.id = sqlite3_last_insert_rowid(store->db);
	*ret = ca;
	return 0;
}

int
ca_list(struct store *store, const char *org,
    int (*each)(void *arg, const struct ca *ca), void *arg, struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_CA_LIST, "s", org);
	int r;

	while ((r = statement_step(store, stmt, err)) > 0) {
		struct ca ca = {.id = sqlite3_column_int64(stmt, 0),
		    .created_ms = sqlite3_column_int64(stmt, 4)};

		statement_text(stmt, 1, ca.name, sizeof ca.name);
		statement_text(stmt, 2, ca.algorithm, sizeof ca.algorithm);
		statement_text(stmt, 3, ca.fingerprint, sizeof ca.fingerprint);
		r = each(arg, &ca);
		if (r != 0)
			return r;
	}
	return r;
}

int
ca_remove(struct store *store, const char *org, int64_t id, struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_CA_REMOVE, "si", org, id);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, ENOENT, "no CA %lld", (long long)id);
	/* RETURNING gives its row first; the change ends with the last step. */
	return r < 0 ? r : statement_step(store, stmt, err);
}
