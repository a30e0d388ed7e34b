// SPDX-License-Identifier: Apache-2.0
/* What part of some bytes is wanted, if any (RFC 9110 sections 13 and 14). */
#pragma once

#include <stdint.h>

#include "gateway/http/engine/exchange.h"

/*
 * Of `size` bytes whose entity tag, with its quotes, is etag: the status to
 * answer them with, 200 or 206, having added the headers of that, and which of
 * them. Or 0: nobody wants any, and the exchange has been answered, by 304 or
 * 416.
 */
unsigned int range_choose(struct exchange *exchange, const char *etag,
    uint64_t size, uint64_t *ret_offset, uint64_t *ret_n);
