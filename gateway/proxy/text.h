// SPDX-License-Identifier: Apache-2.0
/* Part of bytes that came, not terminated, and texts that are made of such. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct text {
	const char *data;
	size_t size;
};

/* A text in the caller's room; what does not fit makes it full. */
struct made {
	char *data;
	size_t size, used;
	bool is_full;
};

static inline bool
text_is(struct text text, const char *word)
{
	return text.size == strlen(word) &&
	    memcmp(text.data, word, text.size) == 0;
}

/* Whatever the case of its letters. */
static inline bool
text_is_word(struct text text, const char *word)
{
	return text.size == strlen(word) &&
	    strncasecmp(text.data, word, text.size) == 0;
}

static inline bool
text_begins(struct text text, const char *with)
{
	size_t n = strlen(with);

	return text.size >= n && memcmp(text.data, with, n) == 0;
}

/* Without the blanks around it. */
static inline struct text
text_trim(struct text text)
{
	while (text.size > 0 && (*text.data == ' ' || *text.data == '\t'))
		text = (struct text){text.data + 1, text.size - 1};
	while (text.size > 0 && (text.data[text.size - 1] == ' ' ||
	    text.data[text.size - 1] == '\t'))
		text.size--;
	return text;
}

/* Takes what comes before the next `at`, or all, out of *rest; false where
 * there is nothing left. */
static inline bool
text_next(struct text *rest, char at, struct text *ret)
{
	const char *end;

	if (rest->data == NULL)
		return false;
	end = memchr(rest->data, at, rest->size);
	if (end == NULL) {
		*ret = *rest;
		rest->data = NULL;
		return true;
	}
	*ret = (struct text){rest->data, (size_t)(end - rest->data)};
	*rest = (struct text){end + 1, rest->size - ret->size - 1};
	return true;
}

/* Copies to ret[size], with a terminator; false where it has no room. */
static inline bool
text_copy(struct text text, char *ret, size_t size)
{
	if (text.size >= size)
		return false;
	memcpy(ret, text.data, text.size);
	ret[text.size] = '\0';
	return true;
}

static inline void
made_add(struct made *made, const void *data, size_t size)
{
	if (size > made->size - made->used) {
		made->is_full = true;
		return;
	}
	memcpy(made->data + made->used, data, size);
	made->used += size;
}

static inline void
made_word(struct made *made, const char *word)
{
	made_add(made, word, strlen(word));
}

static inline void
made_text(struct made *made, struct text text)
{
	made_add(made, text.data, text.size);
}

static inline void __attribute__((format(printf, 2, 3)))
made_print(struct made *made, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= (int)sizeof line)
		made->is_full = true;
	else
		made_add(made, line, (size_t)n);
}
