// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/terminal/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES  256
#define KEPT_BYTES   (64 * 1024)
#define FORMAT_BYTES 512

static bool
make_room(struct buffer *b, size_t size)
{
	size_t capacity = b->capacity > 0 ? b->capacity : FIRST_BYTES;
	uint8_t *larger;

	if (b->is_failed || size > BUFFER_MAX_BYTES - b->size)
		return false;
	while (capacity < b->size + size)
		capacity *= 2;
	if (capacity == b->capacity)
		return true;
	larger = realloc(b->data, capacity);
	if (larger == NULL)
		return false;
	b->data = larger;
	b->capacity = capacity;
	return true;
}

void
buffer_add(struct buffer *b, const void *data, size_t size)
{
	if (size == 0)
		return;
	if (!make_room(b, size)) {
		b->is_failed = true;
		return;
	}
	memcpy(b->data + b->size, data, size);
	b->size += size;
}

void
buffer_add_text(struct buffer *b, const char *text)
{
	buffer_add(b, text, strlen(text));
}

void
buffer_add_format(struct buffer *b, const char *format, ...)
{
	char text[FORMAT_BYTES];
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (n < 0 || (size_t)n >= sizeof text)
		b->is_failed = true;
	else
		buffer_add(b, text, (size_t)n);
}

void
buffer_clear(struct buffer *b)
{
	if (b->capacity > KEPT_BYTES)
		buffer_fini(b);
	b->size = 0;
	b->is_failed = false;
}

void
buffer_fini(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){0};
}
