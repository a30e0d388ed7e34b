// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/clock.h"

struct calls {
	struct calls_options options;
	struct rpc_client *client;
	struct loop_watch watch; /* fd -1 = it is not watched */
	struct loop_timer timer; /* of the first deadline */
	uint32_t events;
	uint64_t timer_ms; /* what it is set to */
};

static void
on_ready(struct loop_watch *watch, uint32_t events)
{
	struct calls *calls = (struct calls *)((char *)watch -
	    offsetof(struct calls, watch));

	(void)events;
	rpc_client_ready(calls->client);
}

static void
on_timer(struct loop_timer *timer)
{
	struct calls *calls = (struct calls *)((char *)timer -
	    offsetof(struct calls, timer));

	calls->timer_ms = UINT64_MAX;
	rpc_client_expire(calls->client, clock_monotonic_ms());
}

static void
set_timer(struct calls *calls)
{
	uint64_t due_ms = rpc_client_next_deadline_ms(calls->client);
	uint64_t now_ms;

	if (due_ms == calls->timer_ms)
		return;
	calls->timer_ms = due_ms;
	if (due_ms == UINT64_MAX) {
		loop_stop_timer(calls->options.loop, &calls->timer);
		return;
	}
	now_ms = clock_monotonic_ms();
	loop_set_timer(calls->options.loop, &calls->timer,
	    due_ms > now_ms ? due_ms - now_ms : 0);
}

static void
on_changed(void *arg)
{
	struct calls *calls = arg;
	uint32_t events = rpc_client_events(calls->client);

	if (calls->watch.fd >= 0 && rpc_client_fd(calls->client) < 0) {
		loop_remove(calls->options.loop, &calls->watch);
		calls->watch.fd = -1;
	} else if (calls->watch.fd >= 0 && events != calls->events) {
		calls->events = events;
		loop_change(calls->options.loop, &calls->watch, events);
	}
	set_timer(calls);
}

static int
take_event(void *arg, const struct rpc_message *message)
{
	const struct calls *calls = arg;

	if (calls->options.on_event != NULL)
		calls->options.on_event(calls->options.arg, message);
	return 0;
}

static void
on_ended(void *arg)
{
	const struct calls *calls = arg;

	if (calls->options.on_end != NULL)
		calls->options.on_end(calls->options.arg);
}

int
calls_new(const struct calls_options *options, struct calls **ret,
    struct err *err)
{
	struct calls *calls = calloc(1, sizeof *calls);
	/* One at most for every client waits. */
	const struct rpc_client_options client_options = {
	    .calls_max = SIZE_MAX, .queue_bytes_max = SIZE_MAX,
	    .sent_max = CALLS_MAX, .burst = 1, .event = take_event,
	    .keeps_unsent = options->keeps_unsent, .hangup = options->hangup,
	    .ended = on_ended, .arg = calls, .changed = on_changed,
	    .changed_arg = calls};
	int fd = options->fd, r;

	if (calls == NULL) {
		fd_close(&fd);
		return err_set(err, ENOMEM, "out of memory");
	}
	*calls = (struct calls){.options = *options, .watch = {-1, on_ready},
	    .timer.due = on_timer, .timer_ms = UINT64_MAX};
	r = rpc_client_new(&client_options, &calls->client, err);
	if (r < 0)
		fd_close(&fd);
	else
		r = calls_connect(calls, fd, err);
	if (r < 0) {
		rpc_client_free(calls->client);
		free(calls);
		return r;
	}
	*ret = calls;
	return 0;
}

int
calls_connect(struct calls *calls, int fd, struct err *err)
{
	int r;

	calls->watch.fd = fd;
	calls->events = EPOLLIN;
	r = loop_add(calls->options.loop, &calls->watch, EPOLLIN);
	if (r < 0) {
		fd_close(&calls->watch.fd);
		return err_set(err, -r, "watch calls: %s", strerror(-r));
	}
	rpc_client_connect(calls->client, fd);
	return 0;
}

bool
calls_are_waiting(const struct calls *calls)
{
	return rpc_client_fd(calls->client) < 0 &&
	    rpc_client_count(calls->client) > 0;
}

void
calls_fail(struct calls *calls, const struct err *err)
{
	rpc_client_fail(calls->client, err);
}

void
calls_free(struct calls *calls)
{
	struct err err = {0};

	if (calls == NULL)
		return;
	err_set(&err, EPIPE, "%s", calls->options.hangup);
	calls->options.on_end = NULL;
	rpc_client_connect(calls->client, -1);
	rpc_client_fail(calls->client, &err);
	rpc_client_free(calls->client);
	loop_stop_timer(calls->options.loop, &calls->timer);
	free(calls);
}

void
calls_make(struct calls *calls, const struct rpc_call *call,
    const void *request, int fd, rpc_client_done *done, void *arg)
{
	struct err err = {0};

	if (rpc_client_call(calls->client, &(struct rpc_client_call){
	    .row = call, .request = request, .fds = &fd, .n_fds = fd >= 0,
	    .deadline_ms = clock_monotonic_ms() + calls->options.timeout_ms,
	    .done = done, .arg = arg}, NULL, &err) < 0)
		done(arg, NULL, NULL, &err);
}

void
calls_tell(struct calls *calls, const struct rpc_call *call,
    const void *event)
{
	(void)rpc_client_call(calls->client, &(struct rpc_client_call){
	    .row = call, .request = event}, NULL, NULL);
}

bool
calls_have_ended(const struct calls *calls)
{
	int fd = rpc_client_fd(calls->client);
	char byte;
	ssize_t n;

	if (fd < 0)
		return true;
	n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}
