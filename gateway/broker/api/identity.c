// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/identity.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "keys/user.h"
#include "keys/verify.h"

static int
grow(struct api_identities *identities, struct err *err)
{
	size_t capacity = identities->capacity * 2 + 16;
	struct api_identity *rows;

	if (identities->n < identities->capacity)
		return 0;
	rows = reallocarray(identities->rows, capacity, sizeof *rows);
	if (rows == NULL)
		return err_set(err, ENOMEM, "out of memory");
	identities->rows = rows;
	identities->capacity = capacity;
	return 0;
}

/* A fresh row, or where there are enough, that of who was away longest. */
static int
take_row(struct api_identities *identities, struct api_identity **ret,
    struct err *err)
{
	int r;

	if (identities->n < API_IDENTITIES_MAX) {
		r = grow(identities, err);
		if (r < 0)
			return r;
		*ret = &identities->rows[identities->n++];
		(*ret)->number = 0;
		return 0;
	}
	*ret = identities->rows;
	for (size_t i = 1; i < identities->n; i++)
		if (identities->rows[i].used < (*ret)->used)
			*ret = &identities->rows[i];
	return 0;
}

static bool
is_same(const struct api_identity *a, const struct api_identity *b)
{
	return a->user_id == b->user_id && a->token_id == b->token_id &&
	    a->lobby == b->lobby && a->uid == b->uid;
}

int
api_identity_add(struct api_identities *identities,
    const struct api_identity *identity, uint64_t *ret_number,
    uint64_t *ret_forgotten, struct err *err)
{
	struct api_identity *row;
	int r;

	*ret_forgotten = 0;
	for (size_t i = 0; i < identities->n; i++) {
		row = &identities->rows[i];
		if (is_same(row, identity)) {
			row->used = ++identities->uses;
			*ret_number = row->number;
			return 0;
		}
	}
	r = take_row(identities, &row, err);
	if (r < 0)
		return r;
	*ret_forgotten = row->number;
	*row = *identity;
	row->used = ++identities->uses;
	randombytes_buf(&row->number, sizeof row->number);
	*ret_number = row->number;
	return 0;
}

int
api_identity_check(const struct api_identity *identity, struct store *store,
    int64_t now_ms, int64_t *ret_expires_ms, struct err *err)
{
	int r = user_check(store, identity->user_id, err);

	*ret_expires_ms = 0;
	if (r == 0 && identity->token_id != 0)
		r = verify_token_until(store, identity->token_id, now_ms,
		    ret_expires_ms, err);
	if (r == -ENOENT)
		r = err_set(err, EACCES, "the user is no more");
	return r;
}

int
api_identity_find(struct api_identities *identities, struct store *store,
    uint64_t number, int64_t now_ms, struct api_identity *ret,
    struct err *err)
{
	for (size_t i = 0; i < identities->n; i++) {
		struct api_identity *row = &identities->rows[i];
		int64_t expires_ms;
		int r;

		if (row->number != number)
			continue;
		r = api_identity_check(row, store, now_ms, &expires_ms, err);
		if (r == 0) {
			row->used = ++identities->uses;
			*ret = *row;
		}
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
