// SPDX-License-Identifier: Apache-2.0
/* Code in the context of its language, which is made where there is none. */
#include <stdio.h>
#include <string.h>

#include "gateway/http/dialect/mcp/mcp.h"
#include "gateway/http/dialect/native/context.h"
#include "gateway/http/runner/runner.h"

#define TIMEOUT_MS     30000
#define TIMEOUT_MAX_MS ((uint64_t)24 * 3600 * 1000)

static const char *const languages[] = {"python", "node", "bash", NULL};

struct wish {
	const char *code, *context;
	uint32_t language;
	uint64_t timeout_ms;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"code", FIELD_TEXT, WISH(code), 0, CONTEXT_CODE_MAX, "what to run",
	"code of its language"},
    {"language", FIELD_U32, WISH(language),
	.text = "of the code; python where left out", .words = languages},
    {"context", FIELD_NAME, WISH(context), 1, CONTEXT_NAME_SIZE - 1,
	"an interpreter by a name of yours, made where there is none; left "
	"out: the one of the language"},
    {"timeout_ms", FIELD_U64, WISH(timeout_ms), 1, TIMEOUT_MAX_MS,
	"after which it is interrupted; 30000 where left out"},
};
FIELD_TABLE(mcp_code_wish, struct wish, wish_fields);

static void
on_ready(struct exchange *exchange, const struct rpc_process_info *process,
    const struct context_name *name)
{
	const struct wish *wish = exchange_input(exchange);

	(void)process;
	context_run(exchange, &(struct context_run_wish){
	    .context = name->name, .code = wish->code,
	    .begun = mcp_call_runs_code, .written = mcp_call_writes,
	    .timeout_ms = wish->timeout_ms != 0 ? wish->timeout_ms :
		TIMEOUT_MS});
}

void
mcp_run_code(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);

	context_at_hand(exchange, &(struct context_open_wish){.cwd = "",
	    .user = "", .name.runner = runner_find(languages[wish->language])},
	    wish->context, on_ready);
}

/* Pictures are shown as such, and not as text. */
static void
take_picture(json_t *part, const char *name, const char *type, json_t *content)
{
	json_t *data = json_object_get(part, name);

	if (!json_is_string(data))
		return;
	(void)json_array_append_new(
	    content, json_pack("{s:s, s:O, s:s}", "type", "image", "data", data,
			 "mimeType", type));
	(void)json_object_del(part, name);
}

/* What says more than its text does, at length. */
static void
leave_out_data(json_t *part)
{
	static const char *const names[] = {"json", "chart", "data", NULL};

	for (const char *const *name = names; *name != NULL; name++)
		(void)json_object_del(part, *name);
}

static void
cut(json_t *result, const char *name)
{
	const char *text = json_string_value(json_object_get(result, name));
	bool is_cut = false;
	json_t *told = text != NULL ? mcp_text(text, &is_cut) : NULL;

	if (told != NULL)
		(void)json_object_set_new(result, name, told);
	if (is_cut)
		(void)json_object_set(result, "truncated", json_true());
}

void
mcp_show_code(json_t *result, json_t *content)
{
	json_t *parts = json_object_get(result, "results"), *part;
	size_t i;

	cut(result, "stdout");
	cut(result, "stderr");
	cut(result, "result");
	json_array_foreach(parts, i, part)
	{
		take_picture(part, "png", "image/png", content);
		take_picture(part, "jpeg", "image/jpeg", content);
		leave_out_data(part);
	}
	/* The value of the last expression is there as result. */
	if (json_array_size(parts) == 1 &&
	    json_object_size(json_array_get(parts, 0)) <= 2)
		(void)json_object_del(result, "results");
}
