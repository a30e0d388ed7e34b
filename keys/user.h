// SPDX-License-Identifier: Apache-2.0
/* Users: members of one organisation, who hold keys and tokens. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "keys/role.h"
#include "keys/store.h"

#define USERS_MAX 10000 /* of an organisation */

struct user {
	int64_t id; /* never another's, also when he is no more */
	int64_t org_id;
	char org[STORE_NAME_SIZE], name[STORE_NAME_SIZE];
	enum role role;
	bool is_own_only; /* so it is set for his organisation's members */
	int64_t created_ms;
	uint32_t n_keys, n_tokens; /* that are good */
};

/* Makes one. -EINVAL for a bad name, -EEXIST for a taken one, -EDQUOT where the
 * organisation has USERS_MAX. */
int user_add(struct store *store, int64_t org_id, const char *name,
    enum role role, int64_t now_ms, int64_t *ret_id, struct err *err);

/* The id of the user `name` of the organisation `org`, or -ENOENT. */
int user_find(struct store *store, const char *org, const char *name,
    int64_t *ret_id, struct err *err);

/* -ENOENT where the user is no more. */
int user_get(struct store *store, int64_t user_id, struct user *ret,
    struct err *err);

/* Those of an organisation: calls each(arg, user) in order of name until it
 * returns non-zero, which is returned. */
int user_list(struct store *store, const char *org,
    int (*each)(void *arg, const struct user *user), void *arg,
    struct err *err);

/* Each -ENOENT where the user is no more. With the user go keys, tokens and
 * what was opened to others in that name. */
int user_set_role(struct store *store, int64_t user_id, enum role role,
    struct err *err);
int user_remove(struct store *store, int64_t user_id, struct err *err);

/* Its name where it is a user of `org`; otherwise -ENOENT. */
int user_name(struct store *store, const char *org, int64_t user_id,
    char ret[STORE_NAME_SIZE], struct err *err);
