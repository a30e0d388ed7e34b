// SPDX-License-Identifier: Apache-2.0
/* Contexts that are made, told of, ended and begun anew. */
#include "gateway/http/dialect/sandbox0/contexts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "gateway/http/dialect/native/process.h"
#include "gateway/http/dialect/native/start.h"
#include "gateway/http/runner/runner.h"
#include "gateway/http/service/processes.h"

#define TTL_MAX_S (START_TIMEOUT_MAX_MS / 1000)

enum { TYPE_UNSAID, TYPE_REPL, TYPE_COMMAND };
static const char *const types[] = {"", "repl", "cmd", NULL};

/* What clients call languages. */
static const struct {
	const char *alias, *language;
} aliases[] = {
    {"python", "python"}, {"python3", "python"}, {"node", "node"},
    {"javascript", "node"}, {"js", "node"}, {"bash", "bash"},
    {"sh", "bash"},
};

struct repl {
	const char *alias;
};
static const struct field repl_fields[] = {
    {"alias", FIELD_STRING, offsetof(struct repl, alias), 0, 32,
	"python, node or bash; python where left out"},
};
static FIELD_TABLE(sandbox0_repl, struct repl, repl_fields);

struct command {
	struct field_variables words;
};
static const struct field command_fields[] = {
    {"command", FIELD_WORDS, offsetof(struct command, words), 0,
	START_COMMAND_MAX, "a program and its arguments", "a list of words"},
};
static FIELD_TABLE(sandbox0_command, struct command, command_fields);

struct wish {
	uint32_t type, waits, idle_s;
	struct field_objects repl, command, pty;
	const char *cwd;
	struct field_variables env;
	uint64_t ttl_s;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"type", FIELD_U32, WISH(type), .text = "repl or cmd", .words = types},
    {"repl", FIELD_OBJECT, WISH(repl), .text = "of a language",
	.table = &sandbox0_repl},
    {"cmd", FIELD_OBJECT, WISH(command), .text = "what is run",
	.table = &sandbox0_command},
    {"wait_until_done", FIELD_BOOLEAN, WISH(waits), .text =
	"whether the answer is its end, and what it wrote"},
    {"cwd", FIELD_STRING, WISH(cwd), 0, 4095,
	"where; left out: the user's home"},
    {"env_vars", FIELD_VARIABLES, WISH(env), 0, 0, "more variables"},
    {"pty_size", FIELD_OBJECT, WISH(pty), .text =
	"a terminal of that size; left out: none",
	.table = &native_terminal_size},
    {"idle_timeout_sec", FIELD_U32, WISH(idle_s), 0, UINT32_MAX,
	"0: nothing ends it for want of use"},
    {"ttl_sec", FIELD_U64, WISH(ttl_s), 0, TTL_MAX_S,
	"seconds until it is killed; 0: never"},
};
FIELD_TABLE(sandbox0_context_wish, struct wish, wish_fields);

static const char *
member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

/* All that code wrote, its value and its error behind that. */
static json_t *
translate(json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");
	const char *result = member(answer, "result");
	const char *trace = member(error, "traceback");
	const char *raw = member(answer, "raw");
	json_t *whole;

	if (*trace == '\0')
		trace = member(error, "value");
	whole = json_pack("{s:b, s:{s:o, s:s, s:o, s:O, s:s}}", "success", 1,
	    "data", "output_raw", json_sprintf("%s%s%s%s", raw, result,
	    *result != '\0' ? "\n" : "", trace), "stdout",
	    member(answer, "stdout"), "stderr", json_sprintf("%s%s",
	    member(answer, "stderr"), trace), "exit_code",
	    json_object_get(answer, "exit_code"), "state", "running");
	json_decref(answer);
	return whole;
}

static void
reply_ready(struct exchange *exchange, const struct rpc_process_info *process,
    const struct context_name *name)
{
	sandbox0_reply(exchange, 201, sandbox0_context(process, name));
}

static const struct runner *
find_runner(const char *alias, struct failure *failure)
{
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (strcmp(aliases[i].alias, alias) == 0)
			return runner_find(aliases[i].language);
	failure_of_field(failure, "repl.alias",
	    "\"%.32s\" is none of python, node and bash", alias);
	return NULL;
}

static void
create_repl(struct exchange *exchange, const struct wish *wish)
{
	const struct repl *repl = wish->repl.items;
	struct context_open_wish open = {.user = "",
	    .cwd = wish->cwd != NULL ? wish->cwd : "",
	    .env = {wish->env.data, wish->env.size, wish->env.count},
	    .timeout_ms = wish->ttl_s * 1000};
	struct failure failure;

	open.name.runner = find_runner(repl != NULL && repl->alias != NULL &&
	    *repl->alias != '\0' ? repl->alias : "python", &failure);
	if (open.name.runner == NULL) {
		exchange_fail(exchange, &failure);
		return;
	}
	context_new_name(open.name.name);
	context_open(exchange, &open, reply_ready);
}

static void
on_started(void *arg, const struct rpc_process_info *process,
    const struct err *err)
{
	struct context_name name;

	if (err != NULL)
		exchange_fail_err(arg, err);
	else if (context_of_any_tag(process->tag, &name))
		sandbox0_reply(arg, 201, sandbox0_context(process, &name));
	else
		sandbox0_reply(arg, 201, NULL);
}

/* What processes_start reads until it is answered. */
struct starting {
	struct rpc_process_start_req request;
	char tag[CONTEXT_TAG_SIZE];
};

static void
start_command(struct exchange *exchange,
    const struct sandbox0_command_wish *wish)
{
	struct starting *starting = exchange_memory(exchange,
	    sizeof *starting);
	const struct err err = {ENOMEM, "out of memory"};

	if (starting == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	starting->request = wish->request;
	starting->request.has_input = 1;
	context_command_tag(wish->name, starting->tag);
	starting->request.tag = starting->tag;
	processes_start(exchange_who(exchange), exchange_param(exchange, "id"),
	    &starting->request, on_started, exchange);
}

static void
create_command(struct exchange *exchange, const struct wish *wish)
{
	const struct command *command = wish->command.items;
	const struct start_wish start = {.argv = command->words,
	    .cwd = wish->cwd, .env = wish->env,
	    .timeout_ms = wish->ttl_s * 1000};
	struct sandbox0_command_wish make;
	char name[CONTEXT_NAME_SIZE];

	context_new_name(name);
	make.name = name;
	start_request(&start, &make.request);
	start_set_terminal(&make.request, &wish->pty);
	if (wish->waits == FIELD_TRUE)
		sandbox0_run_command(exchange, &make);
	else
		start_command(exchange, &make);
}

static int
check(const struct wish *wish, struct failure *failure)
{
	if (wish->idle_s != 0)
		return failure_of_field(failure, "idle_timeout_sec",
		    "must be 0: nothing ends for want of use; see ttl_sec");
	if (wish->type == TYPE_COMMAND && (wish->command.count == 0 ||
	    ((const struct command *)wish->command.items)->words.count == 0))
		return failure_of_field(failure, "cmd.command",
		    "must be given, a list of words");
	if (wish->type != TYPE_COMMAND && wish->pty.count > 0 &&
	    wish->command.count == 0)
		return failure_of_field(failure, "pty_size",
		    "is for commands");
	return 0;
}

void
sandbox0_create_context(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	struct failure failure;

	if (check(wish, &failure) < 0)
		exchange_fail(exchange, &failure);
	else if (wish->type == TYPE_COMMAND || (wish->type == TYPE_UNSAID &&
	    wish->command.count > 0))
		create_command(exchange, wish);
	else
		create_repl(exchange, wish);
}

static void
on_list(void *arg, struct rpc_bytes list, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, json_pack("{s:o}", "contexts",
		    context_list(list, sandbox0_context)));
}

void
sandbox0_list_contexts(struct exchange *exchange)
{
	processes_list(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_list, exchange);
}

static void
find(struct exchange *exchange, contexts_found *found)
{
	contexts_find_any(exchange_who(exchange),
	    exchange_param(exchange, "id"), exchange_param(exchange, "ctx"),
	    found, exchange);
}

static json_t *
variables_of(struct rpc_strv env)
{
	json_t *object = json_object();
	const char *text = env.data;

	for (uint32_t i = 0; i < env.count; i++, text += strlen(text) + 1) {
		const char *equals = strchr(text, '=');
		char name[256];

		if (equals == NULL || (size_t)(equals - text) >= sizeof name)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)(equals - text),
		    text);
		(void)json_object_set_new(object, name,
		    json_string(equals + 1));
	}
	return object;
}

static void
on_got(void *arg, const struct rpc_process_get_rep *reply,
    const struct err *err)
{
	struct rpc_bytes list = err == NULL ? reply->process :
	    (struct rpc_bytes){0};
	struct rpc_process_info info;
	struct context_name name;
	json_t *object = NULL;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	if (rpc_list_next(&rpc_layout_process_info, &list, &info) &&
	    context_of_any_tag(info.tag, &name))
		object = sandbox0_context(&info, &name);
	if (object != NULL) {
		(void)json_object_set_new(object, "cwd",
		    json_string(reply->cwd));
		(void)json_object_set_new(object, "env_vars",
		    variables_of(reply->env));
	}
	sandbox0_reply(arg, 200, object);
}

static void
on_found(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	(void)name;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		processes_get(exchange_who(arg), exchange_param(arg, "id"),
		    process->id, on_got, arg);
}

void
sandbox0_get_context(struct exchange *exchange)
{
	find(exchange, on_found);
}

static void
reply_removed(void *arg, const struct err *err)
{
	if (err != NULL && err->code != ESRCH)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, json_pack("{s:b}", "deleted", 1));
}

static void
on_found_to_end(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	(void)name;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		processes_kill(exchange_who(arg), exchange_param(arg, "id"),
		    process->id, reply_removed, arg);
}

void
sandbox0_remove_context(struct exchange *exchange)
{
	find(exchange, on_found_to_end);
}

/* -- a run of code */

static void
on_found_to_run(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	const char *const *code = exchange_input(arg);
	struct failure failure;

	(void)process;
	if (err != NULL) {
		exchange_fail_err(arg, err);
	} else if (name->runner == NULL) {
		failure_set(&failure, 409, "conflict", NULL, "context %s: is "
		    "a command, which runs nothing but itself; see input",
		    name->name);
		exchange_fail(arg, &failure);
	} else {
		context_run(arg, &(struct context_run_wish){
		    .context = exchange_param(arg, "ctx"), .code = *code,
		    .translate_answer = translate});
	}
}

void
sandbox0_exec(struct exchange *exchange)
{
	find(exchange, on_found_to_run);
}
