// SPDX-License-Identifier: Apache-2.0
/* Processes that live on, as far as one thing is asked and one answered. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common/parse.h"
#include "common/utf8.h"
#include "gateway/http/dialect/native/process.h"
#include "gateway/http/dialect/native/start.h"
#include "gateway/http/service/processes.h"

struct wish {
	struct start_wish start;
	uint32_t has_input;
	struct field_objects tty; /* of struct start_size */
};
#define WISH(field) offsetof(struct wish, field)
static const struct field wish_fields[] = {
    START_FIELDS(struct wish)
    {"stdin", FIELD_BOOLEAN, WISH(has_input), .text =
	"whether its standard input stays open; else it is at its end"},
    {"tty", FIELD_OBJECT, WISH(tty), .text =
	"a terminal of that size; left out: none",
	.table = &native_terminal_size},
};
FIELD_TABLE(native_process_wish, struct wish, wish_fields);

enum { STATE_RUNNING, STATE_EXITED };
static const char *const states[] = {"running", "exited", NULL};

struct view {
	struct rpc_process_info info;
	char command_text[3 * 257], tag_text[3 * 65];
	const char *command, *tag, *signal;
	uint32_t state, exit_code, is_truncated;
	/* Of one alone. */
	const char *whole_command, *cwd;
	struct rpc_strv argv;
	struct field_variables env;
};
#define VIEW(field) offsetof(struct view, field)
#define PROCESS_FIELDS                                                         \
	{"id", FIELD_U32, VIEW(info.id), .text = "its number in the sandbox"}, \
	{"tag", FIELD_STRING, VIEW(tag), .text = "yours",                      \
	    .is_nullable = true},                                              \
	{"command", FIELD_STRING, VIEW(command), .text =                       \
	    "what runs, for people, at most 256 bytes of it"},                 \
	{"user", FIELD_STRING, VIEW(info.user), .text = "as whom"},            \
	{"pid", FIELD_U32, VIEW(info.pid), .text = "its number there"},        \
	{"tty", FIELD_BOOLEAN, VIEW(info.has_tty), .text =                     \
	    "whether it is on a terminal"},                                    \
	{"state", FIELD_U32, VIEW(state), .text = "whether it runs",           \
	    .words = states},                                                  \
	{"started_at", FIELD_TIME, VIEW(info.started_ms), .text = "when"},     \
	{"ended_at", FIELD_TIME, VIEW(info.ended_ms), .text = "when"},         \
	{"exit_code", FIELD_U32, VIEW(exit_code), .text =                      \
	    "128 and the signal's number, where one ended it",                 \
	    .is_nullable = true},                                              \
	{"signal", FIELD_STRING, VIEW(signal), .text = "that ended it",        \
	    .is_nullable = true},                                              \
	{"timed_out", FIELD_BOOLEAN, VIEW(info.is_timed_out), .text =          \
	    "whether its time did"},                                           \
	{"stdout_bytes", FIELD_U64, VIEW(info.stdout_bytes), .text =           \
	    "all it wrote there"},                                             \
	{"stderr_bytes", FIELD_U64, VIEW(info.stderr_bytes), .text =           \
	    "the same"},                                                       \
	{"first_position", FIELD_U64, VIEW(info.start_position), .text =       \
	    "of the oldest byte that is still there"},                         \
	{"next_position", FIELD_U64, VIEW(info.end_position), .text =          \
	    "of the next byte it writes"},                                     \
	{"truncated", FIELD_BOOLEAN, VIEW(is_truncated), .text =               \
	    "whether some of it is no longer there"},

static const struct field process_fields[] = {PROCESS_FIELDS};
FIELD_TABLE(native_process, struct view, process_fields);

static const struct field whole_fields[] = {
    PROCESS_FIELDS
    {"shell_command", FIELD_STRING, VIEW(whole_command), .text =
	"as it was started", .is_nullable = true},
    {"argv", FIELD_STRINGS, VIEW(argv), .text = "the same",
	.is_nullable = true},
    {"cwd", FIELD_STRING, VIEW(cwd), .text = "the same",
	.is_nullable = true},
    {"env", FIELD_VARIABLES, VIEW(env), .text = "the same"},
};
FIELD_TABLE(native_whole_process, struct view, whole_fields);

static void
set_exit(struct view *view, const struct rpc_process_info *info)
{
	int status = info->wait_status;
	bool is_signal = WIFSIGNALED(status);
	const char *name = is_signal ? sigabbrev_np(WTERMSIG(status)) : "";

	view->state = info->ended_ms != 0 ? STATE_EXITED : STATE_RUNNING;
	view->exit_code = (uint32_t)(is_signal ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status));
	view->signal = view->state == STATE_RUNNING ? "" :
	    name != NULL ? name : "unknown";
}

/* What points into the view is the caller's to keep. */
static void
view_init(struct view *view, const struct rpc_process_info *info)
{
	*view = (struct view){.info = *info,
	    .is_truncated = info->start_position > 0};
	utf8_copy(view->command_text, sizeof view->command_text,
	    info->command);
	utf8_copy(view->tag_text, sizeof view->tag_text, info->tag);
	view->command = view->command_text;
	view->tag = view->tag_text;
	set_exit(view, info);
}

static json_t *
print(const struct field_table *table, const struct view *view)
{
	json_t *object = field_print(table, view);

	if (object != NULL && view->state == STATE_RUNNING)
		(void)json_object_set_new(object, "exit_code", json_null());
	return object;
}

json_t *
process_print(const struct rpc_process_info *info)
{
	struct view view;

	view_init(&view, info);
	return print(&native_process, &view);
}

bool
process_id(struct exchange *exchange, uint32_t *ret)
{
	const char *text = exchange_param(exchange, "pid");
	struct failure failure;
	uint64_t number;

	if (parse_u64(text, &number) == 0 && number >= 1 &&
	    number <= UINT32_MAX) {
		*ret = (uint32_t)number;
		return true;
	}
	failure_of_field(&failure, "pid", "\"%.40s\" is not the number of a "
	    "process", text);
	exchange_fail(exchange, &failure);
	return false;
}

bool
process_number(struct exchange *exchange, const char *name, uint64_t max,
    uint64_t *ret)
{
	const char *text = exchange_query(exchange, name);
	struct failure failure;

	if (text[0] == '\0' ||
	    (parse_u64(text, ret) == 0 && *ret <= max))
		return true;
	failure_of_field(&failure, name, "must be a whole number up to %llu",
	    (unsigned long long)max);
	exchange_fail(exchange, &failure);
	return false;
}

static void
on_started(void *arg, const struct rpc_process_info *process,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 201, process_print(process));
}

void
native_start_process(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	struct rpc_process_start_req *request;
	struct err err = {ENOMEM, "out of memory"};

	if (!start_check(exchange, &wish->start))
		return;
	request = exchange_memory(exchange, sizeof *request);
	if (request == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	start_request(&wish->start, request);
	start_set_terminal(request, &wish->tty);
	request->has_input = wish->has_input == FIELD_TRUE;
	processes_start(exchange_who(exchange),
	    exchange_param(exchange, "id"), request, on_started, exchange);
}

/* Those of a tag, or all. */
static void
on_list(void *arg, struct rpc_bytes list, const struct err *err)
{
	const char *tag = exchange_query(arg, "tag");
	json_t *processes;
	struct rpc_process_info info;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	processes = json_array();
	while (rpc_list_next(&rpc_layout_process_info, &list, &info))
		if (tag[0] == '\0' || strcmp(tag, info.tag) == 0)
			(void)json_array_append_new(processes,
			    process_print(&info));
	exchange_reply(arg, 200, json_pack("{s:o}", "processes", processes));
}

void
native_list_processes(struct exchange *exchange)
{
	processes_list(exchange_who(exchange),
	    exchange_param(exchange, "id"), on_list, exchange);
}

/* Not more than gateway-http's own copy of it is changed. */
static struct field_variables
variables_of(struct rpc_strv strings)
{
	return (struct field_variables){(char *)(uintptr_t)strings.data,
	    strings.size, strings.count};
}

static void
on_got(void *arg, const struct rpc_process_get_rep *reply,
    const struct err *err)
{
	struct rpc_bytes list = err == NULL ? reply->process :
	    (struct rpc_bytes){0};
	struct rpc_process_info info;
	const struct err none = {EBADMSG, "the sandbox told of no process"};
	struct view view;

	if (err != NULL || !rpc_list_next(&rpc_layout_process_info, &list,
	    &info)) {
		exchange_fail_err(arg, err != NULL ? err : &none);
		return;
	}
	view_init(&view, &info);
	view.whole_command = reply->command;
	view.cwd = reply->cwd;
	view.argv = reply->argv;
	view.env = variables_of(reply->env);
	exchange_reply(arg, 200, print(&native_whole_process, &view));
}

void
native_get_process(struct exchange *exchange)
{
	uint32_t id;

	if (process_id(exchange, &id))
		processes_get(exchange_who(exchange),
		    exchange_param(exchange, "id"), id, on_got, exchange);
}

struct signal_wish {
	const char *signal;
};
static const struct field signal_fields[] = {
    {"signal", FIELD_STRING, offsetof(struct signal_wish, signal), 1, 16,
	"its name, such as TERM, or its number",
	"a signal's name or number"},
};
FIELD_TABLE(native_signal_wish, struct signal_wish, signal_fields);

void
native_signal_process(struct exchange *exchange)
{
	const struct signal_wish *wish = exchange_input(exchange);
	struct failure failure;
	int number = process_find_signal(wish->signal, &failure);
	uint32_t id;

	if (!process_id(exchange, &id))
		return;
	if (number < 0) {
		exchange_fail(exchange, &failure);
		return;
	}
	processes_signal(exchange_who(exchange),
	    exchange_param(exchange, "id"), id, number, exchange_done,
	    exchange);
}

void
native_resize_process(struct exchange *exchange)
{
	const struct start_size *size = exchange_input(exchange);
	struct failure failure;
	uint32_t id;

	if (!process_id(exchange, &id))
		return;
	if (size->rows == 0 || size->columns == 0) {
		failure_of_field(&failure, size->rows == 0 ? "rows" : "cols",
		    "must be given, a whole number from 1 to %d",
		    START_SIZE_MAX);
		exchange_fail(exchange, &failure);
		return;
	}
	processes_resize(exchange_who(exchange),
	    exchange_param(exchange, "id"), id, size->rows, size->columns,
	    exchange_done, exchange);
}

void
native_close_process_input(struct exchange *exchange)
{
	uint32_t id;

	if (process_id(exchange, &id))
		processes_close_input(exchange_who(exchange),
		    exchange_param(exchange, "id"), id, exchange_done,
		    exchange);
}

void
native_kill_process(struct exchange *exchange)
{
	uint32_t id;

	if (process_id(exchange, &id))
		processes_kill(exchange_who(exchange),
		    exchange_param(exchange, "id"), id, exchange_done,
		    exchange);
}
