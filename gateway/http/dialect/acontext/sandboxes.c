// SPDX-License-Identifier: Apache-2.0
/* Sandboxes, commands in them, and what was done. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_load.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/acontext/acontext.h"
#include "gateway/http/dialect/native/time_wish.h"
#include "gateway/http/dialect/states.h"
#include "gateway/http/service/sandboxes.h"

#define ALIVE_S		1800 /* of what nobody ends */
#define EXEC_TIMEOUT_MS 300000 /* their clients give up after 320 s */
#define FOLDER		"/workspace"
#define NOTED_MAX	1023

/* An answer that waits until what it is about has been noted. */
struct noting {
	struct exchange *exchange;
	unsigned int status;
	json_t *data;
	char sandbox_id[32], command[NOTED_MAX + 1];
};

struct note {
	void (*done)(void *arg);
	void *arg;
};

static void
on_noted(void *arg, const struct err *err)
{
	struct note note = *(struct note *)arg;

	(void)err;
	free(arg);
	note.done(note.arg);
}

void
acontext_note(struct exchange *exchange,
    const struct rpc_history_add_req *deed, void (*done)(void *arg), void *arg)
{
	struct note *note = malloc(sizeof *note);

	if (note == NULL) {
		done(arg);
		return;
	}
	*note = (struct note){done, arg};
	disks_add_history(exchange_who(exchange), deed, on_noted, note);
}

static void
reply_noted(void *arg)
{
	struct noting *noting = arg;

	acontext_reply(noting->exchange, noting->status, noting->data);
	free(noting);
}

/* Cut where a character begins. */
static void
copy_text(char *ret, const char *text)
{
	size_t n = strlen(text);

	if (n > NOTED_MAX)
		for (n = NOTED_MAX; n > 0 && (text[n] & 0xc0) == 0x80; n--)
			;
	memcpy(ret, text, n);
	ret[n] = '\0';
}

static void
note_and_reply(struct exchange *exchange, unsigned int status, json_t *data,
    const char *sandbox_id, const char *command, uint32_t exit_code)
{
	struct noting *noting = calloc(1, sizeof *noting);
	struct rpc_history_add_req deed = {.exit_code = exit_code,
	    .file = "", .alive_s = ALIVE_S};

	if (noting == NULL) {
		acontext_reply(exchange, status, data);
		return;
	}
	noting->exchange = exchange;
	noting->status = status;
	noting->data = data;
	strncpy(noting->sandbox_id, sandbox_id, sizeof noting->sandbox_id - 1);
	copy_text(noting->command, command);
	deed.sandbox_id = noting->sandbox_id;
	deed.command = noting->command;
	acontext_note(exchange, &deed, reply_noted, noting);
}

static void
on_created(void *arg, const struct sandboxes_view *sandbox,
    const struct err *err)
{
	const struct rpc_sandbox_info *info;
	const char *word;

	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	info = &sandbox->info;
	word = state_word(STATE_WORDS_ACONTEXT, info->state);
	note_and_reply(arg, 201, json_pack("{s:s, s:s, s:o, s:o}",
	    "sandbox_id", info->id, "sandbox_status", word != NULL ? word :
	    "error", "sandbox_created_at", field_time(info->created_ms),
	    "sandbox_expires_at", field_time(info->expires_ms)), info->id,
	    "", 0);
}

void
acontext_create_sandbox(struct exchange *exchange)
{
	const struct time_wish time = {.timeout_s = ALIVE_S};
	uint8_t buffer[TIME_WISH_BYTES];
	struct rpc_sandbox_create_req create = {.name = "", .size = "",
	    .template_name = ""};
	struct err err;

	if (time_wish_encode(&time, buffer, &create.lifetime, &err) < 0)
		exchange_fail_err(exchange, &err);
	else
		sandboxes_create(exchange_who(exchange), &create, on_created,
		    exchange);
}

static void
on_removed(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		acontext_reply(arg, 200, json_pack("{s:i, s:s}", "status", 0,
		    "errmsg", ""));
}

void
acontext_remove_sandbox(struct exchange *exchange)
{
	sandboxes_destroy(exchange_who(exchange),
	    exchange_param(exchange, "id"), on_removed, exchange);
}

struct exec_wish {
	const char *command;
};
static const struct field exec_fields[] = {
    {"command", FIELD_TEXT, offsetof(struct exec_wish, command), 1,
	START_COMMAND_MAX, "a line for the shell", "a line for the shell"},
};
FIELD_TABLE(acontext_exec_wish, struct exec_wish, exec_fields);

static bool
read_wish(struct exchange *exchange, struct start_wish *ret, char **ret_room)
{
	const struct exec_wish *wish = exchange_input(exchange);

	(void)ret_room;
	*ret = (struct start_wish){.command = wish->command, .cwd = FOLDER,
	    .timeout_ms = EXEC_TIMEOUT_MS};
	return true;
}

static void
reply(struct exchange *exchange, const struct exec_result *result)
{
	const struct exec_wish *wish = exchange_input(exchange);
	struct failure failure;

	if (result->is_timed_out) {
		failure_set(&failure, 504, "deadline_exceeded", "command",
		    "command: was killed after %d s; break it into steps, or "
		    "run it in the background", EXEC_TIMEOUT_MS / 1000);
		exchange_fail(exchange, &failure);
		return;
	}
	note_and_reply(exchange, 200, json_pack("{s:s, s:s, s:I}", "stdout",
	    result->out, "stderr", result->err, "exit_code",
	    (json_int_t)result->exit_code), exchange_param(exchange, "id"),
	    wish->command, result->exit_code);
}

const struct exec_kind acontext_exec = {.read = read_wish, .reply = reply};

/* A list as the index wrote it. */
static json_t *
load(const char *text)
{
	json_t *list = json_load_whole(text, strlen(text), 0, NULL);

	return list != NULL ? list : json_array();
}

static void
on_logs(void *arg, struct records *records, bool has_more,
    struct rpc_strv folders, const struct err *err)
{
	const char *org = identity_org(exchange_who(arg));
	struct rpc_history_info info = {.id = ""};
	json_t *items;

	(void)folders;
	if (err != NULL) {
		exchange_fail_err(arg, err);
		return;
	}
	items = json_array();
	while (records_next(records, &info) > 0)
		(void)json_array_append_new(items, json_pack("{s:s, s:s, s:s,"
		    " s:s, s:o, s:o, s:I, s:o, s:o}", "id", info.id,
		    "project_id", org, "backend_sandbox_id", info.sandbox_id,
		    "backend_type", "sandgate", "history_commands",
		    load(info.commands), "generated_files", load(info.files),
		    "will_total_alive_seconds", (json_int_t)info.alive_s,
		    "created_at", field_time(info.created_ms),
		    "updated_at", field_time(info.updated_ms)));
	acontext_reply(arg, 200, json_pack("{s:o, s:s*, s:b}", "items", items,
	    "next_cursor", has_more ? info.id : NULL, "has_more", has_more));
}

void
acontext_list_logs(struct exchange *exchange)
{
	struct rpc_history_list_req request = {
	    .after = exchange_query(exchange, "cursor"),
	    .is_newest_first = strcmp(exchange_query(exchange, "time_desc"),
	    "true") == 0};

	if (acontext_read_limit(exchange, &request.limit))
		disks_list_histories(exchange_who(exchange), &request,
		    on_logs, exchange);
}
