// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>

struct one {
	TAILQ_ENTRY(one) link;
	struct loop_timer timer;
	struct calls *calls;
	const struct rpc_call *call;
	uint32_t id;
	bool is_sent;
	int fd; /* that goes along; -1 = none */
	calls_done *done;
	void *arg;
	uint8_t *frame; /* until it is sent */
	size_t frame_size;
};
TAILQ_HEAD(ones, one);

struct calls {
	struct calls_options options;
	struct loop_watch watch;
	struct ones sent, waiting;
	size_t n_sent;
	uint32_t next_id;
	bool is_blocked; /* the socket had no room */
	bool is_freed;	 /* inside of its own callback */
	unsigned int depth;
	int broken; /* -errno once the socket is of no more use */
};

/* Takes it out, then answers it: done may make new ones, or free calls. */
static void
finish(struct one *one, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct calls *calls = one->calls;

	TAILQ_REMOVE(one->is_sent ? &calls->sent : &calls->waiting, one, link);
	calls->n_sent -= one->is_sent;
	loop_stop_timer(calls->options.loop, &one->timer);
	one->done(one->arg, reply, message, err);
	free(one->frame);
	free(one);
}

static void
fail(struct one *one, int code)
{
	struct rpc_message none = {0};
	struct err err;

	err_set(&err, -code, "%s: %s", one->call->name, strerror(-code));
	finish(one, NULL, &none, &err);
}

/* A call that is made while these fail does so by itself. */
static void
fail_all(struct calls *calls)
{
	struct one *one;

	while ((one = TAILQ_FIRST(&calls->sent)) != NULL ||
	    (one = TAILQ_FIRST(&calls->waiting)) != NULL)
		fail(one, calls->broken);
}

static void
release(struct calls *calls)
{
	if (calls->depth == 0 && calls->is_freed)
		free(calls);
}

static void
end(struct calls *calls, int code)
{
	if (calls->broken < 0)
		return;
	calls->broken = code;
	loop_remove(calls->options.loop, &calls->watch);
	fd_close(&calls->watch.fd);
	calls->depth++;
	if (calls->options.on_end != NULL)
		calls->options.on_end(calls->options.arg);
	fail_all(calls);
	calls->depth--;
	release(calls);
}

/* As many as the other side should have at once, and the socket takes. */
static int
send_waiting(struct calls *calls)
{
	struct one *one;
	int r = 0;

	while (r == 0 && calls->n_sent < CALLS_MAX &&
	    (one = TAILQ_FIRST(&calls->waiting)) != NULL) {
		r = fd_send(calls->watch.fd, one->frame, one->frame_size,
		    &one->fd, one->fd >= 0 ? 1 : 0, MSG_DONTWAIT);
		if (r < 0)
			break;
		free(one->frame);
		one->frame = NULL;
		TAILQ_REMOVE(&calls->waiting, one, link);
		one->is_sent = true;
		TAILQ_INSERT_TAIL(&calls->sent, one, link);
		calls->n_sent++;
	}
	if ((r == -EAGAIN) != calls->is_blocked) {
		calls->is_blocked = r == -EAGAIN;
		loop_change(calls->options.loop, &calls->watch,
		    calls->is_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
	}
	return r == -EAGAIN ? 0 : r;
}

/* The answer to one of them, or to one that was given up. */
static int
take_reply(struct calls *calls, struct rpc_message *message)
{
	auto_free void *reply = NULL;
	struct err err = {0};
	struct one *one;
	int r;

	TAILQ_FOREACH(one, &calls->sent, link)
		if (one->id == message->header.id)
			break;
	if (one == NULL)
		return 0;
	reply = malloc(one->call->reply->struct_size + 1);
	if (reply == NULL)
		r = err_set(&err, ENOMEM, "out of memory");
	else
		r = rpc_open_reply(one->call, message, reply, &err);
	finish(one, r < 0 ? NULL : reply, message, r < 0 ? &err : NULL);
	return r == -EBADMSG ? r : 0;
}

static void
on_ready(struct loop_watch *watch, uint32_t events)
{
	struct calls *calls = (struct calls *)((char *)watch -
	    offsetof(struct calls, watch));
	auto_rpc_message struct rpc_message message = {0};
	int r = 1;

	calls->depth++;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		r = rpc_receive(watch->fd, &message, MSG_DONTWAIT);
	if (r == 0)
		r = -EPIPE;
	else if (r == 1 && message.buffer != NULL) {
		if (message.header.kind == RPC_KIND_REPLY)
			r = take_reply(calls, &message);
		else if (calls->options.on_event != NULL)
			calls->options.on_event(calls->options.arg, &message);
	}
	if (r >= 0 && calls->broken == 0)
		r = send_waiting(calls);
	if (r < 0 && r != -EAGAIN)
		end(calls, r);
	calls->depth--;
	release(calls);
}

static void
on_timeout(struct loop_timer *timer)
{
	fail((struct one *)((char *)timer - offsetof(struct one, timer)),
	    -ETIMEDOUT);
}

int
calls_new(const struct calls_options *options, struct calls **ret,
    struct err *err)
{
	struct calls *calls = calloc(1, sizeof *calls);
	int fd = options->fd, r;

	if (calls == NULL) {
		fd_close(&fd);
		return err_set(err, ENOMEM, "out of memory");
	}
	calls->options = *options;
	calls->watch = (struct loop_watch){fd, on_ready};
	TAILQ_INIT(&calls->sent);
	TAILQ_INIT(&calls->waiting);
	r = loop_add(options->loop, &calls->watch, EPOLLIN);
	if (r < 0) {
		fd_close(&calls->watch.fd);
		free(calls);
		return err_set(err, -r, "watch calls: %s", strerror(-r));
	}
	*ret = calls;
	return 0;
}

void
calls_free(struct calls *calls)
{
	if (calls == NULL)
		return;
	calls->options.on_end = NULL;
	calls->is_freed = true;
	if (calls->broken == 0)
		end(calls, -EPIPE);
	else
		release(calls);
}

/* The whole datagram, as it waits. */
static int
encode(struct one *one, const void *request)
{
	struct rpc_header header = {.number = one->call->number,
	    .kind = RPC_KIND_REQUEST, .id = one->id};
	uint8_t small[1024], *room = small;
	auto_free uint8_t *large = NULL;
	ptrdiff_t n = rpc_encode(one->call->request, request, small,
	    sizeof small);

	if (n == -EMSGSIZE) {
		room = large = malloc(RPC_FRAME_MAX);
		if (large == NULL)
			return -ENOMEM;
		n = rpc_encode(one->call->request, request, large,
		    RPC_FRAME_MAX - sizeof header);
	}
	if (n < 0)
		return (int)n;
	header.size = (uint32_t)n;
	one->frame_size = sizeof header + (size_t)n;
	one->frame = malloc(one->frame_size);
	if (one->frame == NULL)
		return -ENOMEM;
	memcpy(one->frame, &header, sizeof header);
	memcpy(one->frame + sizeof header, room, (size_t)n);
	return 0;
}

void
calls_make(struct calls *calls, const struct rpc_call *call,
    const void *request, int fd, calls_done *done, void *arg)
{
	struct one *one = calloc(1, sizeof *one);
	struct rpc_message none = {0};
	const struct err err = {ENOMEM, "out of memory"};
	int r;

	if (one == NULL) {
		done(arg, NULL, &none, &err);
		return;
	}
	*one = (struct one){.calls = calls, .call = call, .fd = fd,
	    .id = ++calls->next_id, .done = done, .arg = arg,
	    .timer.due = on_timeout};
	TAILQ_INSERT_TAIL(&calls->waiting, one, link);
	r = calls->broken < 0 ? calls->broken : encode(one, request);
	if (r < 0) {
		fail(one, r);
		return;
	}
	loop_set_timer(calls->options.loop, &one->timer,
	    calls->options.timeout_ms);
	if (!calls->is_blocked && (r = send_waiting(calls)) < 0)
		end(calls, r);
}

bool
calls_have_ended(const struct calls *calls)
{
	char byte;
	ssize_t n;

	if (calls->broken < 0)
		return true;
	n = recv(calls->watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}
