// SPDX-License-Identifier: Apache-2.0
#include "gateway/api_identity.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "keys/user.h"
#include "keys/verify.h"

static int
grow(struct api_identities *identities, struct err *err)
{
	size_t capacity = identities->capacity * 2 + 16;
	struct api_identity *rows;

	if (identities->n == API_IDENTITIES_MAX)
		return err_set(err, EBUSY, "too many identities in use");
	if (identities->n < identities->capacity)
		return 0;
	rows = reallocarray(identities->rows, capacity, sizeof *rows);
	if (rows == NULL)
		return err_set(err, ENOMEM, "out of memory");
	identities->rows = rows;
	identities->capacity = capacity;
	return 0;
}

int
api_identity_add(struct api_identities *identities,
    const struct api_identity *identity, uint64_t *ret_number,
    struct err *err)
{
	struct api_identity *row;
	int r;

	for (size_t i = 0; i < identities->n; i++) {
		row = &identities->rows[i];
		if (row->user_id == identity->user_id &&
		    row->token_id == identity->token_id) {
			*ret_number = row->number;
			return 0;
		}
	}
	r = grow(identities, err);
	if (r < 0)
		return r;
	row = &identities->rows[identities->n++];
	*row = *identity;
	randombytes_buf(&row->number, sizeof row->number);
	*ret_number = row->number;
	return 0;
}

int
api_identity_find(const struct api_identities *identities,
    struct store *store, uint64_t number, int64_t now_ms,
    struct api_identity *ret, struct err *err)
{
	for (size_t i = 0; i < identities->n; i++) {
		const struct api_identity *row = &identities->rows[i];
		int r;

		if (row->number != number)
			continue;
		r = user_check(store, row->user_id, err);
		if (r == 0 && row->token_id != 0)
			r = verify_token_id(store, row->token_id, now_ms, err);
		if (r == -ENOENT)
			r = err_set(err, EACCES, "the user is no more");
		if (r == 0)
			*ret = *row;
		return r;
	}
	return err_set(err, EACCES, "no such identity");
}

void
api_identities_free(struct api_identities *identities)
{
	free(identities->rows);
	*identities = (struct api_identities){0};
}
