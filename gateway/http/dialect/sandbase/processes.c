// SPDX-License-Identifier: Apache-2.0
/* A command to its end, with what it wrote. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/dialect/sandbase/sandbase.h"

#define TIMEOUT_S     60
#define TIMEOUT_MAX_S 3600 /* their longest life of a sandbox */
#define WORD_MAX      4096

struct wish {
	const char *command, *cwd;
	struct field_variables arguments, env;
	uint64_t timeout_s;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"cmd", FIELD_TEXT, WISH(command), 0, START_COMMAND_MAX,
	"a program; without args, a line for the shell"},
    {"args", FIELD_WORDS, WISH(arguments), 0, START_COMMAND_MAX,
	"its arguments"},
    {"envVars", FIELD_VARIABLES, WISH(env), 0, 0, "more variables"},
    {"cwd", FIELD_STRING, WISH(cwd), 0, WORD_MAX - 1,
	"where; /workspace where left out"},
    {"timeout", FIELD_U64, WISH(timeout_s), 1, TIMEOUT_MAX_S,
	"seconds until it is killed; 60 where left out"},
};
FIELD_TABLE(sandbase_process_wish, struct wish, wish_fields);

static bool
read_wish(struct exchange *exchange, struct start_wish *ret, char **ret_room)
{
	const struct wish *wish = exchange_input(exchange);
	struct failure failure;
	size_t size;

	if (wish->command == NULL || *wish->command == '\0') {
		failure_of_field(&failure, "cmd", "must be given, a program");
		exchange_fail(exchange, &failure);
		return false;
	}
	*ret = (struct start_wish){.env = wish->env, .cwd = wish->cwd != NULL ?
	    wish->cwd : SANDBASE_FOLDER, .timeout_ms = (wish->timeout_s != 0 ?
	    wish->timeout_s : TIMEOUT_S) * 1000};
	if (wish->arguments.count == 0) {
		ret->command = wish->command;
		return true;
	}
	size = strlen(wish->command) + 1;
	*ret_room = malloc(size + wish->arguments.size);
	if (*ret_room == NULL) {
		failure_set(&failure, 503, "out_of_resources", NULL,
		    "out of memory");
		exchange_fail(exchange, &failure);
		return false;
	}
	memcpy(*ret_room, wish->command, size);
	memcpy(*ret_room + size, wish->arguments.data, wish->arguments.size);
	ret->argv = (struct field_variables){*ret_room,
	    (uint32_t)(size + wish->arguments.size),
	    wish->arguments.count + 1};
	return true;
}

static void
reply(struct exchange *exchange, const struct exec_result *result)
{
	char id[16];
	struct failure failure;

	if (result->is_timed_out) {
		failure_set(&failure, 502, "deadline_exceeded", "timeout",
		    "timeout: the process was killed when its time was over");
		exchange_fail(exchange, &failure);
		return;
	}
	snprintf(id, sizeof id, "%u", result->id);
	exchange_reply(exchange, 200, json_pack("{s:s, s:s, s:s, s:I, s:b}",
	    "processID", id, "stdout", result->out, "stderr", result->err,
	    "exitCode", (json_int_t)result->exit_code, "truncated",
	    result->is_truncated));
}

const struct exec_kind sandbase_process = {.read = read_wish, .reply = reply};
