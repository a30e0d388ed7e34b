// SPDX-License-Identifier: Apache-2.0
/*
 * How many connections may be waiting to authenticate, as sshd's MaxStartups
 * has it: from `begin` on a new one is dropped with a chance of rate %, which
 * rises evenly to certainty at `full`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

struct startups {
	uint32_t begin, rate_percent, full;
};

/* Reads "begin:rate:full". 0, or -EINVAL and what is allowed. */
int startups_parse(const char *text, struct startups *ret, struct err *err);

/* Whether to drop a connection that finds n waiting; `random` is uniform. */
bool startups_should_drop(const struct startups *startups, uint32_t n,
    uint32_t random);
