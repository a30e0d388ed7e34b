// SPDX-License-Identifier: Apache-2.0
/* Organisations: who owns sandboxes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

struct store;

/* Makes one. -EINVAL for a bad name, -EEXIST for a taken one. */
int org_add(struct store *store, const char *name, int64_t now_ms,
    int64_t *ret_id, struct err *err);

/* Its id, or -ENOENT. */
int org_find(struct store *store, const char *name, int64_t *ret_id,
    struct err *err);

/* Whether logins to its sandboxes are recorded; of those to come. -ENOENT. */
int org_is_recorded(struct store *store, const char *name, bool *ret,
    struct err *err);
int org_set_recorded(struct store *store, const char *name, bool is_recorded,
    struct err *err);
