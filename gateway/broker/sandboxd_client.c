// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/sandboxd_client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/fd.h"
#include "common/parse.h"

struct call {
	TAILQ_ENTRY(call) link;
	uint32_t id;
	bool is_sent;
	uint64_t deadline_us; /* CLOCK_MONOTONIC */
	sandboxd_client_done *done; /* NULL = forgotten */
	void *arg;
	char org[64];
	char sandbox_id[SANDBOX_ID_SIZE];
	char audit[128];
	struct rpc_cap_open_req request; /* points into the three above */
};
TAILQ_HEAD(calls, call);

struct sandboxd_client {
	sd_event *event;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd;
	sd_event_source *io;
	sd_event_source *timer; /* on while anything waits */
	struct calls calls;	/* in the order they were made */
	size_t n_calls;
	uint32_t next_id;
};

static uint64_t
now_us(const struct sandboxd_client *client)
{
	uint64_t now = 0;

	(void)sd_event_now(client->event, CLOCK_MONOTONIC, &now);
	return now;
}

/* Removes the call, then answers it: done may make new ones. */
static void
finish(struct sandboxd_client *client, struct call *call, int cap_fd,
    const struct err *err)
{
	TAILQ_REMOVE(&client->calls, call, link);
	client->n_calls--;
	if (call->done != NULL)
		call->done(call->arg, cap_fd, err);
	else
		fd_close(&cap_fd);
	free(call);
}

static void
disconnect(struct sandboxd_client *client)
{
	struct call *call;

	client->io = sd_event_source_disable_unref(client->io);
	fd_close(&client->fd);
	TAILQ_FOREACH(call, &client->calls, link)
		call->is_sent = false;
}

/* One reply. 0, or -EBADMSG where sandboxd makes no sense. */
static int
take_reply(struct sandboxd_client *client, struct rpc_message *message)
{
	struct rpc_cap_open_rep reply;
	struct err err = {0};
	struct call *call;
	int r, cap_fd = -1;

	TAILQ_FOREACH(call, &client->calls, link)
		if (call->is_sent && call->id == message->header.id)
			break;
	if (call == NULL)
		return -EBADMSG;
	r = rpc_open_reply(&rpc_call_cap_open, message, &reply, &err);
	if (r == 0 && message->n_fds != 1)
		r = err_set(&err, EBADMSG, "cap_open: no capability came");
	if (r == 0)
		cap_fd = take_fd(&message->fds[0]);
	finish(client, call, cap_fd, r < 0 ? &err : NULL);
	return 0;
}

static void pump(struct sandboxd_client *client);

static int
on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct sandboxd_client *client = arg;
	int r;

	(void)source;
	(void)events;
	for (;;) {
		auto_rpc_message struct rpc_message message = {0};

		r = rpc_receive(fd, &message, MSG_DONTWAIT);
		if (r > 0)
			r = take_reply(client, &message);
		else if (r == 0)
			r = -EPIPE;
		if (r < 0)
			break;
	}
	if (r != -EAGAIN)
		disconnect(client);
	pump(client);
	return 0;
}

static int
connect_now(struct sandboxd_client *client)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int fd = socket(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	memcpy(address.sun_path, client->path, sizeof client->path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	r = sd_event_add_io(client->event, &client->io, fd, EPOLLIN, on_io,
	    client);
	if (r < 0)
		return r;
	client->fd = take_fd(&fd);
	return 0;
}

static bool
is_timed(const struct sandboxd_client *client)
{
	int enabled = SD_EVENT_OFF;

	(void)sd_event_source_get_enabled(client->timer, &enabled);
	return enabled != SD_EVENT_OFF;
}

/* Sends what is unsent; waits for room, or for sandboxd, where it cannot. */
static void
pump(struct sandboxd_client *client)
{
	uint32_t events = EPOLLIN;
	struct call *call;
	bool is_blocked = false;

	if (client->fd < 0 && client->n_calls > 0 && connect_now(client) < 0)
		is_blocked = true;
	TAILQ_FOREACH(call, &client->calls, link) {
		int r;

		if (call->is_sent || is_blocked)
			continue;
		r = rpc_send_request(client->fd, &rpc_call_cap_open, call->id,
		    &call->request, NULL, 0, MSG_DONTWAIT);
		call->is_sent = r == 0;
		is_blocked = r < 0;
		if (r == -EAGAIN)
			events |= EPOLLOUT;
	}
	/* A connection that broke is noticed by its own EPOLLHUP. */
	if (client->io != NULL)
		(void)sd_event_source_set_io_events(client->io, events);
	if (client->n_calls > 0 && !is_timed(client)) {
		(void)sd_event_source_set_time(client->timer, now_us(client) +
		    SANDBOXD_CLIENT_RETRY_MS * 1000);
		(void)sd_event_source_set_enabled(client->timer,
		    SD_EVENT_ONESHOT);
	}
}

static struct call *
find_overdue(const struct sandboxd_client *client)
{
	struct call *call;

	TAILQ_FOREACH(call, &client->calls, link)
		if (call->deadline_us <= now_us(client))
			return call;
	return NULL;
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct sandboxd_client *client = arg;
	struct err err = {0};
	struct call *call;

	(void)source;
	(void)usec;
	err_set(&err, ETIMEDOUT, "sandboxd does not answer at %s",
	    client->path);
	/* From the start each time: an answer may add and forget calls. */
	while ((call = find_overdue(client)) != NULL)
		finish(client, call, -1, &err);
	pump(client);
	return 0;
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
	client->fd = -1;
	client->event = sd_event_ref(event);
	TAILQ_INIT(&client->calls);
	snprintf(client->path, sizeof client->path, "%s", path);
	r = sd_event_add_time(event, &client->timer, CLOCK_MONOTONIC, 0, 0,
	    on_timer, client);
	if (r >= 0)
		r = sd_event_source_set_enabled(client->timer, SD_EVENT_OFF);
	if (r < 0) {
		sandboxd_client_free(client);
		return err_set(err, -r, "event loop: %s", strerror(-r));
	}
	*ret = client;
	return 0;
}

void
sandboxd_client_free(struct sandboxd_client *client)
{
	struct call *call;

	if (client == NULL)
		return;
	while ((call = TAILQ_FIRST(&client->calls)) != NULL) {
		TAILQ_REMOVE(&client->calls, call, link);
		free(call);
	}
	client->io = sd_event_source_disable_unref(client->io);
	client->timer = sd_event_source_disable_unref(client->timer);
	fd_close(&client->fd);
	sd_event_unref(client->event);
	free(client);
}

int
sandboxd_client_cap_open(struct sandboxd_client *client,
    const struct rpc_cap_open_req *request, uint32_t wait_ms,
    sandboxd_client_done *done, void *arg, struct err *err)
{
	struct call *call;

	if (client->n_calls >= SANDBOXD_CLIENT_CALLS_MAX)
		return err_set(err, EBUSY, "too many calls to sandboxd");
	call = calloc(1, sizeof *call);
	if (call == NULL)
		return err_set(err, ENOMEM, "out of memory");
	snprintf(call->org, sizeof call->org, "%s", request->org);
	snprintf(call->sandbox_id, sizeof call->sandbox_id, "%s",
	    request->sandbox_id);
	snprintf(call->audit, sizeof call->audit, "%s", request->audit);
	call->request = (struct rpc_cap_open_req){.org = call->org,
	    .sandbox_id = call->sandbox_id, .rights = request->rights,
	    .audit = call->audit, .ttl_ms = request->ttl_ms};
	call->id = ++client->next_id;
	call->deadline_us = now_us(client) + wait_ms * 1000ull;
	call->done = done;
	call->arg = arg;
	TAILQ_INSERT_TAIL(&client->calls, call, link);
	client->n_calls++;
	pump(client);
	return 0;
}

void
sandboxd_client_forget(struct sandboxd_client *client, const void *arg)
{
	struct call *call;

	TAILQ_FOREACH(call, &client->calls, link)
		if (call->arg == arg)
			call->done = NULL;
}
