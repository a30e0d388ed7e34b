// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>

#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/recordings.h"
#include "gateway/protocol/broker_calls.h"

static const char *const kinds[N_BROKER_RECORDING + 1] = {
    [BROKER_RECORDING_PTY] = "pty",
    [BROKER_RECORDING_EXEC] = "exec",
    [BROKER_RECORDING_SFTP] = "sftp",
    [BROKER_RECORDING_FORWARD] = "forward",
};

struct view {
	struct rpc_recording_info info;
	uint64_t duration_ms;
};
#define INFO(field) offsetof(struct view, info.field)
static const struct field recording_fields[] = {
    {"id", FIELD_STRING, INFO(id), .text = "its name"},
    {"sandbox", FIELD_STRING, INFO(sandbox_id), .text = "where it was"},
    {"user", FIELD_STRING, INFO(user), .text =
	"who it was; empty where the user is no more"},
    {"kind", FIELD_U32, INFO(kind), .text = "what it is of", .words = kinds},
    {"started_at", FIELD_TIME, INFO(started_ms), .text = "when"},
    {"written_at", FIELD_TIME, INFO(written_ms), .text = "when last"},
    {"duration_ms", FIELD_U64, offsetof(struct view, duration_ms), .text =
	"between these"},
    {"bytes", FIELD_U64, INFO(bytes), .text = "its size"},
};
FIELD_TABLE(native_recording, struct view, recording_fields);

/* *view is the last of them, where there is one. */
static int
print_list(struct records *records, json_t *list, struct view *view)
{
	int r = 0;

	while (r == 0 && (r = records_next(records, &view->info)) > 0) {
		const struct rpc_recording_info *info = &view->info;

		view->duration_ms = info->written_ms > info->started_ms ?
		    info->written_ms - info->started_ms : 0;
		r = json_array_append_new(list,
		    field_print(&native_recording, view));
	}
	return r;
}

static void
fail_list(struct exchange *exchange, const struct err *err)
{
	struct failure failure;

	if (err->code != EMSGSIZE) {
		exchange_fail_err(exchange, err);
		return;
	}
	failure_of_field(&failure, "before", "must be the id of a recording");
	exchange_fail(exchange, &failure);
}

static void
on_list(void *arg, struct records *records, bool has_more,
    const struct err *failure)
{
	const struct err malformed = {EBADMSG, "malformed list"};
	struct view view = {.info.id = ""};
	json_t *list;

	if (failure != NULL) {
		fail_list(arg, failure);
		return;
	}
	list = json_array();
	if (print_list(records, list, &view) < 0) {
		json_decref(list);
		exchange_fail_err(arg, &malformed);
		return;
	}
	exchange_reply(arg, 200, json_pack("{s:o, s:o}", "recordings", list,
	    "next", has_more ? json_string(view.info.id) : json_null()));
}

void
native_list_recordings(struct exchange *exchange)
{
	recordings_list(exchange_who(exchange),
	    exchange_query(exchange, "before"), on_list, exchange);
}

static void
on_open(void *arg, const struct rpc_recording_info *info, int fd,
    const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		exchange_reply_file(arg, info->kind == BROKER_RECORDING_PTY ?
		    "application/x-asciicast" : "application/x-ndjson", fd,
		    info->bytes);
}

void
native_read_recording(struct exchange *exchange)
{
	recordings_open(exchange_who(exchange),
	    exchange_param(exchange, "id"), on_open, exchange);
}
