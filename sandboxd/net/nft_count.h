// SPDX-License-Identifier: Apache-2.0
/* Reading counters of rules. */
#pragma once

#include <stdint.h>

#include "common/err.h"

/*
 * The counter of a chain's first rule that has one, in the caller's network
 * namespace; zeroes where there is no such chain.
 */
int nft_count(const char *table, const char *chain, uint64_t *ret_packets,
    uint64_t *ret_bytes, struct err *err);
