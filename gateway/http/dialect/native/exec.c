// SPDX-License-Identifier: Apache-2.0
/* A command in a sandbox: its end and what it wrote, or all as it comes. */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/engine/outbox.h"
#include "gateway/http/service/exec.h"

#define COMMAND_MAX 131071
#define INPUT_MAX   (1 << 20)
#define OUTPUT_MAX  ((size_t)1 << 20) /* kept of each, where it is no stream */
#define TIMEOUT_MAX_MS ((uint64_t)24 * 3600 * 1000)
#define BLOCK_BYTES 16384

struct wish {
	const char *command, *cwd, *user, *input, *tag;
	struct field_variables argv, env;
	uint64_t timeout_ms;
	uint32_t streams;
};
#define WISH(field) offsetof(struct wish, field)

static const struct field wish_fields[] = {
    {"command", FIELD_TEXT, WISH(command), 0, COMMAND_MAX,
	"for the user's shell"},
    {"argv", FIELD_WORDS, WISH(argv), 0, COMMAND_MAX,
	"a program and its arguments, without a shell, in place of command"},
    {"cwd", FIELD_STRING, WISH(cwd), 0, 4095,
	"where; left out: the user's home"},
    {"env", FIELD_VARIABLES, WISH(env), 0, 0, "more variables"},
    {"user", FIELD_STRING, WISH(user), 0, 63,
	"as whom; left out: the default user"},
    {"input", FIELD_TEXT, WISH(input), 0, INPUT_MAX,
	"its standard input; left out: none"},
    {"tag", FIELD_STRING, WISH(tag), 0, 64, "a name of yours for it"},
    {"timeout_ms", FIELD_U64, WISH(timeout_ms), 0, TIMEOUT_MAX_MS,
	"after which it is killed; left out or 0: never"},
    {"stream", FIELD_BOOLEAN, WISH(streams), .text =
	"whether what it writes is told as it comes"},
};
FIELD_TABLE(native_exec_wish, struct wish, wish_fields);

struct result {
	uint32_t id, pid, is_timed_out, is_truncated;
	uint32_t exit_code;
	const char *signal, *out, *err;
	uint64_t out_bytes, err_bytes;
};
#define RESULT(field) offsetof(struct result, field)

static const struct field result_fields[] = {
    {"id", FIELD_U32, RESULT(id), .text = "its number in the sandbox"},
    {"pid", FIELD_U32, RESULT(pid), .text = "its number there"},
    {"exit_code", FIELD_U32, RESULT(exit_code), .text =
	"128 and the signal's number, where one ended it"},
    {"signal", FIELD_STRING, RESULT(signal), .text =
	"that ended it", .is_nullable = true},
    {"timed_out", FIELD_BOOLEAN, RESULT(is_timed_out), .text =
	"whether its time did"},
    {"stdout", FIELD_STRING, RESULT(out), .text =
	"the first MiB of it; what is not UTF-8 is U+FFFD"},
    {"stderr", FIELD_STRING, RESULT(err), .text = "the same"},
    {"stdout_bytes", FIELD_U64, RESULT(out_bytes), .text =
	"all it wrote there"},
    {"stderr_bytes", FIELD_U64, RESULT(err_bytes), .text = "the same"},
    {"truncated", FIELD_BOOLEAN, RESULT(is_truncated), .text =
	"whether there was more"},
};
FIELD_TABLE(native_exec_result, struct result, result_fields);

struct running {
	struct exchange *exchange;
	struct exec *exec;
	struct rpc_process_start_req request;
	bool is_stream, is_begun, is_ended;
	int failed; /* -errno, of a stream */
	size_t input_used, input_size;
	const char *input;
	bool is_input_over;
	struct outbox out, error; /* of a stream the first: lines */
	struct result result;
};

/* Text as UTF-8, what is none replaced; the caller's. NULL: out of memory. */
static char *
make_text(const struct outbox *outbox)
{
	size_t left = outbox_size(outbox), used = 0;
	const uint8_t *p = (const uint8_t *)outbox->data + outbox->start;
	char *text = malloc(3 * left + 1);

	while (text != NULL && left > 0) {
		int n = *p == '\0' ? -1 : utf8_first(p, left);
		size_t size = n > 0 ? (size_t)n : n < 0 ? (size_t)-n : left;

		memcpy(text + used, n > 0 ? (const char *)p : "\xef\xbf\xbd",
		    n > 0 ? size : 3);
		used += n > 0 ? size : 3;
		p += size;
		left -= size;
	}
	if (text != NULL)
		text[used] = '\0';
	return text;
}

static void
add_line(struct running *running, json_t *line)
{
	char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;

	json_decref(line);
	if (text == NULL || outbox_add(&running->out, text,
	    strlen(text)) < 0 || outbox_add(&running->out, "\n", 1) < 0)
		running->failed = -ENOMEM;
	free(text);
	if (outbox_is_full(&running->out))
		exec_hold(running->exec, true);
	exchange_proceed(running->exchange);
}

static void
on_started(void *arg, uint32_t id, uint32_t pid)
{
	struct running *running = arg;

	running->result.id = id;
	running->result.pid = pid;
	if (!running->is_stream)
		return;
	running->is_begun = true;
	exchange_reply_stream(running->exchange, 200, "application/x-ndjson",
	    REPLY_UNKNOWN);
	add_line(running, json_pack("{s:s, s:i, s:i}", "event", "start", "id",
	    (int)id, "pid", (int)pid));
}

/* Where it is no text by itself, as base64. */
static void
add_bytes(struct running *running, bool is_error, const void *data,
    size_t size, uint64_t position)
{
	char base64[sodium_base64_ENCODED_LEN(BLOCK_BYTES,
	    sodium_base64_VARIANT_ORIGINAL)];
	json_t *text = memchr(data, 0, size) == NULL ?
	    json_stringn(data, size) : NULL;
	const char *name = text != NULL ? "text" : "base64";

	if (text == NULL && size <= BLOCK_BYTES) {
		sodium_bin2base64(base64, sizeof base64, data, size,
		    sodium_base64_VARIANT_ORIGINAL);
		text = json_string(base64);
	}
	add_line(running, json_pack("{s:s, s:s, s:o, s:I}", "event", "bytes",
	    "stream", is_error ? "stderr" : "stdout", name, text, "position",
	    (json_int_t)position));
}

static void
on_output(void *arg, bool is_error, const void *data, size_t size,
    uint64_t position)
{
	struct running *running = arg;
	struct outbox *outbox = is_error ? &running->error : &running->out;
	size_t room;

	*(is_error ? &running->result.err_bytes :
	    &running->result.out_bytes) += size;
	if (running->is_stream) {
		add_bytes(running, is_error, data, size, position);
		return;
	}
	room = OUTPUT_MAX - outbox_size(outbox);
	if (size > room)
		running->result.is_truncated = true;
	if (outbox_add(outbox, data, size < room ? size : room) < 0)
		running->failed = -ENOMEM;
}

static void
on_lost(void *arg, uint64_t n_bytes)
{
	struct running *running = arg;

	running->result.is_truncated = true;
	if (running->is_stream)
		add_line(running, json_pack("{s:s, s:I}", "event", "lost",
		    "bytes", (json_int_t)n_bytes));
}

static void
give_input(struct running *running)
{
	running->input_used += exec_input(running->exec,
	    running->input + running->input_used,
	    running->input_size - running->input_used);
	if (running->input_used == running->input_size &&
	    !running->is_input_over)
		running->is_input_over = exec_input_end(running->exec);
}

static void
on_room(void *arg)
{
	struct running *running = arg;

	if (running->input != NULL)
		give_input(running);
}

static void
reply_result(struct running *running)
{
	char *out = make_text(&running->out), *err = make_text(
	    &running->error);
	json_t *body = NULL;

	if (out != NULL && err != NULL && running->failed == 0) {
		running->result.out = out;
		running->result.err = err;
		body = field_print(&native_exec_result, &running->result);
	}
	exchange_reply(running->exchange, 200, body);
	free(out);
	free(err);
}

static void
take_exit(struct running *running, const struct exec_exit *exit)
{
	const char *name = exit->is_signal ? sigabbrev_np(exit->code) : "";

	running->result.exit_code = (uint32_t)exit->code +
	    (exit->is_signal ? 128 : 0);
	running->result.signal = name != NULL ? name : "unknown";
	running->result.is_timed_out = exit->is_timed_out;
	if (!running->is_stream) {
		reply_result(running);
		return;
	}
	running->is_ended = true;
	add_line(running, json_pack("{s:s, s:i, s:o, s:b}", "event", "exit",
	    "exit_code", (int)running->result.exit_code, "signal",
	    exit->is_signal ? json_string(running->result.signal) :
	    json_null(), "timed_out", (int)exit->is_timed_out));
}

static void
on_ended(void *arg, const struct exec_exit *exit, const struct err *err)
{
	struct running *running = arg;

	if (exit != NULL) {
		take_exit(running, exit);
	} else if (!running->is_begun) {
		exchange_fail_err(running->exchange, err);
	} else { /* the sandbox went away: said, and no exit follows */
		running->is_ended = true;
		add_line(running, json_pack("{s:s, s:s}", "event", "error",
		    "message", err->text));
	}
}

static ssize_t
give(void *arg, void *data, size_t size)
{
	struct running *running = arg;
	size_t n = outbox_take(&running->out, data, size);

	if (running->failed < 0)
		return running->failed;
	if (!outbox_is_full(&running->out))
		exec_hold(running->exec, false);
	return n > 0 ? (ssize_t)n : running->is_ended ? -ENODATA : 0;
}

static void
on_gone(void *arg)
{
	struct running *running = arg;

	exec_close(running->exec);
	outbox_fini(&running->out);
	outbox_fini(&running->error);
}

/* False: the exchange has been failed. */
static bool
check(struct exchange *exchange, const struct wish *wish)
{
	struct failure failure;

	if ((wish->command == NULL) != (wish->argv.count == 0))
		return true;
	failure_of_field(&failure, "command", "give it or argv, not both");
	exchange_fail(exchange, &failure);
	return false;
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static void
set_request(struct running *running, const struct wish *wish)
{
	running->request = (struct rpc_process_start_req){
	    .kind = wish->command != NULL ? INIT_SPAWN_COMMAND :
		INIT_SPAWN_ARGV,
	    .user = or_empty(wish->user),
	    .command = or_empty(wish->command),
	    .argv = {wish->argv.data, wish->argv.size, wish->argv.count},
	    .cwd = or_empty(wish->cwd),
	    .env = {wish->env.data, wish->env.size, wish->env.count},
	    .term = "",
	    .tag = or_empty(wish->tag),
	    .timeout_ms = wish->timeout_ms,
	    .has_input = wish->input != NULL,
	    .attaches = INIT_ATTACH_PACED,
	};
	running->is_stream = wish->streams == FIELD_TRUE;
	running->input = wish->input;
	running->input_size = wish->input != NULL ? strlen(wish->input) : 0;
}

void
native_exec(struct exchange *exchange)
{
	const struct wish *wish = exchange_input(exchange);
	struct running *running = NULL;
	struct exec_client client = {on_started, on_output, on_lost, on_room,
	    on_ended, NULL};
	struct exchange_stream stream = {.give = give, .gone = on_gone};
	struct err err = {ENOMEM, "out of memory"};

	if (!check(exchange, wish))
		return;
	running = exchange_memory(exchange, sizeof *running);
	if (running == NULL) {
		exchange_fail_err(exchange, &err);
		return;
	}
	running->exchange = exchange;
	set_request(running, wish);
	client.arg = stream.arg = running;
	exchange_set_stream(exchange, &stream);
	if (exec_open(exchange_who(exchange), exchange_param(exchange, "id"),
	    &running->request, &client, &running->exec, &err) < 0)
		exchange_fail_err(exchange, &err);
	else if (running->input != NULL)
		give_input(running);
}
