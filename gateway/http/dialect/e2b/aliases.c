// SPDX-License-Identifier: Apache-2.0
/* Whether there is a template of a name; and what names of them have not. */
#include "gateway/http/dialect/aliases.h"
#include "common/parse.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/service/templates.h"

static void
on_got(void *arg, const struct rpc_template_info *template,
    const struct rpc_template_settings *settings, const struct err *err)
{
	(void)settings;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200,
		    json_pack("{s:s, s:b}", "templateID", template->name,
			"public", 0));
}

void
e2b_find_alias(struct exchange *exchange)
{
	const char *alias = exchange_param(exchange, "alias");
	struct failure failure;
	char room[ALIAS_SIZE];
	const char *name =
	    alias_find(exchange_conf(exchange)->aliases_e2b, alias, room);

	if (name_is_valid(name)) {
		templates_get(exchange_who(exchange), name, on_got, exchange);
		return;
	}
	failure_set(&failure, 404, "not_found", NULL,
	    "there is no template \"%.63s\"", name);
	exchange_fail(exchange, &failure);
}

/* Of a template, whose versions have none: its name leads to the newest. */
void
e2b_refuse_tags(struct exchange *exchange)
{
	struct failure failure;

	failure_set(&failure, 404, "not_found", NULL,
	    "templates have no tags here: a name leads to its newest version");
	exchange_fail(exchange, &failure);
}
