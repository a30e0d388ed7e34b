// SPDX-License-Identifier: Apache-2.0
/* Text of others as JSON takes it. */
#pragma once

#include <jansson.h>
#include <stddef.h>

/* A copy of bytes, whole, in which what is not UTF-8, and zero ones, are
 * U+FFFD; the caller's. NULL: out of memory. */
char *text_make(const void *data, size_t size);

/* The same as a JSON string, of bytes and of a text; NULL: out of memory. */
json_t *text_json(const void *data, size_t size);
json_t *text_string(const char *text);
