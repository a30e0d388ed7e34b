// SPDX-License-Identifier: Apache-2.0
/*
 * The head of a message (RFC 9112 sections 2 to 5), of a request or an answer,
 * as its lines: read strictly, so that whoever reads it after us reads the
 * same. Pure; what it gives points into what it was given.
 */
#pragma once

#include "gateway/proxy/text.h"

#define HEAD_FIELDS_MAX 128

struct head_field {
	struct text name, value;
};

struct head {
	struct text line; /* the first */
	size_t n;
	struct head_field fields[HEAD_FIELDS_MAX];
};

/*
 * Where the head at data[0] ends, by its empty line; 0 where that is not there
 * yet. *looked is where to begin to look, zeroed at first, and advances.
 */
size_t head_find_end(const char *data, size_t size, size_t *looked);

/* Reads a whole head, its empty line included; NULL, or what is wrong with
 * it: static words. */
const char *head_read(const char *data, size_t size, struct head *ret);

/* The first field of that name; NULL. */
const struct text *head_get(const struct head *head, const char *name);

/* Whether a list by commas in fields of that name has this word. */
bool head_has_word(const struct head *head, const char *name,
    const char *word);

/* Whether the field is about this connection alone (RFC 9110 section 7.6.1),
 * by its name or because Connection says so. */
bool head_is_hop(const struct head *head, struct text name);

/* The same name, where - and _ are one letter: some servers read them so. */
bool head_is_like(struct text name, const char *as);
