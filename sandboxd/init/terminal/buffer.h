// SPDX-License-Identifier: Apache-2.0
/* Bytes that grow up to a maximum; what does not fit is an error that stays. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than one frame of the largest screen takes. */
#define BUFFER_MAX_BYTES (32 * 1024 * 1024)

struct buffer {
	uint8_t *data;
	size_t size, capacity;
	bool is_failed; /* out of memory, or the maximum: bytes are missing */
};

/* Appends; on failure nothing, and is_failed is set until buffer_clear. */
void buffer_add(struct buffer *buffer, const void *data, size_t size);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Forgets the bytes; keeps the memory unless it is much. */
void buffer_clear(struct buffer *buffer);

/* Frees the memory; the buffer is empty then. */
void buffer_fini(struct buffer *buffer);
#define auto_buffer __attribute__((cleanup(buffer_fini)))
