// SPDX-License-Identifier: Apache-2.0
/* UTF-8 (RFC 3629), of bytes from anywhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest character. */
#define UTF8_MAX 4

/*
 * Looks at the first character of `size` > 0 bytes: > 0, its bytes; 0, they
 * begin one that is not complete; < 0, minus the bytes that are none and are
 * to be replaced by one U+FFFD (Unicode 3.9, maximal subparts).
 */
int utf8_first(const uint8_t *data, size_t size);

/* Whether it is complete characters alone. */
bool utf8_is_whole(const void *data, size_t size);

/* A copy of a text in which what is not UTF-8 is U+FFFD; with three times the
 * room of the text nothing is cut. */
void utf8_copy(char *ret, size_t room, const char *text);
