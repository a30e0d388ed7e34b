// SPDX-License-Identifier: Apache-2.0
/*
 * What a sandbox asked for and no rule covers, told to sandboxd for its log:
 * each name once in a while, and so many in it. That sandboxd bounds it once
 * more, as it believes nothing from here.
 */
#pragma once

#include <stdint.h>

#define UNRESOLVED_MAX	  64
#define UNRESOLVED_PERIOD_MS 60000

struct guest;

struct unresolved {
	uint64_t since_ms;
	uint32_t n;
	uint32_t hashes[UNRESOLVED_MAX];
};

/* Tells of a name, as messages have it, unless it was told lately. */
void unresolved_tell(struct guest *guest, const char *name);
