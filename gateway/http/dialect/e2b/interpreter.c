// SPDX-License-Identifier: Apache-2.0
/* What @e2b/code-interpreter asks for: code that runs in a context, as lines of
 * JSON, and contexts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/json_load.h"
#include "gateway/http/dialect/e2b/answer.h"
#include "gateway/http/dialect/native/context.h"
#include "gateway/http/runner/runner.h"
#include "gateway/http/service/processes.h"

#define HOME_TEXT "" /* what a context that was not told has */

/* What clients call languages, and whose contexts they are. */
static const struct {
	const char *name, *language;
} languages[] = {
    {"python", "python"},
    {"python3", "python"},
    {"javascript", "node"},
    {"js", "node"},
    {"node", "node"},
    {"bash", "bash"},
};

struct execute_wish {
	const char *code, *context, *language;
	struct field_variables env;
};
#define EXECUTE(field) offsetof(struct execute_wish, field)
static const struct field execute_fields[] = {
    {"code", FIELD_TEXT, EXECUTE(code), 0, CONTEXT_CODE_MAX, "what to run",
	"code of its language"},
    {"context_id", FIELD_NAME, EXECUTE(context), 1, CONTEXT_NAME_SIZE - 1,
	"where; left out: in the one of its language"},
    {"language", FIELD_STRING, EXECUTE(language), 1, 32,
	"python where left out"},
    {"env_vars", FIELD_VARIABLES, EXECUTE(env), 0, 0,
	"for this run alone, 2 KiB each at most"},
};
FIELD_TABLE(e2b_execute_wish, struct execute_wish, execute_fields);

struct context_wish {
	const char *language, *cwd;
};
static const struct field context_fields[] = {
    {"language", FIELD_STRING, offsetof(struct context_wish, language), 1,
	32, "python where left out"},
    {"cwd", FIELD_STRING, offsetof(struct context_wish, cwd), 0, 4095,
	"where; left out: the user's home"},
};
FIELD_TABLE(e2b_context_wish, struct context_wish, context_fields);

/* NULL: the exchange has been failed. */
static const struct runner *
find_runner(struct exchange *exchange, const char *language)
{
	struct failure failure;

	for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
		if (strcmp(language != NULL ? language : "python",
		    languages[i].name) == 0)
			return runner_find(languages[i].language);
	failure_of_field(&failure, "language", "must be python, javascript "
	    "or bash");
	exchange_fail(exchange, &failure);
	return NULL;
}

static const char *
member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static json_t *
say_bytes(const json_t *event)
{
	const json_t *text = json_object_get(event, "text");

	/* What is no text is passed on as it is: base64. */
	return json_pack("{s:s, s:O}", "type", member(event, "stream"), "text",
	    text != NULL ? text : json_object_get(event, "base64"));
}

/* Theirs is without the quotes of what is a text. */
static void
unquote(json_t *said)
{
	const json_t *value = json_object_get(said, "text");
	const char *text = json_string_value(value);
	const size_t n = json_string_length(value);

	if (n >= 2 && text[0] == text[n - 1] &&
	    (text[0] == '\'' || text[0] == '"'))
		(void)json_object_set_new(said, "text",
		    json_stringn(text + 1, n - 2));
}

/* The forms of a result have the same names; JSON is told as what it says. What
 * changes one that was shown is nothing to their clients. */
static json_t *
say_result(const json_t *event)
{
	json_t *said = json_copy((json_t *)(uintptr_t)event), *json;
	const char *text = member(event, "json");

	if (said == NULL || json_is_true(json_object_get(said, "is_update"))) {
		json_decref(said);
		return NULL;
	}
	(void)json_object_del(said, "is_update");
	(void)json_object_del(said, "display_id");
	unquote(said);
	json = *text != '\0' ? json_load_whole(text, strlen(text),
	    JSON_DECODE_ANY, NULL) : NULL;
	if (json != NULL)
		(void)json_object_set_new(said, "json", json);
	(void)json_object_del(said, "event");
	(void)json_object_set(said, "is_main_result",
	    json_is_true(json_object_get(said, "is_main")) ? json_true() :
	    json_false());
	(void)json_object_del(said, "is_main");
	(void)json_object_set_new(said, "type", json_string("result"));
	return said;
}

static json_t *
translate(json_t *event)
{
	const char *kind = member(event, "event");
	json_t *said = NULL;

	if (strcmp(kind, "start") == 0 &&
	    json_integer_value(json_object_get(event, "number")) > 0)
		said = json_pack("{s:s, s:O}", "type", "number_of_executions",
		    "execution_count", json_object_get(event, "number"));
	else if (strcmp(kind, "bytes") == 0)
		said = say_bytes(event);
	else if (strcmp(kind, "result") == 0)
		said = say_result(event);
	else if (strcmp(kind, "failure") == 0)
		said = json_pack("{s:s, s:s, s:s, s:s}", "type", "error",
		    "name", member(event, "name"), "value",
		    member(event, "value"), "traceback",
		    member(event, "traceback"));
	else if (strcmp(kind, "end") == 0)
		said = json_pack("{s:s}", "type", "end_of_execution");
	json_decref(event);
	return said;
}

static void
run_in(struct exchange *exchange, const char *context)
{
	const struct execute_wish *wish = exchange_input(exchange);

	context_run(exchange, &(struct context_run_wish){.context = context,
	    .code = wish->code, .env = &wish->env, .is_stream = true,
	    .is_interrupted = true,
	    .translate = translate});
}

static void
on_default_ready(struct exchange *exchange,
    const struct rpc_process_info *process, const struct context_name *name)
{
	(void)process;
	run_in(exchange, name->name);
}

static bool
has_long(const struct field_variables *env)
{
	const char *at = env->data;

	for (uint32_t i = 0; i < env->count; i++) {
		size_t n = strlen(at);

		if (n > CONTEXT_VARIABLE_MAX)
			return true;
		at += n + 1;
	}
	return false;
}

void
e2b_execute(struct exchange *exchange)
{
	const struct execute_wish *wish = exchange_input(exchange);
	struct context_open_wish open = {.cwd = HOME_TEXT, .user = ""};
	struct failure failure;

	if (has_long(&wish->env)) {
		failure_of_field(&failure, "env_vars", "each must have at "
		    "most %d bytes, its name among them",
		    CONTEXT_VARIABLE_MAX);
		exchange_fail(exchange, &failure);
	} else if (wish->context[0] != '\0') {
		run_in(exchange, wish->context);
	} else if ((open.name.runner = find_runner(exchange,
	    wish->language)) != NULL) {
		context_at_hand(exchange, &open, "", on_default_ready);
	}
}

static json_t *
print(const struct context_name *name, const char *cwd)
{
	return json_pack("{s:s, s:s, s:s}", "id", name->name, "language",
	    strcmp(name->runner->language, "node") == 0 ? "javascript" :
	    name->runner->language, "cwd", cwd);
}

static void
on_made(struct exchange *exchange, const struct rpc_process_info *process,
    const struct context_name *name)
{
	const struct context_wish *wish = exchange_input(exchange);

	(void)process;
	exchange_reply(exchange, 200, print(name, wish->cwd != NULL ?
	    wish->cwd : HOME_TEXT));
}

void
e2b_create_context(struct exchange *exchange)
{
	const struct context_wish *wish = exchange_input(exchange);
	struct context_open_wish open = {.user = "",
	    .cwd = wish->cwd != NULL ? wish->cwd : HOME_TEXT};

	open.name.runner = find_runner(exchange, wish->language);
	if (open.name.runner == NULL)
		return;
	context_new_name(open.name.name);
	context_open(exchange, &open, on_made);
}

static void
on_list(void *arg, struct rpc_bytes list, const struct err *err)
{
	struct rpc_process_info info;
	struct context_name name;
	json_t *contexts;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	contexts = json_array();
	while (rpc_list_next(&rpc_layout_process_info, &list, &info))
		if (info.ended_ms == 0 && context_of_tag(info.tag, &name))
			(void)json_array_append_new(contexts, print(&name,
			    HOME_TEXT));
	exchange_reply(arg, 200, contexts);
}

void
e2b_list_contexts(struct exchange *exchange)
{
	processes_list(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_list, exchange);
}

static void
on_begun_anew(struct exchange *exchange,
    const struct rpc_process_info *process, const struct context_name *name)
{
	(void)process;
	(void)name;
	exchange_reply(exchange, 204, NULL);
}

void
e2b_restart_context(struct exchange *exchange)
{
	context_restart(exchange, on_begun_anew);
}
