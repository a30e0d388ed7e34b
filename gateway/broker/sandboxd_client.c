// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/sandboxd_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/rpc_watch.h"

/* Who asked; the rpc_client's own record has the request. */
struct call {
	LIST_ENTRY(call) link;
	struct sandboxd_client *client;
	sandboxd_client_done *done;
	void *arg;
};
LIST_HEAD(calls, call);

struct sandboxd_client {
	struct rpc_watch watch;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	sd_event_source *retry; /* on while there is nobody to ask */
	struct calls calls;
};

static int
connect_now(struct sandboxd_client *client)
{
	int fd = fd_seqpacket_connect(client->path);

	if (fd < 0)
		return fd;
	rpc_client_connect(client->watch.client, fd);
	return 0;
}

static void
retry_in(struct sandboxd_client *client, uint64_t pause_ms)
{
	(void)sd_event_source_set_time_relative(client->retry,
	    pause_ms * 1000);
	(void)sd_event_source_set_enabled(client->retry, SD_EVENT_ONESHOT);
}

/* Now, or else as soon as may be. */
static void
be_connected(struct sandboxd_client *client)
{
	if (rpc_client_fd(client->watch.client) < 0 &&
	    connect_now(client) < 0)
		retry_in(client, SANDBOXD_CLIENT_RETRY_MS);
}

static int
on_retry(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sandboxd_client *client = arg;

	(void)source;
	(void)usec;
	if (rpc_client_count(client->watch.client) > 0)
		be_connected(client);
	return 0;
}

/* Without a connection, one is made when somebody waits for it. */
static void
on_hangup(void *arg)
{
	retry_in(arg, 0);
}

static int
watch(struct sandboxd_client *client, sd_event *event, struct err *err)
{
	const struct rpc_client_options options = {
	    .calls_max = SANDBOXD_CLIENT_CALLS_MAX,
	    .queue_bytes_max = SANDBOXD_CLIENT_CALLS_MAX *
		rpc_call_cap_open.max_bytes, .is_persistent = true,
	    .ended = on_hangup, .arg = client};
	int r = rpc_watch_init(&client->watch, event, &options, err);

	if (r < 0)
		return r;
	r = sd_event_add_time(event, &client->retry, CLOCK_MONOTONIC, 0, 0,
	    on_retry, client);
	if (r >= 0)
		r = sd_event_source_set_enabled(client->retry, SD_EVENT_OFF);
	return r < 0 ? err_set(err, -r, "event loop: %s", strerror(-r)) : 0;
}

int
sandboxd_client_new(sd_event *event, const char *path,
    struct sandboxd_client **ret, struct err *err)
{
	struct sandboxd_client *client;
	int r;

	if (strlen(path) >= sizeof client->path)
		return err_set(err, ENAMETOOLONG, "%s: too long for a socket",
		    path);
	client = calloc(1, sizeof *client);
	if (client == NULL)
		return err_set(err, ENOMEM, "out of memory");
	LIST_INIT(&client->calls);
	snprintf(client->path, sizeof client->path, "%s", path);
	r = watch(client, event, err);
	if (r < 0)
		sandboxd_client_free(client);
	else
		*ret = client;
	return r;
}

static void
end(struct call *call)
{
	LIST_REMOVE(call, link);
	free(call);
}

void
sandboxd_client_free(struct sandboxd_client *client)
{
	if (client == NULL)
		return;
	client->retry = sd_event_source_disable_unref(client->retry);
	rpc_watch_fini(&client->watch);
	while (!LIST_EMPTY(&client->calls))
		end(LIST_FIRST(&client->calls));
	free(client);
}

static void
take_capability(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	struct call call = *(struct call *)arg;
	struct err err = {0};

	end(arg);
	if (reply != NULL && message->n_fds == 1) {
		call.done(call.arg, take_fd(&message->fds[0]), NULL);
		return;
	}
	if (reply != NULL)
		err_set(&err, EBADMSG, "cap_open: no capability came");
	else if (failure->code == ETIMEDOUT)
		err_set(&err, ETIMEDOUT, "sandboxd does not answer at %s",
		    call.client->path);
	else
		err = *failure;
	call.done(call.arg, -1, &err);
}

int
sandboxd_client_cap_open(struct sandboxd_client *client,
    const struct rpc_cap_open_req *request, uint32_t wait_ms,
    sandboxd_client_done *done, void *arg, struct err *err)
{
	struct call *call = calloc(1, sizeof *call);
	int r;

	if (call == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*call = (struct call){.client = client, .done = done, .arg = arg};
	LIST_INSERT_HEAD(&client->calls, call, link);
	be_connected(client);
	r = rpc_client_call(client->watch.client, &(struct rpc_client_call){
	    .row = &rpc_call_cap_open, .request = request,
	    .deadline_ms = clock_monotonic_ms() + wait_ms,
	    .done = take_capability, .arg = call}, NULL, err);
	if (r < 0)
		end(call);
	return r;
}

static void
on_ended(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	const struct rpc_cap_end_rep *reply = data;

	(void)arg;
	(void)message;
	if (failure != NULL)
		log_error("cap_end: %s", failure->text);
	else
		log_info("capabilities ended n=%u", reply->count);
}

int
sandboxd_client_cap_end(struct sandboxd_client *client,
    const struct rpc_cap_end_req *request, struct err *err)
{
	be_connected(client);
	return rpc_client_call(client->watch.client, &(struct rpc_client_call){
	    .row = &rpc_call_cap_end, .request = request,
	    .deadline_ms = clock_monotonic_ms() + SANDBOXD_CLIENT_END_WAIT_MS,
	    .done = on_ended, .arg = client}, NULL, err);
}

void
sandboxd_client_forget(struct sandboxd_client *client, const void *arg)
{
	struct call *call, *next;

	for (call = LIST_FIRST(&client->calls); call != NULL; call = next) {
		next = LIST_NEXT(call, link);
		if (call->arg != arg)
			continue;
		rpc_client_forget(client->watch.client, call);
		end(call);
	}
}
