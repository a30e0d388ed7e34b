// SPDX-License-Identifier: Apache-2.0
/* Start and Connect: what a process writes, as it comes, and its end. */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/e2b/head.h"
#include "gateway/http/dialect/e2b/select.h"
#include "gateway/http/dialect/e2b/stream.h"
#include "gateway/http/service/contexts.h"
#include "gateway/http/service/exec.h"

#define COMMAND_MAX	131071
#define SIZE_MAX_CELLS	65535
#define TERMINAL_TERM	"xterm-256color"

struct size {
	uint32_t rows, columns;
};
static const struct field size_fields[] = {
    {"rows", FIELD_U32, offsetof(struct size, rows), 1, SIZE_MAX_CELLS,
	"of characters"},
    {"cols", FIELD_U32, offsetof(struct size, columns), 1, SIZE_MAX_CELLS,
	"of characters"},
};
static FIELD_TABLE(e2b_size, struct size, size_fields);

struct pty {
	struct field_objects size;
};
static const struct field pty_fields[] = {
    {"size", FIELD_OBJECT, offsetof(struct pty, size), .text = "of it",
	.table = &e2b_size},
};
static FIELD_TABLE(e2b_pty, struct pty, pty_fields);

struct config {
	const char *command, *cwd;
	struct field_variables args, envs;
};
static const struct field config_fields[] = {
    {"cmd", FIELD_STRING, offsetof(struct config, command), 1, 4095,
	"the program", "a program"},
    {"args", FIELD_WORDS, offsetof(struct config, args), 0, COMMAND_MAX,
	"its arguments"},
    {"envs", FIELD_VARIABLES, offsetof(struct config, envs), 0, 0,
	"more variables"},
    {"cwd", FIELD_STRING, offsetof(struct config, cwd), 0, 4095, "where"},
};
static FIELD_TABLE(e2b_config, struct config, config_fields);

struct wish {
	struct field_objects config, pty;
	const char *tag;
	uint32_t has_input;
};
static const struct field wish_fields[] = {
    {"process", FIELD_OBJECT, offsetof(struct wish, config), .text =
	"what is to run", .table = &e2b_config},
    {"pty", FIELD_OBJECT, offsetof(struct wish, pty), .text =
	"a terminal for it", .table = &e2b_pty},
    {"tag", FIELD_STRING, offsetof(struct wish, tag), 0, 64,
	"a name for it"},
    {"stdin", FIELD_BOOLEAN, offsetof(struct wish, has_input), .text =
	"whether its standard input stays open; true where left out"},
};
FIELD_TABLE(e2b_start_wish, struct wish, wish_fields);

struct select_wish {
	struct field_objects selector;
};
static const struct field select_fields[] = {
    {"process", FIELD_OBJECT, offsetof(struct select_wish, selector),
	.text = "which", .table = &e2b_selector},
};
FIELD_TABLE(e2b_select_wish, struct select_wish, select_fields);

struct dying;

struct watching {
	struct stream stream;
	struct exec *exec;
	struct rpc_process_start_req start;
	struct rpc_process_view_req view;
	char user[E2B_USER_SIZE];
	char *argv; /* owned */
	struct head_times times; /* its end is that of a look at it */
	struct err failure; /* that is being looked into */
	bool is_pty, is_view;
	struct dying *dying; /* NULL: it is not */
};

/* One that had too little memory, until it is known how much: who watched may
 * be gone by then. */
struct dying {
	struct watching *watching; /* NULL: they are */
	struct exec_exit exit;
};

static json_t *
event(const char *kind, json_t *what)
{
	return json_pack("{s:{s:o}}", "event", kind, what);
}

static void
set_due(struct watching *watching)
{
	uint64_t in_ms = head_times_next(&watching->times);

	if (in_ms != 0)
		exec_set_due(watching->exec, in_ms);
}

static void
on_due(void *arg)
{
	struct watching *watching = arg;
	struct failure failure;

	if (watching->stream.is_ended)
		return;
	if (!head_times_are_over(&watching->times)) {
		stream_add(&watching->stream, event("keepalive",
		    json_object()));
		set_due(watching);
		return;
	}
	failure_set(&failure, 504, "deadline_exceeded", NULL, "the time for "
	    "looking at it is over; it goes on");
	stream_fail(&watching->stream, &failure);
}

static void
begin(struct watching *watching, uint32_t pid)
{
	stream_add(&watching->stream, event("start", json_pack("{s:I}", "pid",
	    (json_int_t)pid)));
	set_due(watching);
}

static void
on_started(void *arg, uint32_t id, uint32_t pid)
{
	(void)id;
	begin(arg, pid);
}

static void
on_viewed(void *arg, const struct rpc_process_info *process)
{
	struct watching *watching = arg;

	watching->is_pty = process->has_tty != 0;
	begin(watching, process->pid);
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	char base64[sodium_base64_ENCODED_LEN(EXEC_OUTPUT_MAX,
	    sodium_base64_VARIANT_ORIGINAL)];
	struct watching *watching = arg;
	const char *name = watching->is_pty ? "pty" : is_error ? "stderr" :
	    "stdout";

	(void)position;
	if (size > EXEC_OUTPUT_MAX)
		size = EXEC_OUTPUT_MAX;
	sodium_bin2base64(base64, sizeof base64, data, size,
	    sodium_base64_VARIANT_ORIGINAL);
	stream_add(&watching->stream, event("data", json_pack("{s:s}", name,
	    base64)));
}

/* Clients know of nothing that is missing: it is said where it was. */
static void
on_lost(void *arg, uint64_t n_bytes)
{
	char words[64];
	int n = snprintf(words, sizeof words, "\n[%llu bytes are lost]\n",
	    (unsigned long long)n_bytes);

	on_output(arg, true, words, (size_t)n, 0);
}

/* How it ended, in the words of Go's os.ProcessState. */
static void
end_exit(struct watching *watching, const struct exec_exit *exit,
    const char *why)
{
	char status[64];
	const char *name = exit->is_signal ? strsignal(exit->code) : NULL;
	json_t *end;

	if (exit->is_signal)
		snprintf(status, sizeof status, "signal: %s",
		    name != NULL ? name : "unknown");
	else
		snprintf(status, sizeof status, "exit status %d", exit->code);
	end = json_pack("{s:i, s:b, s:s}", "exitCode", exit->is_signal ?
	    128 + exit->code : exit->code, "exited", !exit->is_signal,
	    "status", status);
	if (end != NULL && (exit->is_signal || exit->code != 0))
		(void)json_object_set_new(end, "error", json_string(
		    why != NULL ? why : status));
	stream_add(&watching->stream, event("end", end));
	stream_end(&watching->stream);
}

static void
on_limit(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	struct dying *dying = arg;
	char words[64] = "out of memory";

	if (err == NULL)
		snprintf(words, sizeof words, "out of memory (limit %llu MiB)",
		    (unsigned long long)sandbox->info.memory_limit_bytes >> 20);
	if (dying->watching != NULL) {
		dying->watching->dying = NULL;
		end_exit(dying->watching, &dying->exit, words);
	}
	free(dying);
}

/* The sandbox's memory was too little: how much it is. */
static void
end_oom(struct watching *watching, const struct exec_exit *exit)
{
	struct exchange *exchange = watching->stream.exchange;
	struct dying *dying = malloc(sizeof *dying);

	if (dying == NULL) {
		end_exit(watching, exit, NULL);
		return;
	}
	*dying = (struct dying){watching, *exit};
	watching->dying = dying;
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_limit, dying);
}

/* Whether the sandbox is still there: clients say of one that is not that it is
 * not running any more. */
static void
on_looked(void *arg, const struct sandboxes_view *sandbox,
    const struct err *failure)
{
	struct watching *watching = arg;
	struct err err = watching->failure;

	if ((failure != NULL && failure->code == ENOENT) ||
	    (failure == NULL && !e2b_is_told(&sandbox->info)))
		err.code = EIDRM;
	stream_fail_err(&watching->stream, &err);
}

static void
fail(struct watching *watching, const struct err *err)
{
	struct exchange *exchange = watching->stream.exchange;

	if (watching->stream.is_begun || err->code != ENOENT) {
		stream_fail_err(&watching->stream, err);
		return;
	}
	watching->failure = *err;
	sandboxes_get(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_looked, watching);
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct watching *watching = arg;
	struct failure failure;

	if (exit == NULL) {
		fail(watching, err);
	} else if (exit->is_timed_out && !watching->is_view) {
		failure_set(&failure, 504, "deadline_exceeded", NULL,
		    "its time was over, and it was killed with all that it "
		    "had started");
		stream_fail(&watching->stream, &failure);
	} else if (exit->is_oom) {
		end_oom(watching, exit);
	} else {
		end_exit(watching, exit, NULL);
	}
}

static void
hold(void *arg, bool is_held)
{
	const struct watching *watching = arg;

	if (watching->exec != NULL)
		exec_hold(watching->exec, is_held);
}

static void
on_gone(void *arg)
{
	struct watching *watching = arg;

	exec_close(watching->exec);
	if (watching->dying != NULL)
		watching->dying->watching = NULL;
	free(watching->argv);
}

/* The program and its arguments as one list; false: out of memory. */
static bool
set_argv(struct watching *watching, const struct config *config)
{
	size_t size = strlen(config->command) + 1;

	watching->argv = malloc(size + config->args.size);
	if (watching->argv == NULL)
		return false;
	memcpy(watching->argv, config->command, size);
	if (config->args.size > 0)
		memcpy(watching->argv + size, config->args.data,
		    config->args.size);
	watching->start.argv = (struct rpc_strv){watching->argv,
	    (uint32_t)size + config->args.size, config->args.count + 1};
	return true;
}

static void
set_terminal(struct watching *watching, const struct field_objects *ptys)
{
	const struct pty *pty = ptys->items;
	const struct size *size = ptys->count > 0 ? pty->size.items : NULL;
	struct rpc_process_start_req *start = &watching->start;

	if (ptys->count == 0)
		return;
	watching->is_pty = true;
	start->pty = 1;
	start->term = TERMINAL_TERM;
	start->rows = size != NULL && size->rows != 0 ? size->rows : 24;
	start->columns = size != NULL && size->columns != 0 ? size->columns :
	    80;
}

static int
set_start(struct watching *watching, struct err *err)
{
	const struct wish *wish = watching->stream.input;
	const struct config *config = wish->config.items;
	struct rpc_process_start_req *start = &watching->start;

	if (wish->config.count == 0)
		return err_set(err, EINVAL, "process: must be given");
	if (wish->tag != NULL && strncmp(wish->tag, CONTEXT_TAG,
	    strlen(CONTEXT_TAG)) == 0)
		return err_set(err, EINVAL, "tag: must not begin with \"%s\"",
		    CONTEXT_TAG);
	*start = (struct rpc_process_start_req){.kind = INIT_SPAWN_ARGV,
	    .user = watching->user, .command = "", .term = "",
	    .cwd = config->cwd != NULL ? config->cwd : "",
	    .env = {config->envs.data, config->envs.size,
		config->envs.count},
	    .tag = wish->tag != NULL ? wish->tag : "",
	    .timeout_ms = head_timeout_ms(watching->stream.exchange),
	    .has_input = wish->has_input != FIELD_FALSE,
	    .attaches = INIT_ATTACH_PACED};
	set_terminal(watching, &wish->pty);
	return set_argv(watching, config) ? 0 :
	    err_set(err, ENOMEM, "out of memory");
}

static const struct exec_client exec_client = {.started = on_started,
    .viewed = on_viewed, .output = on_output, .lost = on_lost,
    .due = on_due, .ended = on_ended};

static void
on_start_asked(void *arg)
{
	struct watching *watching = arg;
	struct exchange *exchange = watching->stream.exchange;
	struct exec_client client = exec_client;
	struct err err = {0};

	client.arg = watching;
	if (set_start(watching, &err) < 0 ||
	    exec_open(exchange_who(exchange), exchange_param(exchange, "id"),
	    &watching->start, &client, &watching->exec, &err) < 0)
		fail(watching, &err);
}

static void
on_found(void *arg, const struct rpc_process_info *process,
    const struct err *failure)
{
	struct watching *watching = arg;
	struct exchange *exchange = watching->stream.exchange;
	struct exec_client client = exec_client;
	struct err err = {0};

	if (failure != NULL) {
		fail(watching, failure);
		return;
	}
	client.arg = watching;
	watching->view = (struct rpc_process_view_req){.id = process->id,
	    .views = INIT_ATTACH};
	if (exec_view(exchange_who(exchange), exchange_param(exchange, "id"),
	    &watching->view, &client, &watching->exec, &err) < 0)
		fail(watching, &err);
}

static void
on_connect_asked(void *arg)
{
	struct watching *watching = arg;
	const struct select_wish *wish = watching->stream.input;
	struct exchange *exchange = watching->stream.exchange;

	process_select(exchange_who(exchange), exchange_param(exchange, "id"),
	    &wish->selector, on_found, watching);
}

static void
watch(struct exchange *exchange, const struct field_table *input,
    void (*asked)(void *arg))
{
	struct watching *watching = exchange_memory(exchange,
	    sizeof *watching);
	const struct stream_client client = {input, asked, hold, on_gone,
	    watching};
	const struct err err = {ENOMEM, "out of memory"};

	if (watching == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	e2b_user(exchange, watching->user);
	watching->is_view = input == &e2b_select_wish;
	head_times_read(exchange, watching->is_view, &watching->times);
	stream_begin(&watching->stream, exchange, &client);
}

void
e2b_start(struct exchange *exchange)
{
	watch(exchange, &e2b_start_wish, on_start_asked);
}

void
e2b_connect(struct exchange *exchange)
{
	watch(exchange, &e2b_select_wish, on_connect_asked);
}
