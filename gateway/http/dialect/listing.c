// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/listing.h"

#include <errno.h>

#include "gateway/http/engine/exchange.h"

struct listing *
listing_begin(struct exchange *exchange)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	const struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL)
		exchange_fail_err(exchange, &err);
	else
		*listing = (struct listing){exchange, json_array()};
	return listing;
}

int
listing_add(struct listing *listing, json_t *item)
{
	return json_array_append_new(listing->list, item) < 0 ? -ENOMEM : 0;
}

json_t *
listing_end(struct listing *listing, const struct err *err)
{
	if (err == NULL)
		return listing->list;
	json_decref(listing->list);
	exchange_fail_err(listing->exchange, err);
	return NULL;
}
