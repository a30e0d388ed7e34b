// SPDX-License-Identifier: Apache-2.0
/* Times as text: Unix milliseconds and RFC 3339 in UTC. */
#pragma once

#include <stdint.h>

#define TIMESTAMP_SIZE 32

/*
 * Writes "2026-01-31T23:59:59.123Z". Times past the year 9999 are written as
 * its last millisecond.
 */
void timestamp_format(uint64_t unix_ms, char ret_text[TIMESTAMP_SIZE]);

/*
 * Reads what timestamp_format writes; the fraction may be absent. 0 and
 * *ret_unix_ms, or -EINVAL for anything else and for times before 1970.
 */
int timestamp_parse(const char *text, uint64_t *ret_unix_ms);
