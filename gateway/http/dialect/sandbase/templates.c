// SPDX-License-Identifier: Apache-2.0
/* What there is to make a sandbox of, and whether one runs. */
#include <errno.h>
#include <string.h>

#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/service/sandboxes.h"
#include "gateway/http/service/templates.h"

#define TIMEOUT_S 300 /* of a create that says none */

struct listing {
	struct exchange *exchange;
	json_t *list;
};

static int
add(void *arg, const struct rpc_template_info *template)
{
	struct listing *listing = arg;

	if (template->id[0] != '\0' && !template->is_current)
		return 0;
	return json_array_append_new(listing->list, json_pack(
	    "{s:s, s:s, s:s, s:i}", "templateID", template->name, "name",
	    template->name, "description", "", "defaultTimeout",
	    TIMEOUT_S)) < 0 ? -ENOMEM : 0;
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;

	if (err == NULL) {
		exchange_reply(listing->exchange, 200, listing->list);
		return;
	}
	json_decref(listing->list);
	exchange_fail_err(listing->exchange, err);
}

void
sandbase_list_templates(struct exchange *exchange)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	const struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	*listing = (struct listing){exchange, json_array()};
	templates_list(exchange_who(exchange), add, on_listed, listing);
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
