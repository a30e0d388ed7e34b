// SPDX-License-Identifier: Apache-2.0
/* The warm pool, by templates. */
#include <stddef.h>

#include "gateway/http/dialect/listing.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/pool.h"

#define WANTED_MAX 1024 /* docs/POOL.md */

#define ROW(field) offsetof(struct rpc_pool_row, field)

/* As rpc.def numbers them. */
static const char *const sources[] = {"nobody", "configuration", "template",
    "operator", NULL};

static const struct field fields[] = {
    {"template", FIELD_STRING, ROW(template_name),
	.text = "of which they are made"},
    {"size", FIELD_U32, ROW(wanted), .text = "how many are to wait"},
    {"set_by", FIELD_U32, ROW(source), .text = "who says so",
	.words = sources},
    {"waiting", FIELD_U32, ROW(waiting),
	.text = "how many do, each for a create to take"},
    {"making", FIELD_U32, ROW(making), .text = "how many are being made"},
    {"claimed", FIELD_U64, ROW(claimed),
	.text = "creates that took one, since sandboxd began"},
    {"missed", FIELD_U64, ROW(missed),
	.text = "creates that would have, and found none"},
};
FIELD_TABLE(native_pool, struct rpc_pool_row, fields);

struct wish {
	uint32_t size;
};

static const struct field wish_fields[] = {
    {"size", FIELD_U32, offsetof(struct wish, size), 0, WANTED_MAX,
	"how many are to wait; 0: those that do go", "8"},
};
FIELD_TABLE(native_pool_wish, struct wish, wish_fields);

static void
on_rows(void *arg, struct rpc_bytes rows, const struct err *err)
{
	struct listing *listing = arg;
	struct rpc_pool_row row;
	json_t *list;

	while (err == NULL && rpc_list_next(&rpc_layout_pool_row, &rows,
	    &row))
		if (listing_add(listing, field_print(&native_pool, &row)) < 0)
			break;
	list = listing_end(listing, err);
	if (list != NULL)
		exchange_reply(listing->exchange, 200, json_pack("{s:o}",
		    "templates", list));
}

void
native_list_pool(struct exchange *exchange)
{
	struct listing *listing = listing_begin(exchange);

	if (listing != NULL)
		pool_list(exchange_who(exchange), on_rows, listing);
}

void
native_set_pool(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	const struct rpc_pool_set_req request = {
	    .template_name = exchange_param(exchange, "name"),
	    .wanted = wish->size};

	pool_set(exchange_who(exchange), &request, exchange_done, exchange);
}

void
native_reset_pool(struct exchange *exchange)
{
	const struct rpc_pool_set_req request = {
	    .template_name = exchange_param(exchange, "name"),
	    .is_reset = 1};

	pool_set(exchange_who(exchange), &request, exchange_done, exchange);
}
