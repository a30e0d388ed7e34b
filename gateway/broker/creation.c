// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/creation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/rpc_watch.h"

/* A create and a destroy, one after the other. */
#define CALLS_MAX 2

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
	struct rpc_watch watch; /* on the capability, once it is open */
	sd_event_source *timer; /* for as long as somebody waits */
};

void
creation_free(struct creation *creation)
{
	if (creation == NULL)
		return;
	if (creation->is_unwanted)
		LIST_REMOVE(creation, link);
	sandboxd_client_forget(creation->sandboxd, creation);
	sd_event_source_disable_unref(creation->timer);
	rpc_watch_fini(&creation->watch);
	free(creation);
}

/* The reply is nobody's: sandboxd goes on when we have hung up. */
static void
destroy(const struct creation *creation)
{
	const struct rpc_sandbox_destroy_req request = {.id = creation->id};
	struct err err = {0};

	if (rpc_client_call(creation->watch.client, &(struct rpc_client_call){
	    .row = &rpc_call_sandbox_destroy, .request = &request}, NULL,
	    &err) < 0)
		log_error("sandbox stays, though nobody wants it: id=%s: %s",
		    creation->id, err.text);
	else
		log_info("sandbox undone: id=%s", creation->id);
}

/* Who waited and was told that it took too long is not told again. */
static void
finish(struct creation *creation, const struct rpc_sandbox_info *info,
    const struct err *err)
{
	bool is_awaited = creation->timer != NULL;

	creation->timer = sd_event_source_disable_unref(creation->timer);
	if (info != NULL)
		snprintf(creation->id, sizeof creation->id, "%s", info->id);
	if (!creation->is_unwanted) {
		if (is_awaited)
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
	const struct rpc_client *client;

	if (creation == NULL)
		return;
	client = creation->watch.client;
	if (client != NULL && rpc_client_count(client) > 0) {
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
take_answer(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	const struct rpc_sandbox_create_rep *made = reply;
	struct rpc_sandbox_info info;
	struct err err = {0};

	(void)message;
	if (made != NULL && rpc_decode(&rpc_layout_sandbox_info,
	    made->sandbox.data, made->sandbox.size, &info, NULL) == 0) {
		finish(arg, &info, NULL);
		return;
	}
	if (made != NULL)
		err_set(&err, EBADMSG, "sandbox_create: malformed record");
	else if (failure->code == EPIPE)
		err_set(&err, EAGAIN, "sandboxd was restarted; try again");
	else
		err = *failure;
	finish(arg, NULL, &err);
}

/* It may come still: creation_undo takes it back. */
static int
on_timeout(sd_event_source *source, uint64_t usec, void *arg)
{
	struct creation *creation = arg;
	struct err err = {0};

	(void)source;
	(void)usec;
	creation->timer = sd_event_source_disable_unref(creation->timer);
	err_set(&err, ETIMEDOUT, "the sandbox was not made in time");
	creation->done(creation->arg, NULL, &err);
	return 0;
}

static int
ask(struct creation *creation, int cap_fd, struct err *err)
{
	const struct rpc_sandbox_create_req request = {.name = "",
	    .size = "",
	    .template_name = creation->template_name,
	    .is_ephemeral = creation->is_ephemeral};
	const struct rpc_client_options options = {.calls_max = CALLS_MAX,
	    .queue_bytes_max = RPC_FRAME_MAX};
	int r = rpc_watch_init(&creation->watch, creation->event, &options,
	    err);

	if (r < 0) {
		fd_close(&cap_fd);
		return r;
	}
	rpc_client_connect(creation->watch.client, cap_fd);
	r = sd_event_add_time_relative(creation->event, &creation->timer,
	    CLOCK_MONOTONIC, creation->wait_ms * 1000ull, 0, on_timeout,
	    creation);
	if (r < 0)
		return err_set(err, -r, "event loop: %s", strerror(-r));
	return rpc_client_call(creation->watch.client,
	    &(struct rpc_client_call){.row = &rpc_call_sandbox_create,
	    .request = &request, .done = take_answer, .arg = creation}, NULL,
	    err);
}

static void
on_capability(void *arg, int cap_fd, const struct err *failure)
{
	struct creation *creation = arg;
	struct err err = {0};

	if (failure == NULL && ask(creation, cap_fd, &err) == 0)
		return;
	creation->timer = sd_event_source_disable_unref(creation->timer);
	creation->done(creation->arg, NULL, failure != NULL ? failure : &err);
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
	    .is_ephemeral = order->is_ephemeral};
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
