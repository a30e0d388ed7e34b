// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/record/cast.h"

#include <stdlib.h>
#include <string.h>

#include "common/fd.h"

static void
begin(struct json_text *text, uint64_t time_ms, char code)
{
	json_text_addf(text, "[%llu.%03u,\"%c\",",
	    (unsigned long long)(time_ms / 1000), (unsigned)(time_ms % 1000),
	    code);
}

/* How many of the last bytes begin a character that is not complete. */
static size_t
cut_off_bytes(const uint8_t *data, size_t size)
{
	for (size_t n = 1; n < UTF8_MAX && n <= size; n++)
		if (data[size - n] >= 0xc0)
			return utf8_first(data + size - n, n) == 0 ? n : 0;
	return 0;
}

void
cast_add_bytes(struct json_text *text, uint64_t time_ms, char code,
    struct cast_rest *rest, const uint8_t *data, size_t size)
{
	auto_free uint8_t *joined = NULL;
	size_t kept;

	if (rest->n > 0) {
		joined = malloc(rest->n + size);
		if (joined == NULL) {
			text->is_out_of_memory = true;
			return;
		}
		memcpy(joined, rest->bytes, rest->n);
		memcpy(joined + rest->n, data, size);
		data = joined;
		size += rest->n;
	}
	kept = cut_off_bytes(data, size);
	rest->n = kept;
	memcpy(rest->bytes, data + size - kept, kept);
	if (size == kept)
		return;
	begin(text, time_ms, code);
	json_text_add_string(text, data, size - kept);
	json_text_add(text, "]\n");
}

void
cast_add_rest(struct json_text *text, uint64_t time_ms, char code,
    struct cast_rest *rest)
{
	if (rest->n == 0)
		return;
	begin(text, time_ms, code);
	json_text_add_string(text, rest->bytes, rest->n);
	json_text_add(text, "]\n");
	rest->n = 0;
}

void
cast_add_resize(struct json_text *text, uint64_t time_ms, uint32_t columns,
    uint32_t rows)
{
	begin(text, time_ms, 'r');
	json_text_addf(text, "\"%ux%u\"]\n", columns, rows);
}

void
cast_add_marker(struct json_text *text, uint64_t time_ms, const char *words)
{
	begin(text, time_ms, 'm');
	json_text_add_string(text, words, strlen(words));
	json_text_add(text, "]\n");
}
