// SPDX-License-Identifier: Apache-2.0
/* Fields that are arrays or objects themselves; for field.c alone. */
#pragma once

#include "gateway/http/engine/field.h"

/*
 * Each reads a value into *ret, which field_free_list frees, also after a
 * failure: that names the field, and of an object's the path to it.
 */
int field_read_strings(const struct field *field, const json_t *value,
    struct rpc_strv *ret, struct failure *failure);
int field_read_ranges(const struct field *field, const json_t *value,
    struct field_ranges *ret, struct failure *failure);
int field_read_json(const struct field *field, const json_t *value,
    char **ret, struct failure *failure);
int field_read_map(const struct field *field, const json_t *value, char **ret,
    struct failure *failure);
int field_read_objects(const struct field *field, const json_t *value,
    struct field_objects *ret, struct failure *failure);

/* What one of these owns; does nothing for fields of other types. */
void field_free_list(const struct field *field, void *at);
