// SPDX-License-Identifier: Apache-2.0
/* Calls of tools, from what is asked to what is told of it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/utf8.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/mcp/mcp.h"
#include "gateway/http/dialect/mcp/progress.h"
#include "gateway/http/engine/field_schema.h"
#include "gateway/http/service/processes.h"

#define SESSION_MAX 128
#define SANDBOX_ID  "sandbox_id"

/* One that is under way. */
struct call {
	LIST_ENTRY(call) link;
	struct exchange *exchange;
	const struct mcp_tool *tool;
	json_t *id, *arguments; /* owned */
	char session[SESSION_MAX];
	uint32_t process; /* 0 = nothing to end */
	bool is_code, is_cancelled;
	struct mcp_progress progress;
};
static LIST_HEAD(, call) calls = LIST_HEAD_INITIALIZER(calls);

/* What was cancelled and is not under way: each comes on a connection of its
 * own, so that the one may overtake the other. The last of them; "" = none. */
#define EARLY_MAX 64
#define KEY_SIZE  512
static char early[EARLY_MAX][KEY_SIZE];
static unsigned int n_early;

/* What its structuredContent is, where it does not fail. */
static json_t *
told_schema(const struct mcp_tool *tool)
{
	json_t *schema = tool->told != NULL ? field_schema_told(tool->told)
					    : json_pack("{s:s, s:{}}", "type",
						  "object", "properties");
	json_t *more;
	char *text = NULL;

	if (asprintf(&text, "{%s}", tool->told_more != NULL ? tool->told_more
							    : "") < 0)
		text = NULL;
	more = text != NULL ? json_loads(text, 0, NULL) : NULL;
	(void)json_object_update(json_object_get(schema, "properties"), more);
	json_decref(more);
	free(text);
	return schema;
}

static json_t *
list_tool(const struct mcp_tool *tool)
{
	json_t *schema = field_schema(tool->route.input, tool->fields);
	json_t *required = json_object_get(schema, "required");

	if (tool->has_sandbox) {
		(void)json_object_set_new(json_object_get(schema, "properties"),
		    SANDBOX_ID,
		    json_pack("{s:s, s:s}", "type", "string", "description",
			"of a sandbox: sb_..."));
		(void)json_array_insert_new(
		    required, 0, json_string(SANDBOX_ID));
	}
	return json_pack(
	    "{s:s, s:s, s:s, s:o, s:o, s:{s:s, s:b, s:b, s:b, s:b}}", "name",
	    tool->name, "title", tool->title, "description", tool->text,
	    "inputSchema", schema, "outputSchema", told_schema(tool),
	    "annotations", "title", tool->title,
	    "readOnlyHint", (tool->hints & MCP_READS) != 0, "destructiveHint",
	    (tool->hints & MCP_DESTROYS) != 0, "idempotentHint",
	    (tool->hints & MCP_IDEMPOTENT) != 0, "openWorldHint",
	    (tool->hints & MCP_OPEN_WORLD) != 0);
}

json_t *
mcp_list_tools(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n_mcp_tools; i++)
		if (json_array_append_new(list, list_tool(&mcp_tools[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

json_t *
mcp_text(const char *text, bool *is_cut)
{
	size_t n = strlen(text);

	if (n > MCP_TEXT_MAX) {
		*is_cut = true;
		n = MCP_TEXT_MAX;
		while (n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80)
			n--;
	}
	return json_stringn(text, n);
}

/* A failure, as failure_to_json has it, in words for who called. */
static json_t *
say_failure(const json_t *body)
{
	const json_t *error = json_object_get(body, "error");
	const json_t *data = json_object_get(error, "data");
	const char *words =
	    json_string_value(json_object_get(error, "message"));
	const char *hint = json_string_value(json_object_get(data, "hint"));
	char text[2 * FAILURE_TEXT_SIZE];

	snprintf(text, sizeof text, "%s%s%s",
	    words != NULL ? words : "it failed", hint != NULL ? "; " : "",
	    hint != NULL ? hint : "");
	return json_pack("{s:[{s:s, s:s}], s:O?, s:b}", "content", "type",
	    "text", "text", text, "structuredContent", error, "isError", 1);
}

/* The object as it is, and as text for those who read nothing else. */
static json_t *
say_result(const struct mcp_tool *tool, json_t *body)
{
	json_t *content = json_array(), *result;
	char *text;

	if (tool->show != NULL)
		tool->show(body, content);
	text = json_dumps(body, JSON_COMPACT);
	if (text != NULL)
		(void)json_array_insert_new(content, 0,
		    json_pack("{s:s, s:s}", "type", "text", "text", text));
	free(text);
	result = json_pack("{s:o, s:O, s:b}", "content", content,
	    "structuredContent", body, "isError", 0);
	return result;
}

/* Whatever answered: an answer of JSON-RPC; or none to who wants none. */
static void
adapt(void *arg, unsigned int *status, json_t **body)
{
	const struct call *call = arg;
	json_t *said = *body, *result;

	if (call->is_cancelled) {
		json_decref(said);
		*status = 202;
		*body = NULL;
		return;
	}
	if (said == NULL)
		said = json_pack("{s:b}", "ok", 1);
	result =
	    *status >= 400 ? say_failure(said) : say_result(call->tool, said);
	json_decref(said);
	*status = 200;
	*body = json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", call->id,
	    "result", result);
}

static void
on_gone(void *arg)
{
	struct call *call = arg;

	LIST_REMOVE(call, link);
	mcp_progress_end(&call->progress);
	json_decref(call->id);
	json_decref(call->arguments);
	free(call);
}

static const struct mcp_tool *
find_tool(const char *name)
{
	for (size_t i = 0; name != NULL && i < n_mcp_tools; i++)
		if (strcmp(mcp_tools[i].name, name) == 0)
			return &mcp_tools[i];
	return NULL;
}

/* Arguments as the tool's table reads them; the sandbox is none of those. */
static int
read_arguments(
    struct call *call, char sandbox[ROUTE_PARAM_SIZE], struct failure *failure)
{
	const struct mcp_tool *tool = call->tool;
	const char *id =
	    json_string_value(json_object_get(call->arguments, SANDBOX_ID));
	const char *name;
	const json_t *value;

	sandbox[0] = '\0';
	if (tool->has_sandbox) {
		if (id == NULL || *id == '\0' || strlen(id) >= ROUTE_PARAM_SIZE)
			return failure_of_field(failure, SANDBOX_ID,
			    "must be "
			    "given, the id of a sandbox, such as sandbox_list "
			    "tells");
		snprintf(sandbox, ROUTE_PARAM_SIZE, "%s", id);
		(void)json_object_del(call->arguments, SANDBOX_ID);
	}
	json_object_foreach(call->arguments, name,
	    value) if (!field_is_named(tool->fields, name) ||
		       !field_has(tool->route.input, name))
	{
		char shown[61];

		utf8_copy(shown, sizeof shown, name);
		return failure_of_field(
		    failure, shown, "no such argument of %s", tool->name);
	}
	return 0;
}

static struct call *
new_call(struct exchange *exchange, const struct mcp_tool *tool,
    const json_t *id, const json_t *arguments)
{
	struct call *call = calloc(1, sizeof *call);

	if (call == NULL)
		return NULL;
	call->exchange = exchange;
	call->tool = tool;
	call->id = json_copy((json_t *)(uintptr_t)id);
	call->arguments = arguments != NULL
			      ? json_copy((json_t *)(uintptr_t)arguments)
			      : json_object();
	snprintf(
	    call->session, sizeof call->session, "%s", mcp_session(exchange));
	LIST_INSERT_HEAD(&calls, call, link);
	return call;
}

/* Whose call of which number. False: too long to be kept. */
static bool
make_key(const struct exchange *exchange, const json_t *id, char ret[KEY_SIZE])
{
	const struct identity *who = exchange_who(exchange);
	char *number = json_dumps(id, JSON_ENCODE_ANY | JSON_COMPACT);
	int n = snprintf(ret, KEY_SIZE, "%s\n%s\n%s\n%s", identity_org(who),
	    identity_user(who), mcp_session(exchange),
	    number != NULL ? number : "");
	bool is_whole = number != NULL && n < KEY_SIZE;

	free(number);
	return is_whole && *mcp_session(exchange) != '\0';
}

/* Whether its cancellation came before it, which is forgotten then. */
static bool
was_cancelled(const struct exchange *exchange, const json_t *id)
{
	char key[KEY_SIZE];

	if (!make_key(exchange, id, key))
		return false;
	for (size_t i = 0; i < EARLY_MAX; i++)
		if (strcmp(early[i], key) == 0) {
			early[i][0] = '\0';
			return true;
		}
	return false;
}

void
mcp_call_tool(struct exchange *exchange, const json_t *id, const json_t *params)
{
	const char *name = json_string_value(json_object_get(params, "name"));
	const json_t *arguments = json_object_get(params, "arguments");
	const struct mcp_tool *tool = find_tool(name);
	const struct err none = {ENOMEM, "out of memory"};
	struct failure failure;
	char sandbox[ROUTE_PARAM_SIZE];
	struct call *call;

	if (tool == NULL || (arguments != NULL && !json_is_object(arguments))) {
		mcp_fail(exchange, id, MCP_INVALID_PARAMS,
		    tool == NULL ? "there is no tool \"%.60s\""
				 : "%.60s: the arguments are "
				   "not an object",
		    name != NULL ? name : "");
		return;
	}
	call = new_call(exchange, tool, id, arguments);
	if (call == NULL) {
		exchange_fail_err(exchange, &none);
		return;
	}
	exchange_set_adapter(
	    exchange, &(struct exchange_adapter){adapt, on_gone, call});
	mcp_progress_begin(&call->progress, exchange, tool->name, params);
	call->is_cancelled = was_cancelled(exchange, id);
	if (call->is_cancelled)
		exchange_reply(exchange, 202, NULL);
	else if (read_arguments(call, sandbox, &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		exchange_go_on_by(
		    exchange, &tool->route, call->arguments, sandbox);
}

/* It ends by itself once this has; where this fails nobody can help. */
static void
on_ended(void *arg, const struct err *err)
{
	(void)arg;
	(void)err;
}

static void
end_process(struct call *call)
{
	struct identity *who = exchange_who(call->exchange);
	const char *sandbox = exchange_param(call->exchange, "id");

	if (call->is_code)
		processes_signal(
		    who, sandbox, call->process, SIGINT, on_ended, NULL);
	else
		processes_kill(who, sandbox, call->process, on_ended, NULL);
}

/* One that was cancelled before it began ends now. */
static void
run(struct exchange *exchange, uint32_t process, bool is_code)
{
	struct call *call = exchange_adapter_arg(exchange);

	call->process = process;
	call->is_code = is_code;
	if (call->is_cancelled)
		end_process(call);
}

void
mcp_call_runs(struct exchange *exchange, uint32_t process)
{
	run(exchange, process, false);
}

void
mcp_call_runs_code(struct exchange *exchange, uint32_t process)
{
	run(exchange, process, true);
}

void
mcp_call_writes(struct exchange *exchange, const void *data, size_t size)
{
	struct call *call = exchange_adapter_arg(exchange);

	mcp_progress_add(&call->progress, data, size);
}

static void
end(struct call *call)
{
	call->is_cancelled = true;
	if (call->process != 0)
		end_process(call);
}

static bool
is_of(
    const struct call *call, const struct exchange *exchange, const json_t *id)
{
	const struct identity *mine = exchange_who(exchange);
	const struct identity *whose = exchange_who(call->exchange);

	return *call->session != '\0' &&
	       strcmp(call->session, mcp_session(exchange)) == 0 &&
	       strcmp(identity_org(mine), identity_org(whose)) == 0 &&
	       strcmp(identity_user(mine), identity_user(whose)) == 0 &&
	       (id == NULL || json_equal(call->id, id));
}

void
mcp_cancel(struct exchange *exchange, const json_t *id)
{
	struct call *call;
	bool is_found = false;

	LIST_FOREACH(call, &calls, link)
	if (is_of(call, exchange, id)) {
		is_found = true;
		if (!call->is_cancelled)
			end(call);
	}
	if (!is_found && id != NULL &&
	    make_key(exchange, id, early[n_early % EARLY_MAX]))
		n_early++;
	else if (!is_found && id != NULL)
		early[n_early % EARLY_MAX][0] = '\0';
	exchange_reply(exchange, id != NULL ? 202 : 204, NULL);
}
