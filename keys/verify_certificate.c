// SPDX-License-Identifier: Apache-2.0
#include "keys/verify_certificate.h"

#include <errno.h>
#include <string.h>

#include "common/rpc_calls.h"
#include "keys/org.h"
#include "keys/revocation.h"
#include "keys/statement.h"
#include "keys/user.h"

#define SANDBOX_ID_PREFIX "sb_"

/* A principal that can be a user: no sandbox, and not nearly one. */
static bool
is_user_name(const char *principal)
{
	return name_is_valid(principal) &&
	    strncmp(principal, SANDBOX_ID_PREFIX,
	    sizeof SANDBOX_ID_PREFIX - 1) != 0;
}

/*
 * The first user the certificate names, or the sandbox if it names that: all
 * users of an organisation reach the same sandboxes.
 */
static bool
choose_principal(const struct certificate *certificate,
    const char *sandbox_id, struct identity *ret)
{
	struct range rest = certificate->principals;
	char name[STORE_NAME_SIZE];
	bool is_sandbox = false;

	while (certificate_next_principal(&rest, name, sizeof name) > 0) {
		if (is_user_name(name)) {
			memcpy(ret->user, name, sizeof ret->user);
			return true;
		}
		if (sandbox_id_is_valid(name) && strcmp(name, sandbox_id) == 0)
			is_sandbox = true;
	}
	if (is_sandbox)
		memcpy(ret->sandbox_id, sandbox_id, strlen(sandbox_id) + 1);
	return is_sandbox;
}

static int
read_cas(struct store *store, const char *fingerprint, struct identities *ret,
    struct err *err)
{
	auto_statement sqlite3_stmt *stmt =
	    statement_bind(store, STATEMENT_VERIFY_CA, "s", fingerprint);
	int r;

	ret->n = 0;
	while ((r = statement_step(store, stmt, err)) > 0 &&
	    ret->n < VERIFY_IDENTITIES_MAX) {
		struct identity *row = &ret->rows[ret->n++];

		*row = (struct identity){.credential = CREDENTIAL_CERTIFICATE,
		    .credential_id = sqlite3_column_int64(stmt, 0),
		    .is_recorded = sqlite3_column_int(stmt, 2) != 0,
		    .standing.is_own_only = sqlite3_column_int(stmt, 3) != 0};
		statement_text(stmt, 1, row->org, sizeof row->org);
	}
	return r < 0 ? r : 0;
}

/*
 * What the one it names may do. Who is nobody yet becomes a member; who is
 * named by a sandbox alone reaches that, whoever made it: so the organisation's
 * own authority says.
 */
static int
find_user(struct store *store, struct identity *row, struct err *err)
{
	struct user user;
	int r;

	row->standing.role = row->user[0] == '\0' ? ROLE_ADMIN : ROLE_MEMBER;
	if (row->user[0] == '\0')
		return 0;
	r = user_find(store, row->org, row->user, &row->user_id, err);
	if (r == 0)
		r = user_get(store, row->user_id, &user, err);
	if (r == 0)
		row->standing.role = user.role;
	return r == -ENOENT ? 0 : r;
}

/* Fills an identity of one of the CA's organisations: 1, or 0 where it lets
 * nobody in, or -errno. */
static int
fill_identity(struct store *store, const struct certificate *certificate,
    const struct revocable *revocable, const char *sandbox_id,
    struct identity *row, struct err *err)
{
	int r = revocation_has(store, row->org, revocable, err);

	if (r < 0)
		return r;
	if (r > 0) {
		err_set(err, EACCES, "certificate: revoked");
		return 0;
	}
	if (!choose_principal(certificate, sandbox_id, row)) {
		err_set(err, EACCES, "certificate: no principal fits");
		return 0;
	}
	/* One that withholds nothing is as good as a key of the user. */
	row->rights = certificate->rights == RPC_RIGHTS_SSH ? 0 :
	    certificate->rights;
	r = find_user(store, row, err);
	return r < 0 ? r : 1;
}

/* Whatever is wrong with it, it lets nobody in; the words stay. */
static int
refuse(struct err *err)
{
	if (err != NULL)
		err->code = EACCES;
	return -EACCES;
}

int
verify_certificate(struct store *store, const uint8_t *blob, size_t size,
    const struct certificate_use *use, struct certificate *ret_certificate,
    struct identities *ret, struct err *err)
{
	struct revocable revocable;
	size_t n = 0;
	int r = certificate_parse(blob, size, ret_certificate, err);

	ret->n = 0;
	if (r == 0)
		r = certificate_check_use(ret_certificate,
		    (uint64_t)use->now_ms / 1000, use->address, err);
	if (r < 0)
		return refuse(err);
	revocable_certificate(ret_certificate, &revocable);
	r = read_cas(store, revocable.ca, ret, err);
	if (r < 0)
		return r;
	if (ret->n == 0)
		return err_set(err, EACCES, "certificate: unknown CA %s",
		    revocable.ca);
	r = certificate_check_signature(ret_certificate, err);
	for (size_t i = 0; r >= 0 && i < ret->n; i++) {
		r = fill_identity(store, ret_certificate, &revocable,
		    use->sandbox_id, &ret->rows[i], err);
		if (r > 0)
			ret->rows[n++] = ret->rows[i];
	}
	ret->n = r < 0 ? 0 : n;
	if (r < 0)
		return r;
	return n > 0 ? 0 : -EACCES; /* err says why of the last one */
}

int
verify_certificate_enrol(struct store *store, struct identity *identity,
    int64_t now_ms, struct err *err)
{
	int64_t org_id;
	int r;

	if (identity->user_id != 0 || identity->user[0] == '\0')
		return 0;
	r = org_find(store, identity->org, &org_id, err);
	if (r == 0)
		r = user_add(store, org_id, identity->user, ROLE_MEMBER,
		    now_ms, &identity->user_id, err);
	return r;
}
