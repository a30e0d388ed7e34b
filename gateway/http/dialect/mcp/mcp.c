// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/mcp/mcp.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/settings/http_conf.h"

#define WORDS_SIZE 256

/* The newest first: what is offered to a client that asks for another. In the
 * last of them there are batches as well, which are refused. */
static const char *const revisions[] = {
    "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};
#define N_REVISIONS (sizeof revisions / sizeof *revisions)

static const char instructions[] =
    "Sandboxes are isolated Linux machines of their own: each has a disk, "
    "limits, and may reach what its egress policy allows. Make one with "
    "sandbox_create and keep its id; run shell commands with sandbox_exec and "
    "code that keeps its variables with sandbox_run_code; move files with "
    "sandbox_read_file and sandbox_write_file. What a command leaves running "
    "goes on. Where the network refuses something, egress_check says which "
    "rule did. Destroy a sandbox with sandbox_destroy when you are done.";

static bool
is_revision(const char *text)
{
	for (size_t i = 0; i < N_REVISIONS; i++)
		if (strcmp(text, revisions[i]) == 0)
			return true;
	return false;
}

const char *
mcp_session(const struct exchange *exchange)
{
	const char *session = exchange_header(exchange, "Mcp-Session-Id");

	return session != NULL ? session : "";
}

void
mcp_reply(struct exchange *exchange, const json_t *id, json_t *result)
{
	exchange_reply(exchange, 200,
	    result != NULL ? json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0",
				 "id", id, "result", result)
			   : NULL);
}

void
mcp_fail(struct exchange *exchange, const json_t *id, enum mcp_error code,
    const char *fmt, ...)
{
	char words[WORDS_SIZE];
	json_t *error;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	error = json_pack("{s:i, s:s}", "code", (int)code, "message", words);
	if (error == NULL) /* cut within a character */
		error = json_pack("{s:i, s:s}", "code", (int)code, "message",
		    "the request is not understood");
	exchange_reply(exchange, 200,
	    error != NULL ? json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id",
				id, "error", error)
			  : NULL);
}

/* What is refused before it is known to be a call. */
static json_t *
failure_to_json(const struct failure *failure)
{
	return json_pack("{s:s, s:n, s:{s:i, s:s, s:{s:s, s:s*, s:s*, s:s*}}}",
	    "jsonrpc", "2.0", "id", "error", "code", (int)MCP_FAILED, "message",
	    failure->message, "data", "code", failure->code, "field",
	    *failure->field != '\0' ? failure->field : NULL, "hint",
	    failure->hint, "request_id", failure->request_id);
}

static void
initialize(struct exchange *exchange, const json_t *id, const json_t *params)
{
	const char *asked =
	    json_string_value(json_object_get(params, "protocolVersion"));
	char session[MCP_SESSION_SIZE];
	uint8_t bytes[(MCP_SESSION_SIZE - 1) / 2];

	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(session, sizeof session, bytes, sizeof bytes);
	exchange_add_header(exchange, "Mcp-Session-Id", "%s", session);
	mcp_reply(exchange, id,
	    json_pack("{s:s, s:{s:{}}, s:{s:s, s:s, s:s}, s:s}",
		"protocolVersion",
		asked != NULL && is_revision(asked) ? asked : revisions[0],
		"capabilities", "tools", "serverInfo", "name", "sandgate",
		"title", "Sandgate", "version", SANDGATE_VERSION,
		"instructions", instructions));
}

/* A message that is answered with nothing. */
static void
take_news(struct exchange *exchange, const char *method, const json_t *params)
{
	const json_t *id = json_object_get(params, "requestId");

	if (method != NULL && strcmp(method, "notifications/cancelled") == 0 &&
	    id != NULL)
		mcp_cancel(exchange, id);
	else
		exchange_reply(exchange, 202, NULL);
}

static void
answer(struct exchange *exchange, const json_t *id, const char *method,
    const json_t *params)
{
	json_t *tools;

	if (strcmp(method, "initialize") == 0) {
		initialize(exchange, id, params);
	} else if (strcmp(method, "ping") == 0) {
		mcp_reply(exchange, id, json_object());
	} else if (strcmp(method, "tools/list") == 0) {
		tools = mcp_list_tools();
		mcp_reply(exchange, id,
		    tools != NULL ? json_pack("{s:o}", "tools", tools) : NULL);
	} else if (strcmp(method, "tools/call") == 0) {
		mcp_call_tool(exchange, id, params);
	} else {
		mcp_fail(exchange, id, MCP_NO_METHOD,
		    "there is no method \"%.100s\"", method);
	}
}

/* Whether a list with commas between has it. */
static bool
lists(const char *list, const char *text)
{
	const size_t n = strlen(text);

	while (*list != '\0') {
		size_t length;

		list += strspn(list, ", \t");
		length = strcspn(list, ", \t");
		if (length == n && n > 0 && strncmp(list, text, n) == 0)
			return true;
		list += length;
	}
	return false;
}

/*
 * A page of somebody's, which has a browser ask what the page itself may not
 * reach; and revisions that nobody here speaks. False: the exchange has been
 * failed.
 */
static bool
check_head(struct exchange *exchange)
{
	const char *origin = exchange_header(exchange, "Origin");
	const char *revision =
	    exchange_header(exchange, "MCP-Protocol-Version");
	struct failure failure;

	if (origin != NULL &&
	    !lists(exchange_conf(exchange)->mcp_origins, origin))
		failure_set(&failure, 403, "permission_denied", NULL,
		    "Origin: \"%.100s\" is not in the operator's "
		    "mcp_origins",
		    origin);
	else if (revision != NULL && !is_revision(revision))
		failure_set(&failure, 400, "invalid_argument", NULL,
		    "MCP-Protocol-Version: \"%.40s\" is not spoken here; "
		    "%s is",
		    revision, revisions[0]);
	else
		return true;
	exchange_fail(exchange, &failure);
	return false;
}

static void
take_message(struct exchange *exchange)
{
	const json_t *message = exchange_object(exchange);
	const json_t *id = json_object_get(message, "id");
	const json_t *named = json_object_get(message, "method");
	const json_t *params = json_object_get(message, "params");
	const char *method = json_string_value(named);
	const char *version =
	    json_string_value(json_object_get(message, "jsonrpc"));

	if (!check_head(exchange))
		return;
	if (version == NULL || strcmp(version, "2.0") != 0 ||
	    (named != NULL && method == NULL) ||
	    (params != NULL && !json_is_object(params)))
		mcp_fail(exchange,
		    json_is_string(id) || json_is_integer(id) ? id
							      : json_null(),
		    MCP_INVALID_REQUEST, "not a message of JSON-RPC 2.0");
	else if (id == NULL || method == NULL)
		take_news(exchange, method, params);
	else if (!json_is_string(id) && !json_is_integer(id))
		mcp_fail(exchange, json_null(), MCP_INVALID_REQUEST,
		    "id: must be a string or a whole number");
	else
		answer(exchange, id, method, params);
}

/* A session is over: so is what it does. */
static void
end_session(struct exchange *exchange)
{
	if (check_head(exchange))
		mcp_cancel(exchange, NULL);
}

/* Nothing is told here that was not asked for: GET is 405. */
static const struct route routes[] = {
    {"POST", "/mcp", take_message, ROUTE_BODY_JSON},
    {"DELETE", "/mcp", end_session},
};

const struct dialect mcp = {.name = "mcp",
    .serves = "the Model Context Protocol's, 2025-11-25: it is /mcp alone",
    .prefixes = {"/mcp"},
    .routes = routes,
    .n_routes = sizeof routes / sizeof *routes,
    .failure_to_json = failure_to_json};
