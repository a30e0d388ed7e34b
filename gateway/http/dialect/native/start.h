// SPDX-License-Identifier: Apache-2.0
/* What every request that starts a process says of it. */
#pragma once

#include <stddef.h>

#include "common/rpc_calls.h"
#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/field.h"

#define START_COMMAND_MAX    131071
#define START_TIMEOUT_MAX_MS ((uint64_t)24 * 3600 * 1000)
#define START_SIZE_MAX	     65535 /* rows or columns of a terminal */

struct start_wish {
	const char *command, *cwd, *user, *tag;
	struct field_variables argv, env;
	uint64_t timeout_ms;
};

/* Rows of a table of struct s, whose member `start` is one. */
#define START(s, field) offsetof(s, start.field)
#define START_FIELDS(s)                                                        \
	{"command", FIELD_TEXT, START(s, command), 0, START_COMMAND_MAX,       \
	    "for the user's shell"},                                           \
	{"argv", FIELD_WORDS, START(s, argv), 0, START_COMMAND_MAX,            \
	    "a program and its arguments, without a shell, in place of "       \
	    "command"},                                                        \
	{"cwd", FIELD_STRING, START(s, cwd), 0, 4095,                          \
	    "where; left out: the user's home"},                               \
	{"env", FIELD_VARIABLES, START(s, env), 0, 0, "more variables"},       \
	{"user", FIELD_STRING, START(s, user), 0, 63,                          \
	    "as whom; left out: the default user"},                            \
	{"tag", FIELD_STRING, START(s, tag), 0, 64, "a name of yours for it"}, \
	{"timeout_ms", FIELD_U64, START(s, timeout_ms), 0,                     \
	    START_TIMEOUT_MAX_MS,                                              \
	    "after which it is killed; left out or 0: never"},

/* Rows of native_terminal_size. */
struct start_size {
	uint32_t rows, columns;
};

/* Gives it the terminal that is asked for, if one is: of the table above, or a
 * usual one's size. */
void start_set_terminal(struct rpc_process_start_req *request,
    const struct field_objects *tty);

/* Whether it makes sense; false: the exchange has been failed. */
bool start_check(struct exchange *exchange, const struct start_wish *wish);

/* As process_start has it: no input, no terminal, and nobody attached. It
 * points into the wish. */
void start_request(const struct start_wish *wish,
    struct rpc_process_start_req *ret);
