// SPDX-License-Identifier: Apache-2.0
/*
 * An array that an answer has, of what a service tells of one by one: its `arg`
 * is the listing. In the exchange's memory.
 */
#pragma once

#include <jansson.h>

#include "common/err.h"

struct exchange;

struct listing {
	struct exchange *exchange;
	json_t *list; /* owned until listing_end */
};

/* An empty one; NULL: the exchange has been failed. */
struct listing *listing_begin(struct exchange *exchange);

/* Takes over an item (NULL: out of memory). 0 or -ENOMEM, as `each` of services
 * returns them. */
int listing_add(struct listing *listing, json_t *item);

/* There are no more: the array, the caller's. NULL: the exchange has been
 * failed with err, and there is none. */
json_t *listing_end(struct listing *listing, const struct err *err);
