// SPDX-License-Identifier: Apache-2.0
/* What the routes of contexts have in common, of this dialect and others. */
#pragma once

#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/contexts.h"

/* Strings of wishes live as long as the exchange. */
struct context_open_wish {
	struct context_name name;
	const char *cwd, *user; /* "" = home; the default one */
	struct rpc_strv env;
	uint64_t timeout_ms; /* 0 = never */
};

/* A context that takes code; what it is given lives until the return. */
typedef void context_ready(struct exchange *exchange,
    const struct rpc_process_info *process, const struct context_name *name);

/*
 * Starts one, whether or not there is one of that name; or fails the exchange.
 * ready may begin something else with it, or answers.
 */
void context_open(struct exchange *exchange,
    const struct context_open_wish *wish, context_ready *ready);

/* The same, where none of that name takes code yet: at most
 * CONTEXT_NAME_SIZE - 1 bytes; "" is the one of the wish's language that runs
 * what names none. Of another language it fails the exchange. */
void context_at_hand(struct exchange *exchange,
    const struct context_open_wish *wish, const char *name,
    context_ready *ready);

/* One of a list as a dialect tells it; NULL: it is passed over. */
typedef json_t *context_print(const struct rpc_process_info *process,
    const struct context_name *name);

/* An array of the contexts and commands among processes, the newest of each
 * name. */
json_t *context_list(struct rpc_bytes processes, context_print *print_one);

/* Begins that of the path, {ctx}, anew, without its state; the same else. */
void context_restart(struct exchange *exchange, context_ready *ready);

struct context_run_wish {
	const char *context, *code;
	/* For this run alone, none longer than CONTEXT_VARIABLE_MAX. */
	const struct field_variables *env; /* NULL: none */
	uint64_t timeout_ms; /* 0 = never */
	bool is_stream;
	bool is_interrupted; /* where its client leaves before its end */
	/* How another dialect says an event of a stream, which it takes over;
	 * NULL back: nothing. NULL: as docs/API.md has them. */
	json_t *(*translate)(json_t *event);
	/* It runs, in that process; may be NULL. */
	void (*begun)(struct exchange *exchange, uint32_t process);
	/* Of one that is no stream: it has written so; may be NULL. */
	void (*written)(struct exchange *exchange, const void *data,
	    size_t size);
	/* The same of an answer that is no stream, which has all it wrote in
	 * its order as "raw" then. */
	json_t *(*translate_answer)(json_t *answer);
};

/* Answers with what came of code in a context. */
void context_run(struct exchange *exchange,
    const struct context_run_wish *wish);
