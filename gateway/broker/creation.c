// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/creation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/log.h"

/* The two requests on a capability. */
#define CREATE_ID  1
#define DESTROY_ID 2

struct creation {
	LIST_ENTRY(creation) link; /* while nobody wants it */
	bool is_unwanted;
	sd_event *event;
	struct sandboxd_client *sandboxd;
	uint32_t wait_ms;
	creation_done *done;
	void *arg;
	char template_name[64];
	bool is_ephemeral;
	char id[SANDBOX_ID_SIZE]; /* of what was made; "" = nothing yet */
	int cap_fd;
	sd_event_source *io, *timer;
};

void
creation_free(struct creation *creation)
{
	if (creation == NULL)
		return;
	if (creation->is_unwanted)
		LIST_REMOVE(creation, link);
	sandboxd_client_forget(creation->sandboxd, creation);
	sd_event_source_disable_unref(creation->io);
	sd_event_source_disable_unref(creation->timer);
	fd_close(&creation->cap_fd);
	free(creation);
}

/* The reply is nobody's: sandboxd goes on when we have hung up. */
static void
destroy(const struct creation *creation)
{
	const struct rpc_sandbox_destroy_req request = {.id = creation->id};
	int r = rpc_send_request(creation->cap_fd, &rpc_call_sandbox_destroy,
	    DESTROY_ID, &request, NULL, 0, MSG_DONTWAIT);

	if (r < 0)
		log_error("sandbox stays, though nobody wants it: id=%s: %s",
		    creation->id, strerror(-r));
	else
		log_info("sandbox undone: id=%s", creation->id);
}

static void
finish(struct creation *creation, const struct rpc_sandbox_info *info,
    const struct err *err)
{
	creation->timer = sd_event_source_disable_unref(creation->timer);
	creation->io = sd_event_source_disable_unref(creation->io);
	if (info != NULL)
		snprintf(creation->id, sizeof creation->id, "%s", info->id);
	if (!creation->is_unwanted) {
		creation->done(creation->arg, info, err);
		return;
	}
	if (info != NULL)
		destroy(creation);
	creation_free(creation);
}

void
creation_undo(struct creation *creation, struct creations *unwanted)
{
	if (creation == NULL)
		return;
	if (creation->io != NULL) {
		creation->timer =
		    sd_event_source_disable_unref(creation->timer);
		creation->is_unwanted = true;
		LIST_INSERT_HEAD(unwanted, creation, link);
		return;
	}
	if (creation->id[0] != '\0')
		destroy(creation);
	creation_free(creation);
}

static void
take_answer(struct creation *creation, const struct rpc_message *message)
{
	struct rpc_sandbox_create_rep reply;
	struct rpc_sandbox_info info;
	struct err err = {0};
	int r = rpc_open_reply(&rpc_call_sandbox_create, message, &reply,
	    &err);

	if (r == 0 && rpc_decode(&rpc_layout_sandbox_info, reply.sandbox.data,
	    reply.sandbox.size, &info, NULL) < 0)
		r = err_set(&err, EBADMSG, "sandbox_create: malformed record");
	finish(creation, r < 0 ? NULL : &info, r < 0 ? &err : NULL);
}

static int
on_readable(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct creation *creation = arg;
	auto_rpc_message struct rpc_message message = {0};
	struct err err = {0};
	int r = rpc_receive(fd, &message, MSG_DONTWAIT);

	(void)source;
	(void)events;
	if (r == -EAGAIN)
		return 0;
	if (r > 0) {
		take_answer(creation, &message);
		return 0;
	}
	err_set(&err, EAGAIN, "sandboxd was restarted; try again");
	finish(creation, NULL, &err);
	return 0;
}

static int
on_timeout(sd_event_source *source, uint64_t usec, void *arg)
{
	struct err err = {0};

	(void)source;
	(void)usec;
	err_set(&err, ETIMEDOUT, "the sandbox was not made in time");
	finish(arg, NULL, &err);
	return 0;
}

static int
ask(struct creation *creation, struct err *err)
{
	const struct rpc_sandbox_create_req request = {.name = "",
	    .template_name = creation->template_name,
	    .is_ephemeral = creation->is_ephemeral};
	int r = rpc_send_request(creation->cap_fd, &rpc_call_sandbox_create,
	    CREATE_ID, &request, NULL, 0, MSG_DONTWAIT);

	if (r >= 0)
		r = sd_event_add_io(creation->event, &creation->io,
		    creation->cap_fd, EPOLLIN, on_readable, creation);
	if (r >= 0)
		r = sd_event_add_time_relative(creation->event,
		    &creation->timer, CLOCK_MONOTONIC,
		    creation->wait_ms * 1000ull, 0, on_timeout, creation);
	return r < 0 ? err_set(err, -r, "sandbox_create: %s", strerror(-r)) :
	    0;
}

static void
on_capability(void *arg, int cap_fd, const struct err *failure)
{
	struct creation *creation = arg;
	struct err err = {0};

	if (failure != NULL) {
		finish(creation, NULL, failure);
		return;
	}
	creation->cap_fd = cap_fd;
	if (ask(creation, &err) < 0)
		finish(creation, NULL, &err);
}

int
creation_new(sd_event *event, struct sandboxd_client *sandboxd,
    const struct creation_order *order, uint32_t wait_ms, creation_done *done,
    void *arg, struct creation **ret, struct err *err)
{
	struct rpc_cap_open_req request = order->cap;
	struct creation *creation = calloc(1, sizeof *creation);
	int r;

	if (creation == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*creation = (struct creation){.event = event, .sandboxd = sandboxd,
	    .wait_ms = wait_ms, .done = done, .arg = arg,
	    .is_ephemeral = order->is_ephemeral, .cap_fd = -1};
	snprintf(creation->template_name, sizeof creation->template_name,
	    "%s", order->template_name);
	request.rights = RPC_RIGHT_CREATE | RPC_RIGHT_DESTROY;
	r = sandboxd_client_cap_open(sandboxd, &request, wait_ms,
	    on_capability, creation, err);
	if (r < 0) {
		creation_free(creation);
		return r;
	}
	*ret = creation;
	return 0;
}
