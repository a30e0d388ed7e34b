// SPDX-License-Identifier: Apache-2.0
#include "keys/counts.h"

#include "keys/statement.h"

int
counts_get(struct store *store, int64_t org_id, int64_t user_id,
    struct counts *ret, struct err *err)
{
	struct counts counts;
	const struct {
		enum statement statement;
		int64_t owner_id;
		int64_t *ret;
	} rows[] = {
	    {STATEMENT_USER_COUNT, org_id, &counts.users},
	    {STATEMENT_CA_COUNT, org_id, &counts.cas},
	    {STATEMENT_REVOCATION_COUNT, org_id, &counts.revocations},
	    {STATEMENT_WEBHOOK_COUNT, org_id, &counts.webhooks},
	    {STATEMENT_AGENT_COUNT, org_id, &counts.agents},
	    {STATEMENT_TOKEN_COUNT_OF_USER, user_id, &counts.tokens},
	    {STATEMENT_USER_KEY_COUNT, user_id, &counts.keys},
	    {STATEMENT_ACCESS_COUNT, user_id, &counts.accesses}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int r = statement_count(store, statement_bind(store,
		    rows[i].statement, "i", rows[i].owner_id), rows[i].ret,
		    err);

		if (r < 0)
			return r;
	}
	*ret = counts;
	return 0;
}
