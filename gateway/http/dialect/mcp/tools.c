// SPDX-License-Identifier: Apache-2.0
/* What a client of the Model Context Protocol can call: a row each. */
#include "gateway/http/dialect/mcp/mcp.h"
#include "gateway/http/dialect/native/native.h"

/* The words that say a thing best, of tables that have several for it. */
static const char *const create_fields[] = {"template", "snapshot", "name",
    "size", "memory", "cpus", "disk", "ttl", "idle_timeout", "on_expiry", "env",
    "metadata", "egress", NULL};
static const char *const exec_fields[] = {
    "command", "argv", "cwd", "env", "user", "timeout_ms", "input", NULL};

#define ROUTE(handler, table)                                   \
	{                                                       \
		"POST", "/mcp", handler, ROUTE_BODY_JSON, table \
	}
#define TEXT	     "{\"type\": \"string\"}"
#define NUMBER	     "{\"type\": \"integer\"}"
#define TEXT_OR_NULL "{\"type\": [\"string\", \"null\"]}"
#define READS (MCP_READS | MCP_IDEMPOTENT)

static void
reply_command(struct exchange *exchange, const struct exec_result *result)
{
	struct exec_result told = *result;
	bool is_cut = told.is_truncated != 0;
	json_t *out = mcp_text(told.out, &is_cut);
	json_t *err = mcp_text(told.err, &is_cut);
	json_t *reply;

	told.out = told.err = "";
	told.is_truncated = is_cut;
	reply = field_print(&native_exec_result, &told);
	(void)json_object_set_new(reply, "stdout", out);
	(void)json_object_set_new(reply, "stderr", err);
	exchange_reply(exchange, 200, reply);
}

const struct exec_kind mcp_command = {
    .timeout_ms = 30000, .reply = reply_command, .started = mcp_call_runs,
    .written = mcp_call_writes};

const struct mcp_tool mcp_tools[] = {
    {"sandbox_create", "Create a sandbox",
	"Makes a new sandbox and starts it: an isolated Linux machine with "
	"its own disk, limits and network policy. Everything has a default. "
	"The answer has its id, which every other tool wants, and how to reach "
	"it by ssh. It lives until it is destroyed, unless ttl or "
	"idle_timeout say otherwise.",
	MCP_OPEN_WORLD, false,
	ROUTE(native_create_sandbox, &native_sandbox_wish), create_fields,
	&native_sandbox, NULL, NULL},
    {"sandbox_list", "List sandboxes",
	"Tells the sandboxes there are, in order of id: id, name, template, "
	"state, when it was made and its metadata. At most 100 at once; where "
	"next is not null there are more behind that id.",
	READS, false, ROUTE(mcp_list_sandboxes, &mcp_list_wish), NULL, NULL,
	"\"sandboxes\": {\"type\": \"array\", \"items\": {\"type\": "
	"\"object\"}}, \"next\": " TEXT_OR_NULL, NULL},
    {"sandbox_get", "Show a sandbox",
	"Tells all there is to know of one sandbox: state, limits, what it "
	"uses, when its time is over, how to reach it by ssh; also of one that "
	"was destroyed, with by whom and why.",
	READS, true, ROUTE(native_get_sandbox, NULL), NULL, &native_sandbox,
	NULL, NULL},
    {"sandbox_exec", "Run a command",
	"Runs a command in a sandbox to its end and tells its exit code and "
	"what it wrote. Give command, a line for the shell, or argv. Each "
	"starts anew in the user's home (or cwd); nothing of the shell is "
	"kept from one to the next. It is killed after timeout_ms, 30000 where "
	"left out, with all that it started. To leave a server running, start "
	"it in the background: setsid server >log 2>&1 &. Of stdout and stderr "
	"64 KiB each are told; truncated says whether there was more: send "
	"much output to a file and read that. A sandbox that sleeps is woken.",
	MCP_DESTROYS | MCP_OPEN_WORLD, true,
	{"POST", "/mcp", native_exec, ROUTE_BODY_JSON, &native_exec_wish,
	    .about = &mcp_command},
	exec_fields, &native_exec_result, NULL, NULL},
    {"sandbox_run_code", "Run code",
	"Runs code of python, node or bash in a sandbox, in an interpreter "
	"that stays: variables, imports and functions are there the next time. "
	"Tells what it printed, the value of the last expression (result), "
	"pictures of it where it has any, and error with a traceback where it "
	"failed. After timeout_ms, 30000 where left out, it is interrupted. "
	"The template has to have the language.",
	MCP_DESTROYS | MCP_OPEN_WORLD, true,
	ROUTE(mcp_run_code, &mcp_code_wish), NULL, &native_run_summary,
	"\"result\": " TEXT_OR_NULL ", \"results\": {\"type\": \"array\"}, "
	"\"error\": {\"type\": [\"object\", \"null\"]}", mcp_show_code},
    {"sandbox_read_file", "Read a file",
	"Reads a file in a sandbox, 64 KiB of it at most, from offset on. "
	"content is its text; or base64 where it is none, as encoding says. "
	"Where truncated is true, next_offset is where to go on.",
	READS, true, ROUTE(mcp_read_file, &mcp_read_wish), NULL, NULL,
	"\"path\": " TEXT ", \"content\": " TEXT ", \"encoding\": " TEXT ", "
	"\"size_bytes\": " NUMBER ", \"offset\": " NUMBER ", \"truncated\": "
	"{\"type\": \"boolean\"}, \"next_offset\": {\"type\": [\"integer\", "
	"\"null\"]}", NULL},
    {"sandbox_write_file", "Write a file",
	"Writes a file in a sandbox, whole, in place of what was there; the "
	"folder has to be there. encoding base64 is for what is no text. For "
	"more than some hundred KiB use scp or sftp, or have a command in the "
	"sandbox fetch it.",
	MCP_DESTROYS | MCP_IDEMPOTENT, true,
	ROUTE(mcp_write_file, &mcp_write_wish), NULL, &native_written_file,
	NULL, NULL},
    {"sandbox_list_files", "List a folder",
	"Tells the entries of a folder in a sandbox: name, type (file, folder, "
	"link, other), size and mode. At most 1000; truncated says whether "
	"there are more.",
	READS, true, ROUTE(mcp_list_folder, &mcp_folder_wish), NULL, NULL,
	"\"path\": " TEXT ", \"entries\": {\"type\": \"array\", \"items\": "
	"{\"type\": \"object\"}}, \"truncated\": {\"type\": \"boolean\"}",
	NULL},
    {"egress_show", "Show the network policy",
	"Tells what a sandbox may reach: rules in order, of which the first "
	"that matches decides, and what becomes of all else (default).",
	READS, true, ROUTE(native_get_egress, NULL), NULL, &native_egress_view,
	NULL, NULL},
    {"egress_check", "Ask the network policy",
	"Tells whether a sandbox may reach a host and port, and which rule "
	"decides. Ask it when a connection is refused or a name not found.",
	READS, true, ROUTE(native_check_egress, &native_egress_check_wish),
	NULL, &native_egress_check, NULL, NULL},
    {"egress_allow", "Allow hosts",
	"Lets a sandbox reach more: names (*.example.com is all below it), "
	"addresses or prefixes, on all ports or those given. A rule is put "
	"before the others; nothing else of the policy changes, and it is in "
	"force at once. What the operator denies to all stays denied. Tells "
	"the policy as it is then.",
	MCP_OPEN_WORLD, true, ROUTE(mcp_allow_egress, &mcp_allow_wish), NULL,
	&native_egress_view, NULL, NULL},
    {"sandbox_destroy", "Destroy a sandbox",
	"Ends a sandbox for good: its processes and its disk are gone once "
	"this is answered. There is no way back.",
	MCP_DESTROYS | MCP_IDEMPOTENT, true,
	ROUTE(native_destroy_sandbox, NULL), NULL, NULL,
	"\"ok\": {\"type\": \"boolean\"}", NULL},
};
const size_t n_mcp_tools = sizeof mcp_tools / sizeof *mcp_tools;
