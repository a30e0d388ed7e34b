// SPDX-License-Identifier: Apache-2.0
/* Text of others as JSON takes it. */
#pragma once

#include <jansson.h>
#include <stddef.h>

/* A copy in which what is not UTF-8 is U+FFFD; with three times the room of the
 * text nothing is cut. */
void text_copy(char *ret, size_t room, const char *text);

/* The same of bytes, whole, zero ones replaced, too; the caller's. NULL: out of
 * memory. */
char *text_make(const void *data, size_t size);

/* The same as a JSON string, of bytes and of a text; NULL: out of memory. */
json_t *text_json(const void *data, size_t size);
json_t *text_string(const char *text);
