// SPDX-License-Identifier: Apache-2.0
#include "common/rpc_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

struct call {
	TAILQ_ENTRY(call) link;
	const struct rpc_call *row;
	uint32_t id;
	uint64_t deadline_ms;
	rpc_client_done *done;
	void *arg;
	bool is_sent;
	struct rpc_frame frame; /* while it may have to be sent (again) */
};
TAILQ_HEAD(calls, call);

struct rpc_client {
	struct rpc_client_options options;
	int fd;
	struct calls calls; /* in the order they were made */
	size_t n_calls;
	size_t n_unsent;
	size_t kept_bytes;
	uint64_t next_deadline_ms; /* or later: it may be answered by then */
	uint32_t last_id;
	uint32_t current_id;
	unsigned n_users; /* functions on the stack; freed with the last */
	bool is_freed;
};

int
rpc_client_new(const struct rpc_client_options *options,
    struct rpc_client **ret, struct err *err)
{
	struct rpc_client *client = calloc(1, sizeof *client);

	if (client == NULL)
		return err_set(err, ENOMEM, "out of memory");
	client->options = *options;
	client->next_deadline_ms = UINT64_MAX;
	client->fd = -1;
	TAILQ_INIT(&client->calls);
	*ret = client;
	return 0;
}

static void
changed(const struct rpc_client *client)
{
	if (!client->is_freed && client->options.changed != NULL)
		client->options.changed(client->options.changed_arg);
}

static void
enter(struct rpc_client *client)
{
	client->n_users++;
}

static void
leave(struct rpc_client *client)
{
	if (--client->n_users == 0 && client->is_freed)
		free(client);
	else if (client->n_users == 0)
		changed(client);
}

static void
drop_frame(struct rpc_client *client, struct call *call)
{
	client->kept_bytes -= call->frame.size;
	rpc_frame_free(&call->frame);
}

static void
remove_call(struct rpc_client *client, struct call *call)
{
	TAILQ_REMOVE(&client->calls, call, link);
	client->n_calls--;
	client->n_unsent -= !call->is_sent;
	drop_frame(client, call);
}

void
rpc_client_free(struct rpc_client *client)
{
	struct call *call;

	if (client == NULL)
		return;
	while ((call = TAILQ_FIRST(&client->calls)) != NULL) {
		remove_call(client, call);
		free(call);
	}
	fd_close(&client->fd);
	client->is_freed = true;
	enter(client);
	leave(client);
}

/* Removes the call, then answers it: done may make new ones, or free us. */
static void
finish(struct rpc_client *client, struct call *call, const void *reply,
    struct rpc_message *message, const struct err *err)
{
	remove_call(client, call);
	client->current_id = call->id;
	if (call->done != NULL)
		call->done(call->arg, reply, message, err);
	free(call);
}

/* Those up to a number. From the start each time: an answer may make and
 * forget calls. */
static void
fail_all(struct rpc_client *client, uint32_t last_id, bool is_sent_only,
    const struct err *err)
{
	struct call *call;

	/* They are sent in order: those that were come first. */
	while ((call = TAILQ_FIRST(&client->calls)) != NULL &&
	    (int32_t)(last_id - call->id) >= 0 &&
	    (call->is_sent || !is_sent_only))
		finish(client, call, NULL, NULL, err);
}

void
rpc_client_fail(struct rpc_client *client, const struct err *err)
{
	enter(client);
	fail_all(client, client->last_id, false, err);
	leave(client);
}

/* What recv(2) will tell as well, after what came before it. */
static bool
is_broken(int r)
{
	return r == -EPIPE || r == -ECONNRESET || r == -ENOTCONN;
}

static void
fail_lost(struct rpc_client *client, uint32_t last_id, int r)
{
	struct err err = {0};
	bool is_its_end = r == 0 || is_broken(r);

	err_set(&err, EPIPE, "%s%s%s", client->options.hangup != NULL ?
	    client->options.hangup : "the server hung up",
	    is_its_end ? "" : ": ", is_its_end ? "" : strerror(-r));
	fail_all(client, last_id, client->options.keeps_unsent, &err);
}

/* The connection is of no more use; r: 0 at its end, or -errno. */
static void
lose(struct rpc_client *client, int r)
{
	struct call *call;
	uint32_t last_id = client->last_id;
	int fd = take_fd(&client->fd);

	/* Whoever watches it forgets it while it is still there. */
	changed(client);
	fd_close(&fd);
	if (client->options.is_persistent) {
		TAILQ_FOREACH(call, &client->calls, link)
			call->is_sent = false;
		client->n_unsent = client->n_calls;
	}
	if (client->options.ended != NULL)
		client->options.ended(client->options.arg);
	if (!client->options.is_persistent)
		fail_lost(client, last_id, r);
}

static void
note_sent(struct rpc_client *client, struct call *call)
{
	call->is_sent = true;
	client->n_unsent--;
	if (call->row->kind == RPC_KIND_EVENT) {
		remove_call(client, call);
		free(call);
	} else if (!client->options.is_persistent) {
		drop_frame(client, call);
	}
}

/* Whether the server is to be given one more before it answers. */
static bool
may_send(const struct rpc_client *client)
{
	return client->fd >= 0 && (client->options.sent_max == 0 ||
	    client->n_calls - client->n_unsent < client->options.sent_max);
}

/* Sends in order what the socket takes. */
static void
flush(struct rpc_client *client)
{
	struct call *call, *next;
	struct err err = {0};

	for (call = TAILQ_FIRST(&client->calls); client->n_unsent > 0 &&
	    may_send(client) && call != NULL; call = next) {
		int r;

		next = TAILQ_NEXT(call, link);
		if (call->is_sent)
			continue;
		r = rpc_frame_send(client->fd, &call->frame, MSG_DONTWAIT);
		if (r == -EAGAIN || is_broken(r))
			return;
		if (r == 0) {
			note_sent(client, call);
			continue;
		}
		err_set(&err, -r, "%s: send: %s", call->row->name,
		    strerror(-r));
		finish(client, call, NULL, NULL, &err);
		next = TAILQ_FIRST(&client->calls);
	}
}

void
rpc_client_connect(struct rpc_client *client, int fd)
{
	enter(client);
	if (client->fd >= 0)
		lose(client, 0);
	if (client->is_freed)
		fd_close(&fd);
	else
		client->fd = fd;
	flush(client);
	leave(client);
}

/* Keeps what has to be sent later. */
static int
keep(struct rpc_client *client, struct call *call,
    const struct rpc_client_call *from)
{
	int r = rpc_frame_request(from->row, call->id, from->request,
	    from->fds, from->n_fds, &call->frame);

	if (r < 0)
		return r;
	client->kept_bytes += call->frame.size;
	return client->kept_bytes > client->options.queue_bytes_max ? -EBUSY :
	    0;
}

/* Sends it at once, or keeps it; what was made before goes first. */
static int
dispatch(struct rpc_client *client, struct call *call,
    const struct rpc_client_call *from)
{
	bool is_persistent = client->options.is_persistent;
	int r = is_persistent ? keep(client, call, from) : 0;

	if (r < 0)
		return r;
	r = client->n_unsent > 1 || !may_send(client) ? -EAGAIN :
	    rpc_send_request(client->fd, from->row, call->id, from->request,
	    from->fds, from->n_fds, MSG_DONTWAIT);
	if (r == 0) {
		note_sent(client, call);
		return 0;
	}
	if (r != -EAGAIN && !is_broken(r))
		return r;
	return is_persistent ? 0 : keep(client, call, from);
}

static void
lower_deadline(struct rpc_client *client, uint64_t deadline_ms)
{
	if (deadline_ms != 0 && deadline_ms < client->next_deadline_ms)
		client->next_deadline_ms = deadline_ms;
}

int
rpc_client_call(struct rpc_client *client, const struct rpc_client_call *from,
    uint32_t *ret_id, struct err *err)
{
	struct call *call;
	uint32_t id;
	int r;

	if (client->fd < 0 && !client->options.is_persistent &&
	    !client->options.keeps_unsent)
		return err_set(err, ENOTCONN, "%s: not connected",
		    from->row->name);
	if (client->n_calls >= client->options.calls_max)
		return err_set(err, EBUSY, "%s: too many calls under way",
		    from->row->name);
	if ((call = calloc(1, sizeof *call)) == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (++client->last_id == 0)
		client->last_id = 1;
	id = client->last_id;
	*call = (struct call){.row = from->row, .id = id, .done = from->done,
	    .arg = from->arg, .deadline_ms = from->deadline_ms};
	TAILQ_INSERT_TAIL(&client->calls, call, link);
	client->n_calls++;
	client->n_unsent++;
	r = dispatch(client, call, from);
	if (r < 0) {
		remove_call(client, call);
		free(call);
		return err_set(err, -r, "%s: send: %s", from->row->name,
		    strerror(-r));
	}
	if (ret_id != NULL)
		*ret_id = id;
	lower_deadline(client, from->deadline_ms);
	if (client->n_users == 0)
		changed(client);
	return 0;
}

void
rpc_client_forget(struct rpc_client *client, const void *arg)
{
	struct call *call, *next;

	for (call = TAILQ_FIRST(&client->calls); call != NULL; call = next) {
		next = TAILQ_NEXT(call, link);
		if (call->arg != arg || call->done == NULL)
			continue;
		remove_call(client, call);
		free(call);
	}
}

int
rpc_client_fd(const struct rpc_client *client)
{
	return client->fd;
}

uint32_t
rpc_client_events(const struct rpc_client *client)
{
	if (client->fd < 0)
		return 0;
	return client->n_unsent > 0 && may_send(client) ? POLLIN | POLLOUT :
	    POLLIN;
}

uint64_t
rpc_client_next_deadline_ms(const struct rpc_client *client)
{
	return client->next_deadline_ms;
}

size_t
rpc_client_count(const struct rpc_client *client)
{
	return client->n_calls;
}

size_t
rpc_client_count_unsent(const struct rpc_client *client)
{
	return client->n_unsent;
}

uint32_t
rpc_client_current_id(const struct rpc_client *client)
{
	return client->current_id;
}

/* 0, or -EBADMSG for the answer to what was never asked. */
static int
take_reply(struct rpc_client *client, struct rpc_message *message)
{
	union rpc_any reply;
	struct err err = {0};
	struct call *call;

	TAILQ_FOREACH(call, &client->calls, link)
		if (call->is_sent && call->id == message->header.id)
			break;
	if (call == NULL) /* forgotten meanwhile, or too late */
		return (int32_t)(client->last_id - message->header.id) < 0 ?
		    -EBADMSG : 0;
	if (rpc_open_reply(call->row, message, &reply, &err) < 0)
		finish(client, call, NULL, NULL, &err);
	else
		finish(client, call, &reply, message, NULL);
	return 0;
}

static int
take_message(struct rpc_client *client, struct rpc_message *message)
{
	if (message->header.kind == RPC_KIND_REPLY)
		return take_reply(client, message);
	return client->options.event == NULL ? -EBADMSG :
	    client->options.event(client->options.arg, message);
}

int
rpc_client_read_one(struct rpc_client *client)
{
	auto_rpc_message struct rpc_message message = {0};
	bool is_lost;
	int r;

	if (client->fd < 0)
		return -ENOTCONN;
	enter(client);
	r = rpc_receive(client->fd, &message, MSG_DONTWAIT);
	if (r > 0) {
		r = take_message(client, &message);
		is_lost = r < 0;
	} else {
		is_lost = r != -EAGAIN;
	}
	if (is_lost && !client->is_freed)
		lose(client, r);
	leave(client);
	if (is_lost)
		return -ENOTCONN;
	return r < 0 ? r : 1;
}

void
rpc_client_ready(struct rpc_client *client)
{
	unsigned n = client->options.burst != 0 ? client->options.burst :
	    RPC_CLIENT_BURST;

	enter(client);
	flush(client);
	while (n-- > 0 && !client->is_freed && rpc_client_read_one(client) > 0)
		;
	flush(client); /* answers make room */
	leave(client);
}

static struct call *
find_overdue(const struct rpc_client *client, uint64_t now_ms)
{
	struct call *call;

	TAILQ_FOREACH(call, &client->calls, link)
		if (call->deadline_ms != 0 && call->deadline_ms <= now_ms)
			return call;
	return NULL;
}

void
rpc_client_expire(struct rpc_client *client, uint64_t now_ms)
{
	struct err err = {0};
	struct call *call;

	enter(client);
	/* From the start each time: an answer may make and forget calls. */
	while ((call = find_overdue(client, now_ms)) != NULL) {
		err_set(&err, ETIMEDOUT, "%s: no answer in time",
		    call->row->name);
		finish(client, call, NULL, NULL, &err);
	}
	client->next_deadline_ms = UINT64_MAX;
	TAILQ_FOREACH(call, &client->calls, link)
		lower_deadline(client, call->deadline_ms);
	leave(client);
}
