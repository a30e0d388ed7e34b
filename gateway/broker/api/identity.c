// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/identity.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/org.h"
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

/* Of those that are bound to a sandbox, where there are enough, the one that
 * was away longest; else NULL. */
static struct api_identity *
take_bound_row(struct api_identities *identities)
{
	struct api_identity *oldest = NULL;
	size_t n = 0;

	for (size_t i = 0; i < identities->n; i++) {
		struct api_identity *row = &identities->rows[i];

		if (row->bound_id[0] == '\0')
			continue;
		n++;
		if (oldest == NULL || row->used < oldest->used)
			oldest = row;
	}
	return n >= API_BOUND_MAX ? oldest : NULL;
}

/* A fresh row, or where there are enough, that of who was away longest. */
static int
take_row(struct api_identities *identities, bool is_bound,
    struct api_identity **ret, struct err *err)
{
	int r;

	*ret = is_bound ? take_bound_row(identities) : NULL;
	if (*ret != NULL)
		return 0;
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
	return a->actor_id == b->actor_id && a->user_id == b->user_id &&
	    a->org_id == b->org_id && a->token_id == b->token_id &&
	    a->lobby == b->lobby && a->uid == b->uid &&
	    strcmp(a->bound_id, b->bound_id) == 0;
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
	r = take_row(identities, identity->bound_id[0] != '\0', &row, err);
	if (r < 0)
		return r;
	*ret_forgotten = row->number;
	*row = *identity;
	row->used = ++identities->uses;
	randombytes_buf(&row->number, sizeof row->number);
	*ret_number = row->number;
	return 0;
}

/* The operator's own, or that of the user who asks: *ret_org_id is his. */
static int
check_actor(struct api_identity *identity, struct store *store,
    int64_t now_ms, int64_t *ret_org_id, struct err *err)
{
	struct token_terms_now token = {0};
	struct user user;
	int r;

	identity->standing = (struct standing){ROLE_OPERATOR,
	    SCOPE_ALL | SCOPE_OPERATOR, false};
	identity->expires_ms = 0;
	identity->limits = (struct token_limits){0};
	*ret_org_id = 0;
	if (identity->actor_id == 0)
		return 0;
	r = user_get(store, identity->actor_id, &user, err);
	if (r == 0 && identity->token_id != 0)
		r = verify_token_id(store, identity->token_id, now_ms, &token,
		    err);
	if (r < 0)
		return r;
	identity->standing = (struct standing){user.role, token.scopes,
	    user.is_own_only};
	identity->expires_ms = token.expires_ms;
	identity->limits = token.limits;
	memcpy(identity->sandbox_id, token.sandbox_id,
	    sizeof identity->sandbox_id);
	*ret_org_id = user.org_id;
	return 0;
}

/* What is left to one who showed what is for one sandbox. */
static int
narrow(struct api_identity *identity, struct err *err)
{
	const uint32_t use = SCOPE_READ | SCOPE_EXEC | SCOPE_FILES;
	struct standing *standing = &identity->standing;

	if (identity->bound_id[0] == '\0')
		return 0;
	if (identity->sandbox_id[0] != '\0' &&
	    strcmp(identity->sandbox_id, identity->bound_id) != 0)
		return err_set(err, EACCES, "the token is for another sandbox");
	memcpy(identity->sandbox_id, identity->bound_id,
	    sizeof identity->sandbox_id);
	standing->scopes = standing->scopes == 0 ? use :
	    standing->scopes & use;
	if (standing->scopes == 0)
		return err_set(err, EACCES, "the token's scope leaves nothing "
		    "of it");
	return 0;
}

/* Whom it acts for: still there, and the actor may still act for them. */
static int
check_acting(const struct api_identity *identity, struct store *store,
    int64_t actor_org_id, struct err *err)
{
	struct user user;
	int64_t org_id;
	int r = org_find(store, identity->org, &org_id, err);

	if (r == 0 && org_id != identity->org_id)
		r = err_set(err, ENOENT, "the organisation is no more");
	if (r == 0 && identity->user_id != 0)
		r = user_get(store, identity->user_id, &user, err);
	if (r == 0 && org_id != actor_org_id)
		r = role_check(&identity->standing, ACTION_OPERATE, err);
	else if (r == 0 && identity->user_id != identity->actor_id)
		r = role_check(&identity->standing, ACTION_ADMINISTER, err);
	return r;
}

int
api_identity_check(struct api_identity *identity, struct store *store,
    int64_t now_ms, struct err *err)
{
	int64_t actor_org_id;
	int r = check_actor(identity, store, now_ms, &actor_org_id, err);

	if (r == 0)
		r = narrow(identity, err);
	if (r == 0)
		r = check_acting(identity, store, actor_org_id, err);
	if (r == -ENOENT)
		r = err_set(err, EACCES, "the user is no more");
	return r;
}

static int
refuse(struct err *err, const char *whom)
{
	return err_set(err, EPERM, "you may not act for another %s", whom);
}

int
api_identity_act(struct api_identity *identity, struct store *store,
    const char *org, const char *user, struct err *err)
{
	const struct standing *standing = &identity->standing;
	int r;

	if (*org != '\0' && strcmp(org, identity->org) != 0) {
		if (!role_permits(standing, ACTION_OPERATE, RELATION_OWN))
			return refuse(err, "organisation");
		r = org_find(store, org, &identity->org_id, err);
		if (r < 0)
			return r;
		snprintf(identity->org, sizeof identity->org, "%s", org);
		identity->user[0] = '\0';
		identity->user_id = 0;
	}
	if (*user == '\0' || strcmp(user, identity->user) == 0)
		return 0;
	if (!role_permits(standing, ACTION_ADMINISTER, RELATION_OWN))
		return refuse(err, "user");
	r = user_find(store, identity->org, user, &identity->user_id, err);
	if (r == 0)
		snprintf(identity->user, sizeof identity->user, "%s", user);
	return r;
}

int
api_identity_find(struct api_identities *identities, struct store *store,
    uint64_t number, int64_t now_ms, struct api_identity *ret,
    struct err *err)
{
	for (size_t i = 0; i < identities->n; i++) {
		struct api_identity *row = &identities->rows[i];
		int r;

		if (row->number != number)
			continue;
		r = api_identity_check(row, store, now_ms, err);
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
