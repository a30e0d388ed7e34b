// SPDX-License-Identifier: Apache-2.0
/* Users: members of one organisation, who hold keys and tokens. */
#pragma once

#include <stdint.h>

#include "common/err.h"
#include "keys/store.h"

/* Makes one. -EINVAL for a bad name, -EEXIST for a taken one. */
int user_add(struct store *store, int64_t org_id, const char *name,
    int64_t now_ms, int64_t *ret_id, struct err *err);

/* The id of the user `name` of the organisation `org`, or -ENOENT. */
int user_find(struct store *store, const char *org, const char *name,
    int64_t *ret_id, struct err *err);

/* -ENOENT where the user is no more. */
int user_check(struct store *store, int64_t user_id, struct err *err);

/* Its name where it is a user of `org`; otherwise -ENOENT. */
int user_name(struct store *store, const char *org, int64_t user_id,
    char ret[STORE_NAME_SIZE], struct err *err);
