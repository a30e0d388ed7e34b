// SPDX-License-Identifier: Apache-2.0
/* Organisations: who owns sandboxes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "keys/store.h"

/* What one may have: the rows of common/org_limit.def, in their order. */
enum org_limit {
#define ORG_LIMIT(NAME, ...) ORG_##NAME,
#include "common/org_limit.def"
	N_ORG_LIMIT
};

struct org {
	int64_t id;
	char name[STORE_NAME_SIZE];
	int64_t created_ms;
	bool is_recorded; /* logins to its sandboxes are */
	bool is_own_only; /* its members reach but the sandboxes they made */
	uint32_t n_users;
	/* As its admins set them, and as the operator does; 0 = no limit. */
	uint64_t quotas[N_ORG_LIMIT], ceilings[N_ORG_LIMIT];
};

/* The lower of the two that there are; 0 = no limit. */
uint64_t org_limit(const struct org *org, enum org_limit limit);

/* What users call it, without "max_": "memory"; static storage. */
const char *org_limit_name(enum org_limit limit);

/* Makes one. -EINVAL for a bad name, -EEXIST for one that is taken, or was
 * before its organisation was removed. */
int org_add(struct store *store, const char *name, int64_t now_ms,
    int64_t *ret_id, struct err *err);

/* Whether there was one of that name that has been removed: 1, 0 or -errno. */
int org_was_removed(struct store *store, const char *name, struct err *err);

/* Its id, or -ENOENT. */
int org_find(struct store *store, const char *name, int64_t *ret_id,
    struct err *err);

/* All that is known of it; -ENOENT. */
int org_get(struct store *store, const char *name, struct org *ret,
    struct err *err);

/* Calls each(arg, org) in order of name until it returns non-zero, which is
 * returned. */
int org_list(struct store *store,
    int (*each)(void *arg, const struct org *org), void *arg,
    struct err *err);

/* What is_recorded and is_own_only say, of logins to come. -ENOENT. */
int org_set_recorded(struct store *store, const char *name, bool is_recorded,
    struct err *err);
int org_set_own_only(struct store *store, const char *name, bool is_own_only,
    struct err *err);

/* Sets one limit; 0 = none. As a quota it is at most the ceiling: -ERANGE, with
 * that, otherwise, which names no field. -ENOENT. */
int org_set_quota(struct store *store, const char *name, enum org_limit limit,
    uint64_t value, struct err *err);
int org_set_ceiling(struct store *store, const char *name,
    enum org_limit limit, uint64_t value, struct err *err);

/* Removes it with its users, their keys and tokens, its authorities and
 * revocations. -ENOENT. */
int org_remove(struct store *store, const char *name, struct err *err);
