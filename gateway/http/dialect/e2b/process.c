// SPDX-License-Identifier: Apache-2.0
/* Processes, as far as one thing is asked and one answered. */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/e2b/select.h"
#include "gateway/http/dialect/native/text.h"
#include "gateway/http/service/contexts.h"
#include "gateway/http/service/exec.h"
#include "gateway/http/service/processes.h"

#define INPUT_TEXT_MAX (1 << 20) /* bytes of base64 */
#define LISTED_MAX     512

static const struct err out_of_memory = {ENOMEM, "out of memory"};

/* -- what is asked of one that runs */

struct asking {
	struct exchange *exchange;
	void (*go_on)(struct asking *asking, uint32_t id);
	/* Of an input. */
	struct exec *exec;
	struct rpc_process_view_req view;
	uint8_t *bytes; /* owned */
	size_t size, given;
};

static void
on_done(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply(arg, 200, json_object());
}

static void
on_found(void *arg, const struct rpc_process_info *process,
    const struct err *failure)
{
	struct asking *asking = arg;
	struct err err;

	if (failure != NULL) {
		exchange_fail_err(asking->exchange, failure);
	} else if (process->ended_ms != 0) {
		err_set(&err, ESRCH, "the process with pid %u has ended",
		    process->pid);
		exchange_fail_err(asking->exchange, &err);
	} else {
		asking->go_on(asking, process->id);
	}
}

static void
on_gone(void *arg)
{
	struct asking *asking = arg;

	exec_close(asking->exec);
	free(asking->bytes);
}

/* NULL: the exchange has been failed. */
static struct asking *
new_asking(struct exchange *exchange,
    void (*go_on)(struct asking *asking, uint32_t id))
{
	struct asking *asking = exchange_memory(exchange, sizeof *asking);
	const struct exchange_stream stream = {.gone = on_gone,
	    .arg = asking};

	if (asking == NULL) {
		exchange_fail_err(exchange, &out_of_memory);
		return NULL;
	}
	asking->exchange = exchange;
	asking->go_on = go_on;
	exchange_set_stream(exchange, &stream);
	return asking;
}

/* Of the process that the request selects. */
static void
ask(struct exchange *exchange, const struct field_objects *selector,
    void (*go_on)(struct asking *asking, uint32_t id))
{
	struct asking *asking = new_asking(exchange, go_on);

	if (asking != NULL)
		process_select(exchange_who(exchange),
		    exchange_param(exchange, "id"), selector, on_found,
		    asking);
}

/* -- signals */

static const char *const signals[] = {"SIGNAL_UNSPECIFIED", "SIGNAL_SIGTERM",
    "SIGNAL_SIGKILL", NULL};

struct signal_wish {
	struct field_objects selector;
	uint32_t signal;
};
static const struct field signal_fields[] = {
    {"process", FIELD_OBJECT, offsetof(struct signal_wish, selector),
	.text = "which", .table = &e2b_selector},
    {"signal", FIELD_U32, offsetof(struct signal_wish, signal), .text =
	"which", .words = signals},
};
FIELD_TABLE(e2b_signal_wish, struct signal_wish, signal_fields);

/* Who is killed is killed with all that it has started. */
static void
send_signal(struct asking *asking, uint32_t id)
{
	struct exchange *exchange = asking->exchange;
	const struct signal_wish *wish = exchange_input(exchange);
	const char *sandbox = exchange_param(exchange, "id");

	if (wish->signal == 2)
		processes_kill(exchange_who(exchange), sandbox, id, on_done,
		    exchange);
	else
		processes_signal(exchange_who(exchange), sandbox, id, SIGTERM,
		    on_done, exchange);
}

void
e2b_send_signal(struct exchange *exchange)
{
	const struct signal_wish *wish = exchange_input(exchange);
	struct failure failure;

	if (wish->signal == 0) {
		failure_of_field(&failure, "signal", "must be SIGNAL_SIGTERM "
		    "or SIGNAL_SIGKILL");
		exchange_fail(exchange, &failure);
		return;
	}
	ask(exchange, &wish->selector, send_signal);
}

/* -- its terminal's size */

struct cells {
	uint32_t rows, columns;
};
static const struct field cells_fields[] = {
    {"rows", FIELD_U32, offsetof(struct cells, rows), 1, 65535,
	"of characters"},
    {"cols", FIELD_U32, offsetof(struct cells, columns), 1, 65535,
	"of characters"},
};
static FIELD_TABLE(e2b_cells, struct cells, cells_fields);

struct new_pty {
	struct field_objects size;
};
static const struct field new_pty_fields[] = {
    {"size", FIELD_OBJECT, offsetof(struct new_pty, size), .text = "of it",
	.table = &e2b_cells},
};
static FIELD_TABLE(e2b_new_pty, struct new_pty, new_pty_fields);

struct update_wish {
	struct field_objects selector, pty;
};
static const struct field update_fields[] = {
    {"process", FIELD_OBJECT, offsetof(struct update_wish, selector),
	.text = "which", .table = &e2b_selector},
    {"pty", FIELD_OBJECT, offsetof(struct update_wish, pty), .text =
	"its terminal", .table = &e2b_new_pty},
};
FIELD_TABLE(e2b_update_wish, struct update_wish, update_fields);

static const struct cells *
new_size(const struct update_wish *wish)
{
	const struct new_pty *pty = wish->pty.items;

	return wish->pty.count > 0 && pty->size.count > 0 ? pty->size.items :
	    NULL;
}

static void
resize(struct asking *asking, uint32_t id)
{
	struct exchange *exchange = asking->exchange;
	const struct cells *cells = new_size(exchange_input(exchange));

	processes_resize(exchange_who(exchange),
	    exchange_param(exchange, "id"), id, cells->rows, cells->columns,
	    on_done, exchange);
}

void
e2b_update(struct exchange *exchange)
{
	const struct update_wish *wish = exchange_input(exchange);
	const struct cells *cells = new_size(wish);
	struct failure failure;

	if (cells == NULL || cells->rows == 0 || cells->columns == 0) {
		failure_of_field(&failure, "pty", "must be given, with rows "
		    "and cols of its size");
		exchange_fail(exchange, &failure);
		return;
	}
	ask(exchange, &wish->selector, resize);
}

/* -- what it reads */

struct bytes_wish {
	const char *input, *pty;
};
static const struct field bytes_fields[] = {
    {"stdin", FIELD_TEXT, offsetof(struct bytes_wish, input), 0,
	INPUT_TEXT_MAX, "bytes of it, as base64"},
    {"pty", FIELD_TEXT, offsetof(struct bytes_wish, pty), 0, INPUT_TEXT_MAX,
	"the same of a terminal"},
};
static FIELD_TABLE(e2b_bytes, struct bytes_wish, bytes_fields);

struct input_wish {
	struct field_objects selector, input;
};
static const struct field input_fields[] = {
    {"process", FIELD_OBJECT, offsetof(struct input_wish, selector),
	.text = "which", .table = &e2b_selector},
    {"input", FIELD_OBJECT, offsetof(struct input_wish, input), .text =
	"what", .table = &e2b_bytes},
};
FIELD_TABLE(e2b_input_wish, struct input_wish, input_fields);

static void
give_input(struct asking *asking)
{
	asking->given += exec_input(asking->exec, asking->bytes +
	    asking->given, asking->size - asking->given);
}

static void
on_viewed(void *arg, const struct rpc_process_info *process)
{
	(void)process;
	give_input(arg);
}

static void
on_room(void *arg)
{
	struct asking *asking = arg;

	if (asking->given < asking->size)
		give_input(asking);
}

static void
refuse_input(struct asking *asking)
{
	struct failure failure;

	failure_set(&failure, 409, "conflict", NULL, "nobody reads the input "
	    "of this process: it has ended, or was started without stdin");
	exchange_fail(asking->exchange, &failure);
}

static void
on_taken(void *arg, uint64_t n_bytes, bool is_refused)
{
	struct asking *asking = arg;

	if (is_refused)
		refuse_input(asking);
	else if (n_bytes >= asking->size)
		exchange_reply(asking->exchange, 200, json_object());
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct asking *asking = arg;

	if (exit != NULL)
		refuse_input(asking);
	else
		exchange_fail_err(asking->exchange, err);
}

static void
send_input(struct asking *asking, uint32_t id)
{
	struct exchange *exchange = asking->exchange;
	const struct exec_client client = {.viewed = on_viewed,
	    .taken = on_taken, .room = on_room, .ended = on_ended,
	    .arg = asking};
	struct err err;

	if (asking->size == 0) {
		exchange_reply(exchange, 200, json_object());
		return;
	}
	asking->view = (struct rpc_process_view_req){.id = id,
	    .views = INIT_ATTACH_QUIET};
	if (exec_view(exchange_who(exchange), exchange_param(exchange, "id"),
	    &asking->view, &client, &asking->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
}

/* The bytes of the request; false: the exchange has been failed. */
static bool
decode(struct asking *asking, const char *text)
{
	size_t room = strlen(text);
	struct failure failure;

	asking->bytes = malloc(room + 1);
	if (asking->bytes == NULL) {
		exchange_fail_err(asking->exchange, &out_of_memory);
		return false;
	}
	if (sodium_base642bin(asking->bytes, room, text, room, NULL,
	    &asking->size, NULL, sodium_base64_VARIANT_ORIGINAL) == 0)
		return true;
	failure_of_field(&failure, "input", "is not base64");
	exchange_fail(asking->exchange, &failure);
	return false;
}

void
e2b_send_input(struct exchange *exchange)
{
	const struct input_wish *wish = exchange_input(exchange);
	const struct bytes_wish *bytes = wish->input.items;
	struct failure failure;
	struct asking *asking;

	if (wish->input.count == 0 ||
	    (bytes->input == NULL) == (bytes->pty == NULL)) {
		failure_of_field(&failure, "input", "give stdin or pty");
		exchange_fail(exchange, &failure);
		return;
	}
	asking = new_asking(exchange, send_input);
	if (asking == NULL || !decode(asking, bytes->input != NULL ?
	    bytes->input : bytes->pty))
		return;
	process_select(exchange_who(exchange), exchange_param(exchange, "id"),
	    &wish->selector, on_found, asking);
}

static void
close_input(struct asking *asking, uint32_t id)
{
	struct exchange *exchange = asking->exchange;

	processes_close_input(exchange_who(exchange),
	    exchange_param(exchange, "id"), id, on_done, exchange);
}

void
e2b_close_input(struct exchange *exchange)
{
	const struct field_objects *selector = exchange_input(exchange);

	ask(exchange, selector, close_input);
}

/* -- those there are */

struct listing {
	struct exchange *exchange;
	uint32_t ids[LISTED_MAX];
	size_t n, next;
	json_t *list; /* owned */
};

static void
on_listing_gone(void *arg)
{
	struct listing *listing = arg;

	json_decref(listing->list);
}

/* Strings behind the first `skipped`, as a list. */
static json_t *
list_of(struct rpc_strv strings, uint32_t skipped)
{
	json_t *list = json_array();
	const char *text = strings.data;

	for (uint32_t i = 0; i < strings.count; i++) {
		if (i >= skipped)
			(void)json_array_append_new(list, text_string(text));
		text += strlen(text) + 1;
	}
	return list;
}

static json_t *
map_of(struct rpc_strv variables)
{
	json_t *map = json_object();
	const char *text = variables.data;

	for (uint32_t i = 0; i < variables.count; i++) {
		char *clean = text_make(text, strlen(text));
		char *value = clean != NULL ? strchr(clean, '=') : NULL;

		if (value != NULL) {
			*value = '\0';
			(void)json_object_set_new(map, clean,
			    json_string(value + 1));
		}
		free(clean);
		text += strlen(text) + 1;
	}
	return map;
}

static void ask_next(struct listing *listing);

static json_t *
describe(const struct rpc_process_info *info,
    const struct rpc_process_get_rep *reply)
{
	bool is_shell = reply->argv.count == 0;
	json_t *process = json_pack("{s:{s:o, s:o, s:o}, s:I}", "config",
	    "cmd", text_string(is_shell ? reply->command :
	    reply->argv.data),
	    "args", list_of(reply->argv, 1), "envs", map_of(reply->env),
	    "pid", (json_int_t)info->pid);

	if (process != NULL && reply->cwd[0] != '\0')
		(void)json_object_set_new(json_object_get(process, "config"),
		    "cwd", text_string(reply->cwd));
	if (process != NULL && info->tag[0] != '\0')
		(void)json_object_set_new(process, "tag",
		    text_string(info->tag));
	return process;
}

static void
on_got(void *arg, const struct rpc_process_get_rep *reply,
    const struct err *err)
{
	struct rpc_bytes list = err == NULL ? reply->process :
	    (struct rpc_bytes){0};
	struct listing *listing = arg;
	struct rpc_process_info info;

	if (err != NULL && err->code != ESRCH) {
		exchange_fail_err(listing->exchange, err);
		return;
	}
	if (err == NULL && rpc_list_next(&rpc_layout_process_info, &list,
	    &info))
		(void)json_array_append_new(listing->list,
		    describe(&info, reply));
	ask_next(listing);
}

static void
ask_next(struct listing *listing)
{
	struct exchange *exchange = listing->exchange;
	json_t *list = listing->list;

	if (listing->next < listing->n) {
		processes_get(exchange_who(exchange),
		    exchange_param(exchange, "id"),
		    listing->ids[listing->next++], on_got, listing);
		return;
	}
	exchange_reply(exchange, 200, json_pack("{s:O}", "processes", list));
}

static void
on_list(void *arg, struct rpc_bytes list, const struct err *err)
{
	struct listing *listing = arg;
	struct rpc_process_info info;

	if (err != NULL) {
		exchange_fail_err(listing->exchange, err);
		return;
	}
	while (listing->n < LISTED_MAX &&
	    rpc_list_next(&rpc_layout_process_info, &list, &info))
		if (info.ended_ms == 0 && strncmp(info.tag, CONTEXT_TAG,
		    strlen(CONTEXT_TAG)) != 0)
			listing->ids[listing->n++] = info.id;
	ask_next(listing);
}

void
e2b_list_processes(struct exchange *exchange)
{
	struct listing *listing = exchange_memory(exchange, sizeof *listing);
	const struct exchange_stream stream = {.gone = on_listing_gone,
	    .arg = listing};

	if (listing == NULL) {
		exchange_fail_err(exchange, &out_of_memory);
		return;
	}
	listing->exchange = exchange;
	listing->list = json_array();
	exchange_set_stream(exchange, &stream);
	processes_list(exchange_who(exchange), exchange_param(exchange, "id"),
	    on_list, listing);
}
