// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/native/recordings.h"

#include <errno.h>

#include "gateway/http/engine/input.h"
#include "gateway/protocol/broker_calls.h"

static const char *const kinds[N_BROKER_RECORDING] = {
    [BROKER_RECORDING_PTY] = "pty",
    [BROKER_RECORDING_EXEC] = "exec",
    [BROKER_RECORDING_SFTP] = "sftp",
    [BROKER_RECORDING_FORWARD] = "forward",
};

int
recordings_get_organisation(struct request *request, struct reply *reply,
    struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_org_get_req get = {.identity = request->identity};
	struct rpc_org_get_rep got;
	int r = request_ask_broker(request, &rpc_call_org_get, &get, &got,
	    &message, err);

	if (r < 0)
		return r;
	return reply_set(reply, 200, json_pack("{s:s, s:b}", "name", got.name,
	    "recording", got.is_recorded != 0), err);
}

int
recordings_set_organisation(struct request *request, struct reply *reply,
    struct err *err)
{
	static const char *const names[] = {"recording"};
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_org_set_recorded_req set = {.identity = request->identity};
	struct rpc_org_set_recorded_rep done;
	bool is_recorded;
	int r = input_check_names(request->body, names, 1, err);

	if (r < 0 || (r = input_boolean(request->body, "recording",
	    &is_recorded, err)) < 0)
		return r;
	set.is_recorded = is_recorded;
	/* Left out, or null: nothing is to change. */
	if (json_is_boolean(json_object_get(request->body, "recording")))
		r = request_ask_broker(request, &rpc_call_org_set_recorded,
		    &set, &done, &message, err);
	if (r < 0)
		return r;
	return recordings_get_organisation(request, reply, err);
}

static json_t *
recording_to_json(const void *arg)
{
	const struct rpc_recording_info *info = arg;

	if (info->kind >= N_BROKER_RECORDING)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:I}",
	    "id", info->id, "sandbox", info->sandbox_id, "user", info->user,
	    "kind", kinds[info->kind],
	    "started_at", json_timestamp(info->started_ms),
	    "written_at", json_timestamp(info->written_ms),
	    "duration_ms", (json_int_t)(info->written_ms > info->started_ms ?
	    info->written_ms - info->started_ms : 0),
	    "bytes", (json_int_t)info->bytes);
}

int
recordings_list(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_recording_list_req req = {.identity = request->identity,
	    .before = request_query(request, "before")};
	struct rpc_recording_list_rep rep;
	struct rpc_recording_info info = {.id = ""};
	json_t *list;
	int r = request_ask_broker(request, &rpc_call_recording_list, &req,
	    &rep, &message, err);

	if (r == -EMSGSIZE)
		return err_set(err, EINVAL,
		    "before: must be the id of a recording");
	if (r == 0)
		r = json_records(&rpc_layout_recording_info, rep.recordings,
		    rep.count, &info, recording_to_json, &list, err);
	if (r < 0)
		return r;
	return reply_set(reply, 200, json_pack("{s:o, s:o}", "recordings",
	    list, "next", rep.more ? json_string(info.id) : json_null()),
	    err);
}

int
recordings_get(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_recording_get_req get = {.identity = request->identity,
	    .id = request->param};
	struct rpc_recording_get_rep got;
	struct rpc_recording_info info;
	int r = request_ask_broker(request, &rpc_call_recording_get, &get,
	    &got, &message, err);

	if (r < 0)
		return r;
	if (message.n_fds != 1 || rpc_decode(&rpc_layout_recording_info,
	    got.recording.data, got.recording.size, &info, NULL) < 0)
		return err_set(err, EBADMSG, "malformed record of a file");
	reply->status = 200;
	reply->file_type = info.kind == BROKER_RECORDING_PTY ?
	    "application/x-asciicast" : "application/x-ndjson";
	reply->file_bytes = info.bytes;
	reply->file_fd = take_fd(&message.fds[0]);
	return 0;
}
