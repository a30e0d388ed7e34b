// SPDX-License-Identifier: Apache-2.0
/* What an artifact is, by its name and its MIME type; whether it is text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/protocol/depot_calls.h"

/* By the end of a name; "application/octet-stream" for one that says nothing.
 * Static storage. */
const char *kind_mime(const char *name);

/* As it is where it is text at all. */
enum depot_kind kind_of(const char *name, const char *mime);

/* Bytes that come piece by piece; zeroed at first. */
struct kind_text {
	uint8_t rest[4]; /* of a character that is not whole */
	size_t n_rest;
	bool is_broken;
};

void kind_text_add(struct kind_text *text, const void *data, size_t size);

/* Whether all of them were UTF-8 without a zero byte. */
bool kind_text_is_good(const struct kind_text *text);
