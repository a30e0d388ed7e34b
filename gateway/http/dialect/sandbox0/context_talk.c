// SPDX-License-Identifier: Apache-2.0
/* What is said to a context: input, a size, a signal, that it begin anew. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/dialect/native/input.h"
#include "gateway/http/dialect/native/process.h"
#include "gateway/http/dialect/native/start.h"
#include "gateway/http/dialect/sandbox0/contexts.h"
#include "gateway/http/runner/runner.h"
#include "gateway/http/service/processes.h"

static const struct field input_fields[] = {
    {"data", FIELD_TEXT, 0, 0, CONTEXT_CODE_MAX, "code, or what it reads",
	"text"},
};
FIELD_TABLE(sandbox0_input_wish, const char *, input_fields);

static const struct field resize_fields[] = {
    {"rows", FIELD_U32, offsetof(struct start_size, rows), 1, START_SIZE_MAX,
	"of characters"},
    {"cols", FIELD_U32, offsetof(struct start_size, columns), 1,
	START_SIZE_MAX, "of characters"},
};
FIELD_TABLE(sandbox0_resize_wish, struct start_size, resize_fields);

static const struct field signal_fields[] = {
    {"signal", FIELD_STRING, 0, 1, 16, "its name, such as SIGINT",
	"a signal's name"},
};
FIELD_TABLE(sandbox0_signal_wish, const char *, signal_fields);

static const char *
id_of(const struct exchange *exchange)
{
	return exchange_param(exchange, "id");
}

static void
find(struct exchange *exchange, contexts_found *found, void *arg)
{
	contexts_find_any(exchange_who(exchange), id_of(exchange),
	    exchange_param(exchange, "ctx"), found, arg);
}

/* {"NAME": true} */
static void
reply_word(struct exchange *exchange, const char *word, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(exchange, err);
	else
		sandbox0_reply(exchange, 200, json_pack("{s:b}", word, 1));
}

/* -- input */

struct giving {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_view_req view;
	struct input input;
	char *code; /* of a run; owned */
};

static void
on_gone(void *arg)
{
	struct giving *giving = arg;

	exec_close(giving->exec);
	free(giving->code);
}

static void
on_viewed(void *arg, const struct rpc_process_info *process)
{
	struct giving *giving = arg;

	(void)process;
	input_give(&giving->input, giving->exec);
}

static void
on_room(void *arg)
{
	struct giving *giving = arg;

	input_give(&giving->input, giving->exec);
}

static void
refuse_ended(struct exchange *exchange)
{
	struct failure failure;

	failure_set(&failure, 409, "conflict", NULL,
	    "context %s: nobody reads its input any more",
	    exchange_param(exchange, "ctx"));
	exchange_fail(exchange, &failure);
}

static void
on_taken(void *arg, uint64_t n_bytes, bool is_refused)
{
	const struct giving *giving = arg;

	if (is_refused)
		refuse_ended(giving->exchange);
	else if (n_bytes == strlen(giving->input.text))
		reply_word(giving->exchange, "written", NULL);
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	const struct giving *giving = arg;

	if (exit != NULL)
		refuse_ended(giving->exchange);
	else
		exchange_fail_err(giving->exchange, err);
}

static void
on_found_to_give(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *failure)
{
	struct giving *giving = arg;
	struct exchange *exchange = giving->exchange;
	const struct exec_client client = {.viewed = on_viewed,
	    .room = on_room, .taken = on_taken, .ended = on_ended,
	    .arg = giving};
	const char *const *data = exchange_input(exchange);
	struct err err = {ENOMEM, "out of memory"};

	if (failure != NULL) {
		exchange_fail_err(exchange, failure);
		return;
	}
	/* Of a REPL it is a run that nobody waits for. */
	giving->code = name->runner != NULL ? context_input(name->runner,
	    "input", *data) : strdup(*data);
	giving->input = (struct input){.text = giving->code,
	    .is_by_line = name->runner != NULL};
	giving->view = (struct rpc_process_view_req){process->id, UINT64_MAX,
	    INIT_ATTACH_QUIET, 0};
	if (giving->code == NULL || exec_view(exchange_who(exchange),
	    id_of(exchange), &giving->view, &client, &giving->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
}

void
sandbox0_input(struct exchange *exchange)
{
	struct giving *giving = exchange_memory(exchange, sizeof *giving);
	const struct exchange_stream stream = {.gone = on_gone,
	    .arg = giving};
	const struct err err = {ENOMEM, "out of memory"};

	if (giving == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	giving->exchange = exchange;
	exchange_set_stream(exchange, &stream);
	find(exchange, on_found_to_give, giving);
}

/* -- its terminal, and signals */

static void
reply_resized(void *arg, const struct err *err)
{
	reply_word(arg, "resized", err);
}

static void
on_found_to_resize(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	const struct start_size *size = exchange_input(arg);

	(void)name;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		processes_resize(exchange_who(arg), id_of(arg), process->id,
		    size->rows, size->columns, reply_resized, arg);
}

void
sandbox0_resize(struct exchange *exchange)
{
	const struct start_size *size = exchange_input(exchange);
	struct failure failure;

	if (size->rows != 0 && size->columns != 0) {
		find(exchange, on_found_to_resize, exchange);
		return;
	}
	failure_of_field(&failure, "rows", "must be given, and cols");
	exchange_fail(exchange, &failure);
}

static void
reply_signaled(void *arg, const struct err *err)
{
	reply_word(arg, "signaled", err);
}

static void
on_found_to_signal(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	const char *const *word = exchange_input(arg);
	struct failure failure;
	int signal;

	(void)name;
	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	signal = process_find_signal(*word, &failure);
	if (signal < 0)
		exchange_fail(arg, &failure);
	else
		processes_signal(exchange_who(arg), id_of(arg), process->id,
		    signal, reply_signaled, arg);
}

void
sandbox0_signal(struct exchange *exchange)
{
	find(exchange, on_found_to_signal, exchange);
}

/* -- what it has done */

static void
on_found_to_count(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	json_t *object;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	object = sandbox0_context(process, name);
	if (object != NULL)
		(void)json_object_set_new(object, "context_id",
		    json_string(name->name));
	if (object != NULL)
		(void)json_object_set_new(object, "usage", json_pack(
		    "{s:I, s:I, s:I}", "pid", (json_int_t)process->pid,
		    "stdout_bytes", (json_int_t)process->stdout_bytes,
		    "stderr_bytes", (json_int_t)process->stderr_bytes));
	sandbox0_reply(arg, 200, object);
}

void
sandbox0_stats(struct exchange *exchange)
{
	find(exchange, on_found_to_count, exchange);
}

/* -- anew */

/* A command, with what it was started with. */
struct restarting {
	struct exchange *exchange;
	context_ready *ready;
	struct rpc_process_start_req request;
	uint32_t id;
	char tag[CONTEXT_TAG_SIZE], user[64];
	char *cwd, *argv, *env; /* owned */
};

static void
on_restart_gone(void *arg)
{
	struct restarting *restarting = arg;

	free(restarting->cwd);
	free(restarting->argv);
	free(restarting->env);
}

static void
on_restarted(void *arg, const struct rpc_process_info *process,
    const struct err *err)
{
	const struct restarting *restarting = arg;
	struct context_name name;

	if (err != NULL)
		exchange_fail_err(restarting->exchange, err);
	else if (context_of_any_tag(process->tag, &name))
		restarting->ready(restarting->exchange, process, &name);
	else
		sandbox0_reply(restarting->exchange, 200, NULL);
}

static void
on_killed(void *arg, const struct err *err)
{
	struct restarting *restarting = arg;
	struct exchange *exchange = restarting->exchange;

	if (err != NULL && err->code != ESRCH)
		exchange_fail_err(exchange, err);
	else
		processes_start(exchange_who(exchange), id_of(exchange),
		    &restarting->request, on_restarted, restarting);
}

static char *
copy_of(struct rpc_strv words, struct rpc_strv *ret)
{
	char *data = malloc(words.size + 1);

	if (data != NULL && words.size > 0)
		memcpy(data, words.data, words.size);
	*ret = (struct rpc_strv){data, words.size, words.count};
	return data;
}

static void
on_got(void *arg, const struct rpc_process_get_rep *reply,
    const struct err *failure)
{
	struct restarting *restarting = arg;
	struct exchange *exchange = restarting->exchange;
	struct rpc_process_start_req *request = &restarting->request;
	struct rpc_bytes list = failure == NULL ? reply->process :
	    (struct rpc_bytes){0};
	const struct err no_memory = {ENOMEM, "out of memory"};
	struct rpc_process_info info;

	if (failure != NULL ||
	    !rpc_list_next(&rpc_layout_process_info, &list, &info)) {
		exchange_fail_err(exchange, failure != NULL ? failure :
		    &no_memory);
		return;
	}
	snprintf(restarting->user, sizeof restarting->user, "%s", info.user);
	snprintf(restarting->tag, sizeof restarting->tag, "%s", info.tag);
	restarting->cwd = strdup(reply->cwd);
	restarting->argv = copy_of(reply->argv, &request->argv);
	restarting->env = copy_of(reply->env, &request->env);
	request->kind = INIT_SPAWN_ARGV;
	request->command = request->term = "";
	request->user = restarting->user;
	request->cwd = restarting->cwd;
	request->tag = restarting->tag;
	request->has_input = 1;
	if (info.has_tty != 0)
		start_set_terminal(request, &(struct field_objects){
		    &(struct start_size){0}, 1});
	if (restarting->cwd == NULL || restarting->argv == NULL ||
	    restarting->env == NULL)
		exchange_fail_err(exchange, &no_memory);
	else
		processes_kill(exchange_who(exchange), id_of(exchange),
		    info.id, on_killed, restarting);
}

static void
reply_ready(struct exchange *exchange, const struct rpc_process_info *process,
    const struct context_name *name)
{
	sandbox0_reply(exchange, 200, sandbox0_context(process, name));
}

void
sandbox0_restart_command(struct exchange *exchange, uint32_t id,
    context_ready *ready)
{
	struct restarting *restarting = exchange_memory(exchange,
	    sizeof *restarting);
	const struct exchange_stream stream = {.gone = on_restart_gone,
	    .arg = restarting};
	const struct err err = {ENOMEM, "out of memory"};

	if (restarting == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	restarting->exchange = exchange;
	restarting->ready = ready;
	exchange_set_stream(exchange, &stream);
	processes_get(exchange_who(exchange), id_of(exchange), id, on_got,
	    restarting);
}

static void
on_found_to_restart(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else if (name->runner != NULL)
		context_restart(arg, reply_ready);
	else
		sandbox0_restart_command(arg, process->id, reply_ready);
}

void
sandbox0_restart_context(struct exchange *exchange)
{
	find(exchange, on_found_to_restart, exchange);
}
