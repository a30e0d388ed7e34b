// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/recordings.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/http/back/identity.h"
#include "gateway/protocol/broker_calls.h"

static const struct err out_of_memory = {ENOMEM, "out of memory"};

struct list_asking {
	recordings_list_done *done;
	void *arg;
};

struct open_asking {
	recordings_open_done *done;
	void *arg;
};

static void
on_list(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct list_asking *asking = arg;
	const struct rpc_recording_list_rep *reply = data;
	struct records records = {.layout = &rpc_layout_recording_info};

	(void)message;
	if (reply != NULL) {
		records.bytes = reply->recordings;
		records.count = reply->count;
	}
	asking->done(asking->arg, &records, reply != NULL && reply->more != 0,
	    err);
}

void
recordings_list(struct identity *who, const char *before,
    recordings_list_done *done, void *arg)
{
	const struct rpc_recording_list_req request = {
	    .identity = identity_number(who), .before = before};
	struct list_asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, false, &out_of_memory);
		return;
	}
	*asking = (struct list_asking){done, arg};
	identity_ask_broker(who, &rpc_call_recording_list, &request, on_list,
	    asking);
}

static void
on_open(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct open_asking *asking = arg;
	const struct rpc_recording_get_rep *reply = data;
	struct rpc_recording_info info;
	struct err err = {EBADMSG, "malformed record of a file"};

	if (failure != NULL)
		asking->done(asking->arg, NULL, -1, failure);
	else if (message->n_fds != 1 ||
	    rpc_decode(&rpc_layout_recording_info, reply->recording.data,
	    reply->recording.size, &info, NULL) < 0)
		asking->done(asking->arg, NULL, -1, &err);
	else
		asking->done(asking->arg, &info, take_fd(&message->fds[0]),
		    NULL);
}

void
recordings_open(struct identity *who, const char *id,
    recordings_open_done *done, void *arg)
{
	const struct rpc_recording_get_req request = {
	    .identity = identity_number(who), .id = id};
	struct open_asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, -1, &out_of_memory);
		return;
	}
	*asking = (struct open_asking){done, arg};
	identity_ask_broker(who, &rpc_call_recording_get, &request, on_open,
	    asking);
}
