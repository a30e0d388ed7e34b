// SPDX-License-Identifier: Apache-2.0
#include "keys/access.h"

#include <errno.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/parse.h"
#include "keys/ssh_key.h"
#include "keys/statement.h"

int
access_check(const char *sandbox_id, uint64_t ttl_ms, struct err *err)
{
	if (!sandbox_id_is_valid(sandbox_id))
		return err_set(err, EINVAL, "sandbox: not a sandbox id");
	if (ttl_ms < ACCESS_TTL_MIN_MS || ttl_ms > ACCESS_TTL_MAX_MS)
		return err_set(err, EINVAL, "ttl: %llu to %llu ms",
		    ACCESS_TTL_MIN_MS, ACCESS_TTL_MAX_MS);
	return 0;
}

int
access_grant(struct store *store, int64_t user_id, const char *sandbox_id,
    const char *line, uint32_t rights, uint64_t ttl_ms, int64_t now_ms,
    int64_t *ret_expires_ms, struct err *err)
{
	auto_free struct ssh_key *key = calloc(1, sizeof *key);
	int64_t expires_ms;
	int r;

	if (key == NULL)
		return err_set(err, ENOMEM, "out of memory");
	r = access_check(sandbox_id, ttl_ms, err);
	if (r == 0)
		r = ssh_key_parse(line, key, err);
	if (r < 0)
		return r;
	r = access_expire(store, now_ms, err);
	if (r == 0)
		r = statement_check_room(store, STATEMENT_ACCESS_COUNT,
		    user_id, ACCESS_MAX, "access", "this user", err);
	if (r < 0)
		return r;
	expires_ms = now_ms + (int64_t)ttl_ms;
	r = statement_step(store, statement_bind(store, STATEMENT_ACCESS_ADD,
	    "issiii", user_id, sandbox_id, key->fingerprint, now_ms,
	    expires_ms, (int64_t)rights), err);
	if (r < 0)
		return r;
	*ret_expires_ms = expires_ms;
	return 0;
}

int
access_expire(struct store *store, int64_t now_ms, struct err *err)
{
	return statement_step(store, statement_bind(store,
	    STATEMENT_ACCESS_EXPIRE, "i", now_ms), err);
}
