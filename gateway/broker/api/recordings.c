// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/recordings.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "common/fd.h"
#include "gateway/broker/recording/recording.h"
#include "gateway/broker/recording/recordings.h"
#include "keys/user.h"

#define LIST_BYTES_MAX 131072

static int
put_recording(struct api_context *context, struct rpc_list *records,
    const struct recording_file *file)
{
	char user[STORE_NAME_SIZE] = "";
	struct err ignored;
	const struct rpc_recording_info info = {.id = file->id,
	    .sandbox_id = file->name.sandbox_id, .user = user,
	    .kind = file->name.kind, .started_ms = file->name.started_ms,
	    .written_ms = file->written_ms, .bytes = file->bytes};

	/* Who is no more has no name. */
	(void)user_name(context->broker->store, context->who.org,
	    file->name.user_id, user, &ignored);
	return rpc_list_add(records, &rpc_layout_recording_info, &info);
}

int
api_recording_list(struct api_context *context, const void *data)
{
	const struct rpc_recording_list_req *request = data;
	auto_free struct recording_file *files =
	    calloc(RECORDINGS_PAGE, sizeof *files);
	auto_free uint8_t *buffer = malloc(LIST_BYTES_MAX);
	struct rpc_list records = {.data = buffer, .size = LIST_BYTES_MAX};
	char dir[PATH_MAX];
	int n, r = api_permit(context, request->identity, ACTION_ADMINISTER);

	if (r == 0 && (files == NULL || buffer == NULL))
		r = err_set(&context->err, ENOMEM, "out of memory");
	if (r == 0)
		r = broker_recording_dir(context->broker, dir, &context->err);
	if (r < 0)
		return r;
	n = recordings_list(dir, context->who.org, request->before, files,
	    &context->err);
	for (int i = 0; r == 0 && i < n; i++)
		r = put_recording(context, &records, &files[i]);
	if (n < 0)
		return n;
	if (r < 0)
		return err_set(&context->err, -r, "the list is too long");
	return api_reply(context, &(struct rpc_recording_list_rep){
	    records.count, n == RECORDINGS_PAGE, rpc_list_bytes(&records)});
}

int
api_recording_get(struct api_context *context, const void *data)
{
	const struct rpc_recording_get_req *request = data;
	struct rpc_recording_get_rep reply;
	struct recording_file file;
	struct api_record record;
	char dir[PATH_MAX];
	auto_close int fd = -1;
	int r = api_permit(context, request->identity, ACTION_ADMINISTER);

	api_record_init(&record);
	if (r == 0)
		r = broker_recording_dir(context->broker, dir, &context->err);
	if (r == 0)
		r = recordings_open(dir, context->who.org, request->id, &fd,
		    &file, &context->err);
	if (r < 0)
		return r;
	r = put_recording(context, &record.list, &file);
	if (r < 0)
		return err_set(&context->err, -r, "its record is too long");
	api_audit(context, "recording_read", "recording", file.id);
	reply.recording = rpc_list_bytes(&record.list);
	rpc_server_reply(&context->broker->http, context->call,
	    context->message->header.id, &reply, &fd, 1);
	return 0;
}
