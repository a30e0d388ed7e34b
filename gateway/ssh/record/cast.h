// SPDX-License-Identifier: Apache-2.0
/*
 * Events of an asciicast v2 file, one JSON array a line. Times are
 * milliseconds since the recording began.
 */
#pragma once

#include "common/json_text.h"
#include "common/utf8.h"

/* A character of which only the beginning came; zeroed at first. */
struct cast_rest {
	uint8_t bytes[UTF8_MAX];
	size_t n;
};

/*
 * What was shown (code 'o') or typed ('i'). A character that is cut off at the
 * end of data is kept in *rest for the next call; what is no UTF-8 becomes
 * U+FFFD, as asciinema itself does it.
 */
void cast_add_bytes(struct json_text *text, uint64_t time_ms, char code,
    struct cast_rest *rest, const uint8_t *data, size_t size);

/* Nothing more comes: tells what was kept. */
void cast_add_rest(struct json_text *text, uint64_t time_ms, char code,
    struct cast_rest *rest);

void cast_add_resize(struct json_text *text, uint64_t time_ms,
    uint32_t columns, uint32_t rows);

/* A place players can jump to, with words. */
void cast_add_marker(struct json_text *text, uint64_t time_ms,
    const char *words);
