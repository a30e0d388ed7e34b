// SPDX-License-Identifier: Apache-2.0
/*
 * The Model Context Protocol, /mcp (docs/clients/mcp.md): messages of JSON-RPC
 * 2.0, each a request of its own ("streamable HTTP"). Nothing is kept of who
 * talks but for calls that are under way.
 */
#pragma once

#include "gateway/http/dialect/native/exec.h"
#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/field.h"
#include "gateway/http/engine/route.h"

/* Most bytes of a text that one result has: of either of a command's, or of a
 * file. */
#define MCP_TEXT_MAX 65536

#define MCP_SESSION_SIZE 33

/* JSON-RPC's own numbers. */
enum mcp_error {
	MCP_INVALID_REQUEST = -32600,
	MCP_NO_METHOD = -32601,
	MCP_INVALID_PARAMS = -32602,
	MCP_FAILED = -32000,
};

enum mcp_hint {
	MCP_READS = 1,	    /* changes nothing */
	MCP_DESTROYS = 2,   /* may undo what was there */
	MCP_IDEMPOTENT = 4, /* a second time changes nothing more */
	MCP_OPEN_WORLD = 8, /* reaches beyond the host */
};

/* What a client can call. */
struct mcp_tool {
	const char *name, *title, *text;
	unsigned hints;
	bool has_sandbox; /* sandbox_id has to be given */
	/* What answers, and what it is asked; fields NULL: all of it. */
	struct route route;
	const char *const *fields;
	/* What it tells: an object of this table, if any, and of these more
	 * members: "name: schema" of JSON, by commas. */
	const struct field_table *told;
	const char *told_more;
	/* Adds parts to what is shown of a result, and may take them out of
	 * it; NULL: it is shown as it is. */
	void (*show)(json_t *result, json_t *content);
};
extern const struct mcp_tool mcp_tools[];
extern const size_t n_mcp_tools;

extern const struct dialect mcp;

/* All tools as tools/list has them; NULL: out of memory. */
json_t *mcp_list_tools(void);

/* tools/call with these parameters; id is the request's. */
void mcp_call_tool(
    struct exchange *exchange, const json_t *id, const json_t *params);

/* What it does in a sandbox can be ended: by a kill of the process, or by an
 * interrupt of what a context runs. */
void mcp_call_runs(struct exchange *exchange, uint32_t process);
void mcp_call_runs_code(struct exchange *exchange, uint32_t process);

/* What it has just written, of which the last line is told to a client that
 * asked how far it is. */
void mcp_call_writes(struct exchange *exchange, const void *data,
    size_t size);

/* Ends what a call of the caller's session does, which is answered by nothing
 * then; the exchange is answered. id NULL: all of them. */
void mcp_cancel(struct exchange *exchange, const json_t *id);

/* The session of a request; "" = none. */
const char *mcp_session(const struct exchange *exchange);

/* The end of an exchange: a result, which it takes over, or an error. */
void mcp_reply(struct exchange *exchange, const json_t *id, json_t *result);
void mcp_fail(struct exchange *exchange, const json_t *id, enum mcp_error code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Text as a member, cut at MCP_TEXT_MAX where it has more; *is_cut is left as
 * it is where it has not. NULL: out of memory. */
json_t *mcp_text(const char *text, bool *is_cut);

/* Of tools.c's rows. */
extern const struct field_table mcp_list_wish, mcp_code_wish, mcp_read_wish,
    mcp_write_wish, mcp_folder_wish, mcp_allow_wish;
extern const struct exec_kind mcp_command;
void mcp_list_sandboxes(struct exchange *exchange);
void mcp_run_code(struct exchange *exchange);
void mcp_show_code(json_t *result, json_t *content);
void mcp_read_file(struct exchange *exchange);
void mcp_write_file(struct exchange *exchange);
void mcp_list_folder(struct exchange *exchange);
void mcp_allow_egress(struct exchange *exchange);
