// SPDX-License-Identifier: Apache-2.0
/*
 * json_loadb(3), but refusing where memory was short: jansson's lexer drops a
 * byte that it has no room for and goes on, so that "AAAA" may become "AAA".
 */
#pragma once

#include <jansson.h>

/* The caller's; NULL with *problem, whose text may be "out of memory", unless
 * `problem` is NULL. */
json_t *json_load_whole(const char *text, size_t size, size_t flags,
    json_error_t *problem);
