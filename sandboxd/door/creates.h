// SPDX-License-Identifier: Apache-2.0
/* How many sandboxes each organisation has asked for lately; forgotten when
 * sandboxd ends. */
#pragma once

#include <stdint.h>

#include "common/err.h"

#define CREATES_WINDOW_MS 60000

/* All organisations' in one window; who comes then waits for the oldest. */
#define CREATES_MAX 16384

struct creates;

/*
 * Counts one more at this time, which never goes back, unless the organisation
 * has had `most` (0 = no limit) within the window: then -EDQUOT with the limit,
 * its value, what is taken of it, whose it is and when it goes on. *creates,
 * NULL at first, is made where it is missing; creates_free.
 */
int creates_take(struct creates **creates, const char *org, uint64_t most,
    uint64_t now_ms, struct err *err);
/* What an organisation has had within the window; NULL: nobody has. */
uint64_t creates_count(struct creates *creates, const char *org,
    uint64_t now_ms);
void creates_free(struct creates *creates);
