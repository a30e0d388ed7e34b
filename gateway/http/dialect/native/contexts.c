// SPDX-License-Identifier: Apache-2.0
/* Contexts, but for what they run. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_load.h"
#include "common/parse.h"
#include "common/utf8.h"
#include "gateway/http/dialect/native/context.h"
#include "gateway/http/dialect/native/process.h"
#include "gateway/http/engine/outbox.h"
#include "gateway/http/runner/runner.h"
#include "gateway/http/service/contexts.h"

#define WORDS_MAX 300 /* bytes of what it said when it could not start */

static const char *const languages[] = {"python", "node", "bash", NULL};

struct wish {
	const char *id, *cwd, *user;
	uint32_t language;
	struct field_variables env;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"language", FIELD_U32, WISH(language), .text =
	"of what it runs; python where it is left out", .words = languages},
    {"id", FIELD_NAME, WISH(id), 1, CONTEXT_NAME_SIZE - 1,
	"yours to choose"},
    {"cwd", FIELD_STRING, WISH(cwd), 0, 4095,
	"where; left out: the user's home"},
    {"user", FIELD_STRING, WISH(user), 0, 63,
	"as whom; left out: the default user"},
    {"env", FIELD_VARIABLES, WISH(env), 0, 0, "more variables"},
};
FIELD_TABLE(native_context_wish, struct wish, wish_fields);

enum { STATE_RUNNING, STATE_ENDED };
static const char *const states[] = {"running", "ended", NULL};

struct view {
	const char *id, *language;
	uint32_t state, process;
	uint64_t started_ms;
};
#define VIEW(field) offsetof(struct view, field)
static const struct field view_fields[] = {
    {"id", FIELD_STRING, VIEW(id), .text = "its name"},
    {"language", FIELD_STRING, VIEW(language), .text = "of what it runs"},
    {"state", FIELD_U32, VIEW(state), .text = "whether it takes code",
	.words = states},
    {"process", FIELD_U32, VIEW(process), .text = "the process that it is"},
    {"started_at", FIELD_TIME, VIEW(started_ms), .text =
	"since when it has its state"},
};
FIELD_TABLE(native_context, struct view, view_fields);

static json_t *
print(const struct rpc_process_info *process, const struct context_name *name)
{
	const struct view view = {name->name, name->runner->language,
	    process->ended_ms != 0 ? STATE_ENDED : STATE_RUNNING,
	    process->id, process->started_ms};

	return field_print(&native_context, &view);
}

/* One that is being started, anew or again. */
struct opening {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_start_req request;
	struct rpc_process_view_req view;
	struct context_name name;
	struct context_lines lines;
	struct rpc_process_info process; /* its numbers alone are good */
	char tag[CONTEXT_TAG_SIZE];
	char cwd[4096], user[64];
	char *copy, *env; /* of what it was started with; owned */
	struct outbox said;
	context_ready *ready;
	bool is_ready;
};

static void
on_gone(void *arg)
{
	struct opening *opening = arg;

	exec_close(opening->exec);
	context_lines_fini(&opening->lines);
	outbox_fini(&opening->said);
	free(opening->copy);
	free(opening->env);
}

static void
on_line(void *arg, const char *line, size_t size)
{
	struct opening *opening = arg;
	json_t *frame = json_load_whole(line, size, 0, NULL);
	const char *type = json_string_value(json_object_get(frame, "type"));

	if (type != NULL && strcmp(type, "ready") == 0)
		opening->is_ready = true;
	json_decref(frame);
}

/* Who is told may use the exchange for something else. */
static void
tell_ready(struct opening *opening)
{
	struct exchange *exchange = opening->exchange;
	const struct rpc_process_info process = opening->process;
	const struct context_name name = opening->name;
	context_ready *ready = opening->ready;

	on_gone(opening);
	*opening = (struct opening){.exchange = exchange};
	ready(exchange, &process, &name);
}

static void
on_channel(void *arg, const void *data, size_t size)
{
	struct opening *opening = arg;

	(void)context_lines_add(&opening->lines, data, size, on_line, arg);
	if (opening->is_ready)
		tell_ready(opening);
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct opening *opening = arg;
	size_t room = WORDS_MAX - outbox_size(&opening->said);

	(void)position;
	if (is_error)
		(void)outbox_add(&opening->said, data, size < room ? size :
		    room);
}

static void
on_lost(void *arg, uint64_t n_bytes)
{
	(void)arg;
	(void)n_bytes;
}

/* It never came to be: what it said. */
static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct opening *opening = arg;
	char words[WORDS_MAX + 1] = "", clean[3 * WORDS_MAX + 1];
	struct failure failure;

	if (opening->is_ready)
		return;
	if (exit == NULL) {
		exchange_fail_err(opening->exchange, err);
		return;
	}
	words[outbox_take(&opening->said, words, WORDS_MAX)] = '\0';
	words[strcspn(words, "\n")] = '\0';
	utf8_copy(clean, sizeof clean, words);
	failure_set(&failure, 409, "unsupported", "language", "%s does not "
	    "run in this sandbox: %s", opening->name.runner->argv[0], clean);
	exchange_fail(opening->exchange, &failure);
}

/* A shell is told what to run; others have it among their words. */
static void
on_viewed(void *arg, const struct rpc_process_info *process)
{
	struct opening *opening = arg;
	const struct runner *runner = opening->name.runner;

	opening->process.id = process->id;
	opening->process.started_ms = process->started_ms;
	for (size_t i = 0; runner->argv[i] != NULL; i++)
		if (runner->argv[i] == runner->text)
			return;
	(void)exec_input(opening->exec, runner->text, strlen(runner->text));
}

static void
on_started(void *arg, const struct rpc_process_info *process,
    const struct err *failure)
{
	struct opening *opening = arg;
	struct exchange *exchange = opening->exchange;
	const struct exec_client client = {.viewed = on_viewed,
	    .output = on_output, .lost = on_lost, .channel = on_channel,
	    .ended = on_ended, .arg = opening};
	struct err err;

	if (failure != NULL) {
		exchange_fail_err(exchange, failure);
		return;
	}
	opening->view = (struct rpc_process_view_req){.id = process->id,
	    .views = INIT_ATTACH};
	if (exec_view(exchange_who(exchange), exchange_param(exchange, "id"),
	    &opening->view, &client, &opening->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
}

/* The words of the runner, packed; the caller's to free. */
static struct rpc_strv
pack_argv(const struct runner *runner)
{
	struct rpc_strv argv = {0};
	size_t size = 0, used = 0;
	char *data;

	for (size_t i = 0; runner->argv[i] != NULL; i++)
		size += strlen(runner->argv[i]) + 1;
	data = malloc(size);
	for (size_t i = 0; data != NULL && runner->argv[i] != NULL; i++) {
		memcpy(data + used, runner->argv[i],
		    strlen(runner->argv[i]) + 1);
		used += strlen(runner->argv[i]) + 1;
		argv.count++;
	}
	argv.data = data;
	argv.size = (uint32_t)used;
	return argv;
}

/* env and one more of the runner's; -ENOMEM. */
static int
set_env(struct opening *opening, struct rpc_strv env)
{
	const char *more = opening->name.runner->env;
	size_t size = more != NULL ? strlen(more) + 1 : 0;

	opening->env = malloc(env.size + size + 1);
	if (opening->env == NULL)
		return -ENOMEM;
	if (env.size > 0)
		memcpy(opening->env, env.data, env.size);
	if (more != NULL)
		memcpy(opening->env + env.size, more, size);
	opening->request.env = (struct rpc_strv){opening->env,
	    env.size + (uint32_t)size, env.count + (more != NULL)};
	return 0;
}

/* Starts it, with cwd and user as the request has them already. */
static void
start(struct opening *opening, struct rpc_strv env)
{
	struct exchange *exchange = opening->exchange;
	const struct err err = {ENOMEM, "out of memory"};

	context_tag(opening->name.runner, opening->name.name, opening->tag);
	opening->request.kind = INIT_SPAWN_ARGV;
	opening->request.argv = pack_argv(opening->name.runner);
	free(opening->copy);
	opening->copy = (char *)(uintptr_t)opening->request.argv.data;
	opening->request.command = opening->request.term = "";
	opening->request.tag = opening->tag;
	opening->request.has_input = 1;
	if (opening->copy == NULL || set_env(opening, env) < 0)
		exchange_fail_err(exchange, &err);
	else
		processes_start_channel(exchange_who(exchange),
		    exchange_param(exchange, "id"), &opening->request,
		    on_started, opening);
}

static struct opening *
new_opening(struct exchange *exchange, context_ready *ready)
{
	struct opening *opening = exchange_memory(exchange, sizeof *opening);
	struct exchange_stream stream = {.gone = on_gone, .arg = opening};
	const struct err err = {ENOMEM, "out of memory"};

	if (opening == NULL) {
		exchange_fail_err(exchange, &err);
		return NULL;
	}
	opening->exchange = exchange;
	opening->ready = ready;
	exchange_set_stream(exchange, &stream);
	return opening;
}

void
context_open(struct exchange *exchange, const struct context_open_wish *wish,
    context_ready *ready)
{
	struct opening *opening = new_opening(exchange, ready);

	if (opening == NULL)
		return;
	opening->name = wish->name;
	opening->request.user = wish->user;
	opening->request.cwd = wish->cwd;
	opening->request.timeout_ms = wish->timeout_ms;
	start(opening, wish->env);
}

static void
reply_made(struct exchange *exchange, const struct rpc_process_info *process,
    const struct context_name *name)
{
	exchange_reply(exchange, 201, print(process, name));
}

static void
open_as_wished(struct exchange *exchange, const char *id)
{
	const struct wish *wish = exchange_input(exchange);
	struct context_open_wish open = {
	    .name.runner = runner_find(languages[wish->language]),
	    .user = wish->user != NULL ? wish->user : "",
	    .cwd = wish->cwd != NULL ? wish->cwd : "",
	    .env = {wish->env.data, wish->env.size, wish->env.count}};

	if (*id != '\0')
		strcpy(open.name.name, id);
	else
		context_new_name(open.name.name);
	context_open(exchange, &open, reply_made);
}

/* Of a name that was chosen: it must be free. */
static void
on_looked_up(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	const struct wish *wish = exchange_input(arg);
	struct failure failure;

	(void)name;
	if (err != NULL && err->code != ESRCH) {
		exchange_fail_err(arg, err);
	} else if (err == NULL && process->ended_ms == 0) {
		failure_set(&failure, 409, "already_exists", "id",
		    "%s: there is such a context", wish->id);
		exchange_fail(arg, &failure);
	} else {
		open_as_wished(arg, wish->id);
	}
}

void
native_create_context(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	struct failure failure;

	if (strlen(wish->id) >= CONTEXT_NAME_SIZE) {
		failure_of_field(&failure, "id", "at most %d bytes",
		    CONTEXT_NAME_SIZE - 1);
		exchange_fail(exchange, &failure);
	} else if (wish->id[0] == '\0') {
		open_as_wished(exchange, "");
	} else {
		contexts_find(exchange_who(exchange),
		    exchange_param(exchange, "id"), wish->id, on_looked_up,
		    exchange);
	}
}

json_t *
context_list(struct rpc_bytes processes, context_print *print_one)
{
	json_t *all = json_object(), *array = json_array(), *context;
	struct rpc_process_info info;
	struct context_name name;
	const char *key;

	while (rpc_list_next(&rpc_layout_process_info, &processes, &info))
		if (context_of_any_tag(info.tag, &name))
			(void)json_object_set_new(all, name.name,
			    print_one(&info, &name));
	json_object_foreach(all, key, context)
		(void)json_array_append(array, context);
	json_decref(all);
	return array;
}

static json_t *
print_language(const struct rpc_process_info *process,
    const struct context_name *name)
{
	return name->runner != NULL ? print(process, name) : NULL;
}

static void
on_list(void *arg, struct rpc_bytes list, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, json_pack("{s:o}", "contexts",
		    context_list(list, print_language)));
}

void
native_list_contexts(struct exchange *exchange)
{
	processes_list(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_list, exchange);
}

static void
on_found(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, print(process, name));
}

static void
find(struct exchange *exchange, contexts_found *found, void *arg)
{
	contexts_find(exchange_who(exchange), exchange_param(exchange, "id"),
	    exchange_param(exchange, "ctx"), found, arg);
}

void
native_get_context(struct exchange *exchange)
{
	find(exchange, on_found, exchange);
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
		    process->id, exchange_done, arg);
}

void
native_remove_context(struct exchange *exchange)
{
	find(exchange, on_found_to_end, exchange);
}

static void
on_found_to_stop(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	(void)name;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		processes_signal(exchange_who(arg), exchange_param(arg, "id"),
		    process->id, SIGINT, exchange_done, arg);
}

void
native_interrupt_context(struct exchange *exchange)
{
	find(exchange, on_found_to_stop, exchange);
}

/* It is being killed: another like it. */
static void
on_killed(void *arg, const struct err *err)
{
	struct opening *opening = arg;
	struct rpc_strv env = opening->request.env;
	char *data = opening->env;

	opening->env = NULL;
	if (err != NULL)
		exchange_fail_err(opening->exchange, err);
	else
		start(opening, env);
	free(data);
}

/* What it was started with; the runner's own variable is the last, and is put
 * there again. */
static bool
keep_origin(struct opening *opening, const struct rpc_process_get_rep *reply)
{
	struct rpc_strv env = reply->env;
	struct rpc_bytes list = reply->process;
	struct rpc_process_info info;
	const char *own = opening->name.runner->env;

	if (own != NULL && env.count > 0) {
		env.count--;
		env.size -= (uint32_t)strlen(own) + 1;
	}
	opening->env = malloc(env.size + 1);
	if (opening->env == NULL || !rpc_list_next(&rpc_layout_process_info,
	    &list, &info))
		return false;
	if (env.size > 0)
		memcpy(opening->env, env.data, env.size);
	opening->request.env = (struct rpc_strv){opening->env, env.size,
	    env.count};
	snprintf(opening->cwd, sizeof opening->cwd, "%s", reply->cwd);
	snprintf(opening->user, sizeof opening->user, "%s", info.user);
	opening->request.cwd = opening->cwd;
	opening->request.user = opening->user;
	return true;
}

static void
on_got(void *arg, const struct rpc_process_get_rep *reply,
    const struct err *err)
{
	struct opening *opening = arg;
	const struct err none = {ENOMEM, "out of memory"};
	struct exchange *exchange = opening->exchange;

	if (err != NULL || !keep_origin(opening, reply))
		exchange_fail_err(exchange, err != NULL ? err : &none);
	else
		processes_kill(exchange_who(exchange),
		    exchange_param(exchange, "id"), opening->view.id,
		    on_killed, opening);
}

static void
on_found_to_restart(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	struct opening *opening = arg;
	struct exchange *exchange = opening->exchange;

	if (err != NULL) {
		exchange_fail_err(exchange, err);
		return;
	}
	opening->name = *name;
	opening->view.id = process->id;
	processes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    process->id, on_got, opening);
}

void
context_restart(struct exchange *exchange, context_ready *ready)
{
	struct opening *opening = new_opening(exchange, ready);

	if (opening != NULL)
		find(exchange, on_found_to_restart, opening);
}

static void
reply_begun(struct exchange *exchange, const struct rpc_process_info *process,
    const struct context_name *name)
{
	exchange_reply(exchange, 200, print(process, name));
}

void
native_restart_context(struct exchange *exchange)
{
	context_restart(exchange, reply_begun);
}
