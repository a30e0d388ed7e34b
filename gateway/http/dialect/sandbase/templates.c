// SPDX-License-Identifier: Apache-2.0
/* What there is to make a sandbox of, and whether one runs. */
#include <string.h>

#include "gateway/http/dialect/aliases.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/listing.h"
#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/dialect/sandbase/sandbase.h"
#include "gateway/http/service/sandboxes.h"
#include "gateway/http/service/templates.h"

#define TIMEOUT_S	300
#define AGENT_TIMEOUT_S 600

/* Those that something thinks in, or somebody looks at. */
static const char *const slow_templates[] = {"claude", "codex", "desktop",
    "hermes-agent", "opencode"};

unsigned
sandbase_timeout_s(const char *template_name)
{
	for (size_t i = 0; i < sizeof slow_templates / sizeof *slow_templates;
	    i++)
		if (strcmp(template_name, slow_templates[i]) == 0)
			return AGENT_TIMEOUT_S;
	return TIMEOUT_S;
}

static int
add(void *arg, const struct rpc_template_info *template)
{
	struct listing *listing = arg;
	char room[ALIAS_SIZE];
	const char *name = alias_of(
	    exchange_conf(listing->exchange)->aliases_sandbase,
	    template->name, room);

	if (template->id[0] != '\0' && !template->is_current)
		return 0;
	return listing_add(arg, json_pack("{s:s, s:s, s:s, s:i}",
	    "templateID", name, "name", name, "description", "",
	    "defaultTimeout", (int)sandbase_timeout_s(name)));
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

struct refresh_wish {
	uint64_t duration_s;
};
static const struct field refresh_fields[] = {
    {"duration", FIELD_SECONDS, offsetof(struct refresh_wish, duration_s), 0,
	TIME_WISH_MAX, "at least so many seconds from now on until it ends; "
	"300 where left out"},
};
FIELD_TABLE(sandbase_refresh_wish, struct refresh_wish, refresh_fields);

static void
on_refreshed(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	(void)sandbox;
	exchange_done(arg, err);
}

void
sandbase_refresh(struct exchange *exchange)
{
	const struct refresh_wish *wish = exchange_input(exchange);
	const uint64_t duration_s = wish->duration_s;

	sandboxes_refresh(exchange_who(exchange),
	    exchange_param(exchange, "id"), duration_s == 0 ? TIMEOUT_S :
	    duration_s == FIELD_NEVER ? RPC_NEVER : duration_s, on_refreshed,
	    exchange);
}
