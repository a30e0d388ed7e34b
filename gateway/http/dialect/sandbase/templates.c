// SPDX-License-Identifier: Apache-2.0
/* What there is to make a sandbox of, and whether one runs. */
#include <string.h>

#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/listing.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/service/sandboxes.h"
#include "gateway/http/service/templates.h"

#define TIMEOUT_S 300 /* of a create that says none */

static int
add(void *arg, const struct rpc_template_info *template)
{
	if (template->id[0] != '\0' && !template->is_current)
		return 0;
	return listing_add(arg, json_pack("{s:s, s:s, s:s, s:i}",
	    "templateID", template->name, "name", template->name,
	    "description", "", "defaultTimeout", TIMEOUT_S));
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;
	json_t *list = listing_end(listing, err);

	if (list != NULL)
		exchange_reply(listing->exchange, 200, list);
}

void
sandbase_list_templates(struct exchange *exchange)
{
	struct listing *listing = listing_begin(exchange);

	if (listing != NULL)
		templates_list(exchange_who(exchange), add, on_listed,
		    listing);
}

static void
on_got(void *arg, const struct sandboxes_view *sandbox, const struct err *err)
{
	struct failure failure;

	if (err != NULL) {
		exchange_fail_err(arg, err);
	} else if (!e2b_is_running(&sandbox->info)) {
		failure_set(&failure, 502, "conflict", NULL, "it is %s",
		    sandbox->info.state);
		exchange_fail(arg, &failure);
	} else {
		exchange_reply(arg, 204, NULL);
	}
}

void
sandbase_get_health(struct exchange *exchange)
{
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_got, exchange);
}
