// SPDX-License-Identifier: Apache-2.0
/*
 * How fast a link may be sent on: a token bucket with a queue before it
 * (tc-tbf(8)), so that who sends is slowed down, and TCP loses nothing. A link
 * without one has no queue and costs nothing.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"

/* What may go at once: an eighth of a second's worth, and what may wait: a
 * quarter of one; not less than these. */
#define SHAPE_BURST_MIN_BYTES (16u * 1024)
#define SHAPE_QUEUE_MIN_BYTES (128u * 1024)
#define SHAPE_QUEUE_MAX_BYTES (16u * 1024 * 1024)

/* Bytes that may go at once at so many bytes a second. */
uint32_t shape_burst_bytes(uint64_t bytes_per_second);

/*
 * Has the link of this name, in the caller's network namespace, send at most so
 * many bytes a second, headers and all. One message of netlink: what waits goes
 * on waiting.
 */
int shape_link(const char *link, uint64_t bytes_per_second, struct err *err);

/* Lets it send as fast as it can; what waits is lost. A link that may already
 * is no error. */
int shape_none(const char *link, struct err *err);
