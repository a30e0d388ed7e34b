// SPDX-License-Identifier: Apache-2.0
/* Handlers and tables of the routes of contexts: REPLs, which are contexts of
 * ours, and commands, which are processes. */
#pragma once

#include "gateway/http/dialect/native/context.h"
#include "gateway/http/dialect/sandbox0/sandbox0.h"
#include "gateway/http/engine/outbox.h"
#include "gateway/http/service/exec.h"

extern const struct field_table sandbox0_context_wish, sandbox0_input_wish,
    sandbox0_resize_wish, sandbox0_signal_wish, sandbox0_news;

/* One as it is told; NULL: out of memory. */
json_t *sandbox0_context(const struct rpc_process_info *process,
    const struct context_name *name);

/* How one ended: stopped, crashed or killed. */
const char *sandbox0_exit_state(bool is_signal, int code);

/* The bytes at the end of data that are the beginning of a character. */
size_t sandbox0_unfinished(const char *data, size_t size);

struct sandbox0_command_wish {
	struct rpc_process_start_req request;
	const char *name;
};

/* Starts a command and answers once it is over, with what it wrote. */
void sandbox0_run_command(struct exchange *exchange,
    const struct sandbox0_command_wish *wish);

/* Begins a command anew, by its number, with what it was started with, whether
 * or not it runs; or fails the exchange. */
void sandbox0_restart_command(struct exchange *exchange, uint32_t id,
    context_ready *ready);

void sandbox0_create_context(struct exchange *exchange);
void sandbox0_list_contexts(struct exchange *exchange);
void sandbox0_get_context(struct exchange *exchange);
void sandbox0_remove_context(struct exchange *exchange);
void sandbox0_restart_context(struct exchange *exchange);
void sandbox0_exec(struct exchange *exchange);
void sandbox0_input(struct exchange *exchange);
void sandbox0_resize(struct exchange *exchange);
void sandbox0_signal(struct exchange *exchange);
void sandbox0_stats(struct exchange *exchange);
void sandbox0_connect_context(struct exchange *exchange);
