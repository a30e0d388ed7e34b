// SPDX-License-Identifier: Apache-2.0
/*
 * Text of a stranger as it may be shown on a terminal: what would move the
 * cursor, be taken as a command or turn the order of what is around it is
 * printed as an escape.
 */
#pragma once

#include <stddef.h>

/* The longest character or escape, with its NUL. */
#define PLAIN_SIZE 16

/*
 * What to show of the first character of `size` > 0 bytes: itself, or "\x1b"
 * for control characters (of one byte or two, as U+009B) and for what is no
 * UTF-8, "\u202e" for those that turn or break lines. Returns the bytes it
 * took.
 */
size_t plain_first(const char *text, size_t size, char shown[PLAIN_SIZE]);

/* Copies a text so, ended, and cut where `to` has no room for a whole one. */
void plain_copy(char *to, size_t to_size, const char *text);
