// SPDX-License-Identifier: Apache-2.0
#include "keys/revocation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "keys/org.h"
#include "keys/statement.h"

#define FINGERPRINT_PREFIX "SHA256:"
#define FINGERPRINT_LENGTH 50 /* of the whole text */

static const char *const kind_names[N_REVOCATION] = {
    [REVOCATION_SERIAL] = "serial",
    [REVOCATION_KEY_ID] = "key-id",
    [REVOCATION_FINGERPRINT] = "fingerprint",
};

const char *
revocation_kind_name(enum revocation_kind kind)
{
	return kind_names[kind];
}

static void
format_serial(const char *ca, uint64_t serial, char ret[REVOCATION_SERIAL_SIZE])
{
	snprintf(ret, REVOCATION_SERIAL_SIZE, "%s %" PRIu64, ca, serial);
}

/* A stored value as struct revocation has it. */
static void
read_value(struct revocation *revocation, const char *stored)
{
	const char *space = strrchr(stored, ' ');

	if (revocation->kind == REVOCATION_SERIAL && space != NULL) {
		snprintf(revocation->ca, sizeof revocation->ca, "%.*s",
		    (int)(space - stored), stored);
		stored = space + 1;
	}
	snprintf(revocation->value, sizeof revocation->value, "%s", stored);
}

static int
add(struct store *store, const char *org, enum revocation_kind kind,
    const char *stored, int64_t now_ms, struct revocation *ret,
    struct err *err)
{
	struct revocation revocation = {.kind = kind, .created_ms = now_ms};
	int64_t org_id;
	int r = org_find(store, org, &org_id, err);

	if (r == 0)
		r = statement_check_room(store, STATEMENT_REVOCATION_COUNT,
		    org_id, REVOCATIONS_MAX, "revocations", "this organisation",
		    err);
	if (r == 0)
		r = statement_step(store, statement_bind(store,
		    STATEMENT_REVOCATION_ADD, "issi", org_id,
		    kind_names[kind], stored, now_ms), err);
	if (r < 0)
		return err_wrap(err, "revocation");
	revocation.id = sqlite3_last_insert_rowid(store->db);
	read_value(&revocation, stored);
	*ret = revocation;
	return 0;
}

int
revocation_add_serial(struct store *store, const char *org, int64_t ca_id,
    uint64_t serial, int64_t now_ms, struct revocation *ret, struct err *err)
{
	char ca[SSH_KEY_FINGERPRINT_SIZE], stored[REVOCATION_SERIAL_SIZE];
	sqlite3_stmt *stmt;
	int r;

	if (serial == 0)
		return err_set(err, EINVAL, "serial: 1 or more; certificates "
		    "made without one have 0");
	stmt = statement_bind(store, STATEMENT_CA_FINGERPRINT, "si", org,
	    ca_id);
	r = statement_step(store, stmt, err);
	if (r == 0)
		return err_set(err, ENOENT, "no CA %lld", (long long)ca_id);
	if (r < 0)
		return r;
	statement_text(stmt, 0, ca, sizeof ca);
	(void)sqlite3_reset(stmt);
	format_serial(ca, serial, stored);
	return add(store, org, REVOCATION_SERIAL, stored, now_ms, ret, err);
}

int
revocation_add_key_id(struct store *store, const char *org,
    const char *key_id, int64_t now_ms, struct revocation *ret,
    struct err *err)
{
	if (*key_id == '\0' || strlen(key_id) >= CERTIFICATE_KEY_ID_SIZE)
		return err_set(err, EINVAL, "key_id: 1 to %d bytes",
		    CERTIFICATE_KEY_ID_SIZE - 1);
	return add(store, org, REVOCATION_KEY_ID, key_id, now_ms, ret, err);
}

static bool
is_fingerprint(const char *text)
{
	const size_t n = sizeof FINGERPRINT_PREFIX - 1;

	return strlen(text) == FINGERPRINT_LENGTH &&
	    strncmp(text, FINGERPRINT_PREFIX, n) == 0 &&
	    strspn(text + n, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/") ==
	    FINGERPRINT_LENGTH - n;
}

int
revocation_add_fingerprint(struct store *store, const char *org,
    const char *fingerprint, int64_t now_ms, struct revocation *ret,
    struct err *err)
{
	if (!is_fingerprint(fingerprint))
		return err_set(err, EINVAL, "fingerprint: as ssh-keygen -l "
		    "prints it, \"SHA256:\" and 43 characters");
	return add(store, org, REVOCATION_FINGERPRINT, fingerprint, now_ms,
	    ret, err);
}

int
revocation_list(struct store *store, const char *org,
    int (*each)(void *arg, const struct revocation *revocation), void *arg,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_REVOCATION_LIST, "s", org);
	int r;

	while ((r = statement_step(store, stmt, err)) > 0) {
		struct revocation revocation = {
		    .id = sqlite3_column_int64(stmt, 0),
		    .created_ms = sqlite3_column_int64(stmt, 3)};
		char kind[16], stored[CERTIFICATE_KEY_ID_SIZE];

		statement_text(stmt, 1, kind, sizeof kind);
		statement_text(stmt, 2, stored, sizeof stored);
		for (size_t i = 0; i < N_REVOCATION; i++)
			if (strcmp(kind, kind_names[i]) == 0)
				revocation.kind = (enum revocation_kind)i;
		read_value(&revocation, stored);
		r = each(arg, &revocation);
		if (r != 0)
			return r;
	}
	return r;
}

int
revocation_remove(struct store *store, const char *org, int64_t id,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_REVOCATION_REMOVE, "si", org, id);
	int r = statement_step(store, stmt, err);

	if (r == 0)
		return err_set(err, ENOENT, "no revocation %lld",
		    (long long)id);
	/* RETURNING gives its row first; the change ends with the last step. */
	return r < 0 ? r : statement_step(store, stmt, err);
}

void
revocable_certificate(const struct certificate *certificate,
    struct revocable *ret)
{
	ssh_key_fingerprint(certificate->key, certificate->key_size, ret->key);
	ssh_key_fingerprint(certificate->ca_key.data, certificate->ca_key.size,
	    ret->ca);
	format_serial(ret->ca, certificate->serial, ret->serial);
	snprintf(ret->key_id, sizeof ret->key_id, "%s", certificate->key_id);
}

int
revocation_has(struct store *store, const char *org,
    const struct revocable *revocable, struct err *err)
{
	sqlite3_stmt *stmt = statement_bind(store,
	    STATEMENT_VERIFY_REVOCATION, "sssss", org, revocable->serial,
	    revocable->key_id, revocable->key, revocable->ca);
	int r = statement_step(store, stmt, err);

	(void)sqlite3_reset(stmt);
	return r;
}
