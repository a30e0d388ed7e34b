// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/sandbox0/sessions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "gateway/http/dialect/native/start.h"
#include "gateway/http/dialect/repeat_turn.h"
#include "gateway/http/service/processes.h"

#define LIFETIME_MAX_S (START_TIMEOUT_MAX_MS / 1000)
#define JSON_MAX       4096

enum { MODE_UNSAID, MODE_PIPES, MODE_PTY };
static const char *const modes[] = {"", "pipes", "pty", NULL};
enum { STATE_UNSAID, STATE_RUNNING, STATE_STOPPED };
static const char *const states[] = {"", "running", "stopped", NULL};

struct terminal {
	struct start_size size;
	const char *term;
};
static const struct field terminal_fields[] = {
    {"rows", FIELD_U32, offsetof(struct terminal, size.rows), 0,
	START_SIZE_MAX, "of characters"},
    {"cols", FIELD_U32, offsetof(struct terminal, size.columns), 0,
	START_SIZE_MAX, "of characters"},
    {"term", FIELD_STRING, offsetof(struct terminal, term), 0, 31,
	"xterm-256color here"},
};
static FIELD_TABLE(sandbox0_session_terminal, struct terminal,
    terminal_fields);

struct io {
	uint32_t mode;
	struct field_objects terminal;
};
static const struct field io_fields[] = {
    {"mode", FIELD_U32, offsetof(struct io, mode), .text = "pipes or pty",
	.words = modes},
    {"terminal", FIELD_OBJECT, offsetof(struct io, terminal), .text =
	"of a pty", .table = &sandbox0_session_terminal},
};
static FIELD_TABLE(sandbox0_session_io, struct io, io_fields);

struct lifecycle {
	uint32_t state;
	uint64_t lifetime_s, idle_s, grace_s;
	char *restart;
	const char *recovery;
};
#define LIFE(field) offsetof(struct lifecycle, field)
static const struct field lifecycle_fields[] = {
    {"desired_state", FIELD_U32, LIFE(state), .text = "running",
	.words = states},
    {"max_lifetime_seconds", FIELD_U64, LIFE(lifetime_s), 0, LIFETIME_MAX_S,
	"after which it is killed; 0: never"},
    {"idle_timeout_seconds", FIELD_U64, LIFE(idle_s), 0, LIFETIME_MAX_S,
	"0: nothing ends it for want of use"},
    {"stop_grace_period_seconds", FIELD_U64, LIFE(grace_s), 0,
	LIFETIME_MAX_S, "it is killed at once here"},
    {"restart", FIELD_JSON, LIFE(restart), 0, JSON_MAX,
	"policy never: nothing begins anew by itself"},
    {"runtime_recovery", FIELD_STRING, LIFE(recovery), 0, 15, "stop"},
};
static FIELD_TABLE(sandbox0_session_life, struct lifecycle,
    lifecycle_fields);

struct wish {
	const char *name, *cwd;
	struct field_variables words, env;
	struct field_objects io, lifecycle;
	char *readiness, *retention;
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    {"name", FIELD_STRING, WISH(name), 0, 63, "not kept"},
    {"command", FIELD_WORDS, WISH(words), 0, START_COMMAND_MAX,
	"a program and its arguments", "a list of words"},
    {"cwd", FIELD_STRING, WISH(cwd), 0, 4095,
	"where; left out: the user's home"},
    {"env", FIELD_VARIABLES, WISH(env), 0, 0, "more variables"},
    {"io", FIELD_OBJECT, WISH(io), .text = "how it is reached",
	.table = &sandbox0_session_io},
    {"lifecycle", FIELD_OBJECT, WISH(lifecycle), .text = "how long it lives",
	.table = &sandbox0_session_life},
    {"readiness", FIELD_JSON, WISH(readiness), 0, JSON_MAX,
	"it is ready once it runs"},
    {"event_retention", FIELD_JSON, WISH(retention), 0, JSON_MAX,
	"what docs/PROCESSES.md says"},
};
FIELD_TABLE(sandbox0_session_wish, struct wish, wish_fields);

static const struct field state_fields[] = {
    {"state", FIELD_U32, 0, .text = "what it is to be", .words = states},
};
FIELD_TABLE(sandbox0_state_wish, uint32_t, state_fields);

static const struct field attempt_fields[] = {
    {"replace_current", FIELD_BOOLEAN, 0, .text =
	"whether one that runs is killed for it"},
};
FIELD_TABLE(sandbox0_attempt_wish, uint32_t, attempt_fields);

/* -- one as it is told */

static json_t *
attempt_of(const struct rpc_process_info *info)
{
	const int status = info->wait_status;
	json_t *attempt = json_pack("{s:o, s:I, s:i, s:I, s:o}", "id",
	    json_sprintf("%u", info->id), "number", (json_int_t)info->id,
	    "runtime_generation", 1, "pid", (json_int_t)info->pid,
	    "started_at", sandbox0_time(info->started_ms));

	if (attempt == NULL || info->ended_ms == 0)
		return attempt;
	(void)json_object_set_new(attempt, "finished_at",
	    sandbox0_time(info->ended_ms));
	(void)json_object_set_new(attempt, "exit_code", json_integer(
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status)));
	(void)json_object_set_new(attempt, "reason", json_string(
	    WIFSIGNALED(status) ? "signal" : "exit"));
	return attempt;
}

static const char *
phase_of(const struct rpc_process_info *info)
{
	return info->ended_ms == 0 ? "running" :
	    WIFSIGNALED(info->wait_status) ? "stopped" : "exited";
}

/* spec is taken over. */
static json_t *
print(const struct rpc_process_info *info, const struct context_name *name,
    json_t *spec)
{
	return json_pack("{s:s, s:o, s:I, s:s, s:i, s:o, s:i, s:{s:I, s:I}, "
	    "s:o, s:o, s:o}", "id", name->name, "spec", spec, "spec_version",
	    (json_int_t)name->version, "phase", phase_of(info),
	    "runtime_generation", 1, "attempt", attempt_of(info),
	    "restart_count", 0, "cursor", "earliest",
	    (json_int_t)info->start_position, "latest",
	    (json_int_t)info->end_position, "created_at",
	    sandbox0_time(info->started_ms), "updated_at",
	    sandbox0_time(info->ended_ms != 0 ? info->ended_ms :
	    info->started_ms), "last_activity_at",
	    sandbox0_time(info->started_ms));
}

static json_t *
spec_of(const struct rpc_process_get_rep *reply,
    const struct rpc_process_info *info)
{
	struct rpc_strv argv = reply->argv;
	json_t *words = json_array();
	const char *word;

	while ((word = rpc_strv_next(&argv)) != NULL)
		(void)json_array_append_new(words, json_string(word));
	return json_pack("{s:o, s:s, s:{s:s}}", "command", words, "cwd",
	    reply->cwd, "io", "mode", modes[info->has_tty != 0 ? MODE_PTY :
	    MODE_PIPES]);
}

/* In a list, for people. */
static json_t *
short_spec_of(const struct rpc_process_info *info)
{
	return json_pack("{s:[s], s:{s:s}}", "command", info->command, "io",
	    "mode", modes[info->has_tty != 0 ? MODE_PTY : MODE_PIPES]);
}

static json_t *
print_short(const struct rpc_process_info *info,
    const struct context_name *name)
{
	return name->runner != NULL ? NULL :
	    print(info, name, short_spec_of(info));
}

static void
on_list(void *arg, struct rpc_bytes list, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200, json_pack("{s:o}", "sessions",
		    context_list(list, print_short)));
}

void
sandbox0_list_sessions(struct exchange *exchange)
{
	processes_list(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_list, exchange);
}

static void
on_got(void *arg, const struct rpc_process_get_rep *reply,
    const struct err *err)
{
	struct rpc_bytes list = err == NULL ? reply->process :
	    (struct rpc_bytes){0};
	struct rpc_process_info info;
	struct context_name name;

	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		sandbox0_reply(arg, 200,
		    rpc_list_next(&rpc_layout_process_info, &list, &info) &&
		    context_of_any_tag(info.tag, &name) ?
		    print(&info, &name, spec_of(reply, &info)) : NULL);
}

static void
tell(struct exchange *exchange, uint32_t id)
{
	processes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    id, on_got, exchange);
}

static void
find(struct exchange *exchange, contexts_found *found, void *arg)
{
	contexts_find_any(exchange_who(exchange),
	    exchange_param(exchange, "id"), exchange_param(exchange, "ctx"),
	    found, arg);
}

static void
on_found(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	(void)name;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		tell(arg, process->id);
}

void
sandbox0_get_session(struct exchange *exchange)
{
	find(exchange, on_found, exchange);
}

/* -- one that is made */

/* What processes_start reads until it is answered. */
struct starting {
	struct exchange *exchange;
	struct rpc_process_start_req request;
	char name[CONTEXT_NAME_SIZE]; /* of one that is new */
	char tag[CONTEXT_TAG_SIZE];
	unsigned int status; /* of the answer */
	struct repeat_turn turn; /* of one with a key */
};

static void
reply_started(struct exchange *exchange,
    const struct rpc_process_info *process, const struct context_name *name)
{
	sandbox0_reply(exchange, 201, print(process, name,
	    short_spec_of(process)));
}

static void
on_started(void *arg, const struct rpc_process_info *process,
    const struct err *err)
{
	const struct starting *starting = arg;
	struct context_name name;

	if (err != NULL)
		exchange_fail_err(starting->exchange, err);
	else
		sandbox0_reply(starting->exchange, starting->status,
		    context_of_any_tag(process->tag, &name) ?
		    print(process, &name, short_spec_of(process)) : NULL);
}

_Static_assert(REPEAT_HASH_SIZE <= CONTEXT_NAME_SIZE, "a key is a name");

static int
check(const struct wish *wish, struct failure *failure)
{
	const struct lifecycle *life = wish->lifecycle.items;

	if (wish->words.count == 0)
		return failure_of_field(failure, "command",
		    "must be given, a list of words");
	if (life == NULL)
		return 0;
	if (life->idle_s != 0)
		return failure_of_field(failure,
		    "lifecycle.idle_timeout_seconds",
		    "must be 0: nothing ends for want of use");
	if (life->state == STATE_STOPPED)
		return failure_of_field(failure, "lifecycle.desired_state",
		    "must be running: what is made, or is another now, runs");
	if (life->restart != NULL &&
	    strstr(life->restart, "\"policy\"") != NULL &&
	    strstr(life->restart, "\"never\"") == NULL)
		return failure_of_field(failure, "lifecycle.restart",
		    "policy must be never: nothing begins anew by itself");
	return 0;
}

/* What the input asks for, but for its tag; NULL: the exchange has been failed.
 */
static struct starting *
new_starting(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	const struct io *io = wish->io.items;
	const struct lifecycle *life = wish->lifecycle.items;
	const struct start_wish start = {.argv = wish->words,
	    .cwd = wish->cwd, .env = wish->env,
	    .timeout_ms = life != NULL ? life->lifetime_s * 1000 : 0};
	struct starting *starting = exchange_memory(exchange,
	    sizeof *starting);
	const struct err err = {ENOMEM, "out of memory"};
	struct failure failure;

	if (starting == NULL) {
		exchange_fail_err(exchange, &err);
		return NULL;
	}
	if (check(wish, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return NULL;
	}
	start_request(&start, &starting->request);
	starting->exchange = exchange;
	starting->request.has_input = 1;
	starting->request.tag = starting->tag;
	/* A terminal begins with its size. */
	if (io != NULL && io->mode == MODE_PTY)
		start_set_terminal(&starting->request, io->terminal.count > 0 ?
		    &io->terminal : &(struct field_objects){
		    &(struct start_size){0}, 1});
	return starting;
}

static void
start(struct starting *starting)
{
	processes_start(exchange_who(starting->exchange),
	    exchange_param(starting->exchange, "id"), &starting->request,
	    on_started, starting);
}

/* -- one that may have been made already, by a key */

static void
on_got_again(void *arg, const struct rpc_process_get_rep *reply,
    const struct err *err)
{
	const struct starting *starting = arg;
	const struct rpc_strv *argv = &starting->request.argv;
	struct failure failure;

	if (err != NULL || (reply->argv.size == argv->size &&
	    memcmp(reply->argv.data, argv->data, argv->size) == 0)) {
		on_got(starting->exchange, reply, err);
		return;
	}
	failure_set(&failure, 409, "conflict", "Idempotency-Key",
	    "Idempotency-Key: it was with another command");
	exchange_fail(starting->exchange, &failure);
}

static void
tell_again(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	struct starting *starting = arg;

	if (err != NULL)
		exchange_fail_err(starting->exchange, err);
	else if (name->version > 1) /* another command by now */
		tell(starting->exchange, process->id);
	else
		processes_get(exchange_who(starting->exchange),
		    exchange_param(starting->exchange, "id"), process->id,
		    on_got_again, starting);
}

static void
on_started_by_key(void *arg, const struct rpc_process_info *process,
    const struct err *err)
{
	struct starting *starting = arg;

	repeat_turn_end(&starting->turn);
	on_started(starting, process, err);
}

static void
on_looked_for(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	struct starting *starting = arg;

	if (err == NULL || err->code != ESRCH) {
		repeat_turn_end(&starting->turn);
		tell_again(starting, process, name, err);
	} else {
		processes_start(exchange_who(starting->exchange),
		    exchange_param(starting->exchange, "id"),
		    &starting->request, on_started_by_key, starting);
	}
}

static void
look(void *arg)
{
	struct starting *starting = arg;

	contexts_find_any(exchange_who(starting->exchange),
	    exchange_param(starting->exchange, "id"), starting->name,
	    on_looked_for, starting);
}

void
sandbox0_create_session(struct exchange *exchange)
{
	struct starting *starting = new_starting(exchange);
	struct repeat_key repeat;
	struct failure failure;

	if (starting == NULL)
		return;
	if (repeat_key_read(exchange, &repeat, &failure) < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	starting->status = 201;
	/* By its key's name it is found as long as it is remembered. */
	if (repeat.key[0] != '\0')
		memcpy(starting->name, repeat.key, sizeof repeat.key);
	else
		context_new_name(starting->name);
	context_command_tag(starting->name, starting->tag);
	starting->turn = (struct repeat_turn){
	    .place = exchange_param(exchange, "id"), .begin = look,
	    .arg = starting};
	memcpy(starting->turn.key, repeat.key, sizeof repeat.key);
	if (repeat.key[0] != '\0')
		repeat_turn_begin(&starting->turn);
	else
		start(starting);
}

/* -- another command in its place */

static void
on_replaced(void *arg, const struct err *err)
{
	const struct starting *starting = arg;

	if (err != NULL && err->code != ESRCH)
		exchange_fail_err(starting->exchange, err);
	else
		start(arg);
}

static void
on_found_to_replace(void *arg, const struct rpc_process_info *process,
    const struct context_name *found, const struct err *err)
{
	struct starting *starting = arg;
	struct exchange *exchange = starting->exchange;
	struct context_name name;
	struct failure failure;

	if (err != NULL) {
		exchange_fail_err(exchange, err);
		return;
	}
	if (found->runner != NULL) {
		failure_set(&failure, 409, "conflict", NULL,
		    "%s is a context of a language", found->name);
		exchange_fail(exchange, &failure);
		return;
	}
	name = *found;
	name.version++;
	context_version_tag(&name, starting->tag);
	processes_kill(exchange_who(exchange), exchange_param(exchange, "id"),
	    process->id, on_replaced, starting);
}

void
sandbox0_update_session(struct exchange *exchange)
{
	struct starting *starting = new_starting(exchange);

	if (starting == NULL)
		return;
	starting->status = 200;
	contexts_find_any(exchange_who(exchange),
	    exchange_param(exchange, "id"), exchange_param(exchange, "ctx"),
	    on_found_to_replace, starting);
}

/* -- begun anew, and ended */

static void
on_found_to_try(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	const uint32_t *replaces = exchange_input(arg);
	struct failure failure;

	if (err != NULL) {
		exchange_fail_err(arg, err);
	} else if (name->runner != NULL || (process->ended_ms == 0 &&
	    *replaces != FIELD_TRUE)) {
		failure_set(&failure, 409, "conflict", NULL, name->runner !=
		    NULL ? "%s is a context of a language" : "session %s "
		    "runs: say replace_current to have it killed",
		    name->name);
		exchange_fail(arg, &failure);
	} else {
		sandbox0_restart_command(arg, process->id, reply_started);
	}
}

void
sandbox0_create_attempt(struct exchange *exchange)
{
	find(exchange, on_found_to_try, exchange);
}

static void
reply_again(struct exchange *exchange, const struct rpc_process_info *process,
    const struct context_name *name)
{
	(void)name;
	tell(exchange, process->id);
}

static void
on_stopped(void *arg, const struct err *err)
{
	if (err != NULL && err->code != ESRCH)
		exchange_fail_err(arg, err);
	else
		find(arg, on_found, arg);
}

static void
on_found_to_set(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err)
{
	const uint32_t *state = exchange_input(arg);

	(void)name;
	if (err != NULL)
		exchange_fail_err(arg, err);
	else if (*state == STATE_STOPPED)
		processes_kill(exchange_who(arg), exchange_param(arg, "id"),
		    process->id, on_stopped, arg);
	else if (process->ended_ms != 0)
		sandbox0_restart_command(arg, process->id, reply_again);
	else
		tell(arg, process->id);
}

void
sandbox0_set_session_state(struct exchange *exchange)
{
	const uint32_t *state = exchange_input(exchange);
	struct failure failure;

	if (*state != STATE_UNSAID) {
		find(exchange, on_found_to_set, exchange);
		return;
	}
	failure_of_field(&failure, "state", "must be running or stopped");
	exchange_fail(exchange, &failure);
}
