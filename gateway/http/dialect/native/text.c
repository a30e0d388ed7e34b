// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

char *
text_make(const void *data, size_t size)
{
	const uint8_t *p = data;
	char *text = malloc(3 * size + 1);
	size_t used = 0;

	while (text != NULL && size > 0) {
		int n = *p == '\0' ? -1 : utf8_first(p, size);
		size_t step = n > 0 ? (size_t)n : n < 0 ? (size_t)-n : size;

		memcpy(text + used, n > 0 ? (const char *)p : "\xef\xbf\xbd",
		    n > 0 ? step : 3);
		used += n > 0 ? step : 3;
		p += step;
		size -= step;
	}
	if (text != NULL)
		text[used] = '\0';
	return text;
}

json_t *
text_json(const void *data, size_t size)
{
	char *text = text_make(data, size);
	json_t *value = text != NULL ? json_string(text) : NULL;

	free(text);
	return value;
}

json_t *
text_string(const char *text)
{
	return text_json(text, strlen(text));
}
