// SPDX-License-Identifier: Apache-2.0
/* A table of fields as JSON Schema (draft 2020-12) has it. */
#pragma once

#include "gateway/http/engine/field.h"

/*
 * Of a request's object: of the fields in names, a list that ends with NULL, or
 * of all where that is NULL. Each has the one form that says it best, though
 * field_read takes others as well. NULL: out of memory.
 */
json_t *field_schema(const struct field_table *table, const char *const *names);

/* Of an object as field_print makes it: what is in it, each of its type or
 * null, and maybe more. NULL: out of memory. */
json_t *field_schema_told(const struct field_table *table);

/* Whether such a list, or NULL, has it. */
bool field_is_named(const char *const *names, const char *name);
