// SPDX-License-Identifier: Apache-2.0
/*
 * Who goes when there are too many connections that have not logged in: not
 * whoever comes next, or one source that waits in all places would keep
 * everybody out, and with them all who come through the same proxy.
 */
#pragma once

#include "gateway/broker/broker.h"

/*
 * Of the n_startups connections not authenticated, the oldest of the source
 * that has most of them; of several such sources, of the one whose is the
 * oldest. NULL where there is none, or no memory.
 */
struct connection *eviction_find(const struct connections *connections,
    size_t n_startups);
