// SPDX-License-Identifier: Apache-2.0
/*
 * JSON (RFC 8259) being written to memory that grows: what strings hold may be
 * any bytes. The caller puts the punctuation.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_text {
	char *data;
	size_t used, room;
	bool is_out_of_memory; /* what was added since is not there */
};

void json_text_fini(struct json_text *text);

/* Adds words as they are, or as printf(3) makes them (at most 255 bytes). */
void json_text_add(struct json_text *text, const char *words);
void json_text_addf(struct json_text *text, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Adds a string in quotes: control characters are escaped, and bytes that are
 * not UTF-8 become U+FFFD.
 */
void json_text_add_string(struct json_text *text, const void *data,
    size_t size);

/* Adds the bytes in quotes, as base64 (RFC 4648 section 4). */
void json_text_add_base64(struct json_text *text, const uint8_t *data,
    size_t size);

/* Adds ,"name":"value" unless value is "". */
void json_text_add_member(struct json_text *text, const char *name,
    const char *value);

#define auto_json_text __attribute__((cleanup(json_text_fini)))
