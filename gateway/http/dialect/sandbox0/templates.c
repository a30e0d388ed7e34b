// SPDX-License-Identifier: Apache-2.0
/* What sandboxes are claimed from, and what is made of one. */
#include "gateway/http/dialect/sandbox0/more.h"

#include <errno.h>
#include <string.h>

#include "common/fd.h"
#include "gateway/http/dialect/listing.h"
#include "gateway/http/service/templates.h"

#define SETTINGS_MAX 512 /* bytes of settings that say nothing */

struct overrides {
	const char *description, *display;
	struct rpc_strv tags;
	char *pool;
};
static const struct field override_fields[] = {
    {"description", FIELD_STRING, offsetof(struct overrides, description), 0,
	1023, "kept as its log"},
    {"displayName", FIELD_STRING, offsetof(struct overrides, display), 0,
	255, "not kept"},
    {"tags", FIELD_STRINGS, offsetof(struct overrides, tags), 0, 64,
	"not kept"},
    {"pool", FIELD_JSON, offsetof(struct overrides, pool), 0, 1024,
	"the operator's to set"},
};
static FIELD_TABLE(sandbox0_overrides, struct overrides, override_fields);

struct wish {
	const char *name, *sandbox;
	struct field_objects overrides;
};
static const struct field wish_fields[] = {
    {"template_id", FIELD_NAME, offsetof(struct wish, name), 1, 63,
	"what claims call it", "a name"},
    {"sandbox_id", FIELD_STRING, offsetof(struct wish, sandbox), 1, 31,
	"what is on its disk is the template", "a sandbox's id"},
    {"spec_overrides", FIELD_OBJECT, offsetof(struct wish, overrides),
	.text = "about it", .table = &sandbox0_overrides},
};
FIELD_TABLE(sandbox0_template_wish, struct wish, wish_fields);

static json_t *
print(const struct exchange *exchange,
    const struct rpc_template_info *template)
{
	char room[ALIAS_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s, s:{}, s:{s:I, s:{s:s, s:s}}, "
	    "s:o, s:o}", "template_id", sandbox0_template_told(exchange,
	    template->name, room), "scope", template->org[0] != '\0' ?
	    "team" : "public", "team_id", template->org, "user_id",
	    template->owner, "spec", "status", "activeCount",
	    (json_int_t)template->sandboxes, "creation", "state", "ready",
	    "stage", "reconciling", "created_at",
	    sandbox0_time(template->created_ms), "updated_at",
	    sandbox0_time(template->created_ms));
}

static int
add(void *arg, const struct rpc_template_info *template)
{
	struct listing *listing = arg;

	if (template->id[0] != '\0' && !template->is_current)
		return 0;
	return listing_add(listing, print(listing->exchange, template));
}

static void
on_listed(void *arg, const struct err *err)
{
	struct listing *listing = arg;
	json_t *list = listing_end(listing, err);

	if (list != NULL)
		sandbox0_reply(listing->exchange, 200, json_pack("{s:o, s:I}",
		    "templates", list, "count",
		    (json_int_t)json_array_size(list)));
}

void
sandbox0_list_templates(struct exchange *exchange)
{
	struct listing *listing = listing_begin(exchange);

	if (listing != NULL)
		templates_list(exchange_who(exchange), add, on_listed,
		    listing);
}

static void
on_got(void *arg, const struct rpc_template_info *template,
    const struct rpc_template_settings *settings, const struct err *err)
{
	(void)settings;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, print(arg, template));
}

void
sandbox0_get_template(struct exchange *exchange)
{
	char room[ALIAS_SIZE];

	templates_get(exchange_who(exchange), sandbox0_template(exchange,
	    exchange_param(exchange, "template"), room), on_got, exchange);
}

static void
on_published(void *arg, const struct rpc_template_info *template,
    const struct rpc_template_settings *settings, const struct err *err)
{
	(void)settings;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 202, print(arg, template));
}

void
sandbox0_publish_template(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	const struct overrides *overrides = wish->overrides.items;
	const char *log = overrides != NULL && overrides->description !=
	    NULL ? overrides->description : "";
	const struct rpc_template_settings settings = {.user = "",
	    .workdir = ""};
	struct rpc_template_publish_req request = {
	    .sandbox_id = wish->sandbox, .name = wish->name,
	    .log = {(const uint8_t *)log, (uint32_t)strlen(log)}};
	const struct err err = {EINVAL, "the settings are too long"};
	uint8_t buffer[SETTINGS_MAX];
	ptrdiff_t n = rpc_encode(&rpc_layout_template_settings, &settings,
	    buffer, sizeof buffer);

	request.settings = (struct rpc_bytes){buffer, (uint32_t)n};
	if (n < 0)
		exchange_fail_err(exchange, &err);
	else
		templates_publish(exchange_who(exchange), &request,
		    on_published, exchange);
}

void
sandbox0_refuse_template(struct exchange *exchange)
{
	struct failure failure;

	failure_set(&failure, 400, "invalid_argument", NULL, "templates are "
	    "not made of a spec here, but from a sandbox: POST "
	    "/api/v1/templates/from-sandbox");
	exchange_fail(exchange, &failure);
}

static void
on_removed(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply_message(arg, "template deleted");
}

void
sandbox0_remove_template(struct exchange *exchange)
{
	templates_remove(exchange_who(exchange), exchange_param(exchange,
	    "template"), on_removed, exchange);
}
