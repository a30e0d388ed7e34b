// SPDX-License-Identifier: Apache-2.0
/* How long sandboxes ran, and with how much memory. */
#include "sandboxd/door/usage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "sandboxd/registry/event_reader.h"

#define INFO_BYTES_MAX 128

_Static_assert(EVENT_PAGE * INFO_BYTES_MAX <= 16384,
    "the most of usage_list_rep");

static void
release(void *owner)
{
	peer_unref(owner);
}

/* What was kept before that said no limit has 0 of it. */
static struct rpc_usage_info
read_window(const struct event *event)
{
	struct rpc_usage_info window = {.id = event->id,
	    .sandbox_id = event->sandbox_id, .to_ms = event->at_ms};

	if (sscanf(event->cause, "%" SCNu64 " memory_limit_bytes %" SCNu64,
	    &window.from_ms, &window.memory_limit_bytes) < 1 ||
	    window.from_ms > window.to_ms)
		window.from_ms = window.to_ms; /* the calendar was set */
	return window;
}

static void
answer(void *owner, uint32_t request_id, const struct event *found,
    unsigned n, bool has_more, uint64_t last_id, const struct err *err)
{
	static uint8_t buffer[EVENT_PAGE * INFO_BYTES_MAX];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_usage_list_rep reply = {.count = n, .more = has_more};
	const struct err large = {EMSGSIZE, "too large to tell"};

	(void)last_id;
	for (unsigned i = 0; i < n && err == NULL; i++) {
		const struct rpc_usage_info window = read_window(&found[i]);

		if (rpc_list_add(&list, &rpc_layout_usage_info, &window) < 0)
			err = &large;
	}
	reply.windows = rpc_list_bytes(&list);
	if (err != NULL)
		peer_error(owner, &rpc_call_usage_list, request_id, err);
	else
		peer_reply(owner, &rpc_call_usage_list, request_id, &reply,
		    NULL, 0);
}

int
answer_usage_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_usage_list_req *request = data;
	const struct capability *capability = &peer->capability;
	struct event_question question = {.is_known = true,
	    .is_usage = true, .owner_id = capability->owner_id,
	    .reach = capability->reach, .after_id = request->after_id,
	    .limit = request->limit != 0 ? request->limit : EVENT_PAGE,
	    .answer = answer, .release = release, .owner = peer,
	    .request_id = id};

	if (request->limit > EVENT_PAGE)
		return err_set(err, EINVAL, "limit: %u is not from 1 to %d",
		    request->limit, EVENT_PAGE);
	snprintf(question.org, sizeof question.org, "%s", capability->org);
	snprintf(question.sandbox_id, sizeof question.sandbox_id, "%s",
	    capability->sandbox_id);
	peer_ref(peer);
	return event_reader_ask(peer->daemon->reader, &question, err);
}
