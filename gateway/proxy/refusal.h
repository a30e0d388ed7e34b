// SPDX-License-Identifier: Apache-2.0
/* What a client is told where we answer ourselves: one line of plain text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define REFUSAL_SIZE 2048

/* Writes a whole answer, after which the connection is closed where
 * is_closing; its size. `more` is header lines of ours, or "". */
size_t refusal_make(int status, const char *words, const char *more,
    bool is_head, bool is_closing, char ret[REFUSAL_SIZE]);
