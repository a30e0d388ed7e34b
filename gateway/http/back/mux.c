// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/mux.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "common/clock.h"

/* One call under way; lives on its caller's stack, linked while it waits. */
struct waiter {
	struct waiter *next;
	uint32_t id;
	bool is_done;
	struct rpc_message message;
};

struct mux {
	int fd;
	uint64_t timeout_ms;
	pthread_mutex_t send_lock; /* one datagram at a time; taken alone */
	pthread_mutex_t lock;	   /* everything below */
	pthread_cond_t changed;
	struct waiter *waiters;
	uint32_t next_id;
	bool is_being_read;
	int broken; /* -errno once the socket is of no more use */
};

int
mux_new(int fd, uint64_t timeout_ms, struct mux **ret, struct err *err)
{
	struct mux *mux = calloc(1, sizeof *mux);
	pthread_condattr_t attr;

	if (mux == NULL) {
		fd_close(&fd);
		return err_set(err, ENOMEM, "out of memory");
	}
	mux->fd = fd;
	mux->timeout_ms = timeout_ms;
	pthread_mutex_init(&mux->send_lock, NULL);
	pthread_mutex_init(&mux->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&mux->changed, &attr);
	pthread_condattr_destroy(&attr);
	*ret = mux;
	return 0;
}

void
mux_free(struct mux *mux)
{
	if (mux == NULL)
		return;
	fd_close(&mux->fd);
	pthread_cond_destroy(&mux->changed);
	pthread_mutex_destroy(&mux->lock);
	pthread_mutex_destroy(&mux->send_lock);
	free(mux);
}

static void
unlink_waiter(struct mux *mux, const struct waiter *waiter)
{
	struct waiter **p = &mux->waiters;

	while (*p != NULL && *p != waiter)
		p = &(*p)->next;
	if (*p != NULL)
		*p = waiter->next;
}

/* Hands *message to whoever waits for it; nobody does after a timeout. */
static void
deliver(struct mux *mux, struct rpc_message *message)
{
	for (struct waiter *w = mux->waiters; w != NULL; w = w->next)
		if (!w->is_done && w->id == message->header.id &&
		    message->header.kind == RPC_KIND_REPLY) {
			w->message = *message;
			w->is_done = true;
			return;
		}
	rpc_message_free(message);
}

/* Reads one message for whomever it is. Called and returns with the lock. */
static void
read_one(struct mux *mux, uint64_t deadline_ms)
{
	struct rpc_message message = {0};
	struct pollfd poll_fd = {.fd = mux->fd, .events = POLLIN};
	uint64_t now = clock_monotonic_ms();
	int r;

	mux->is_being_read = true;
	pthread_mutex_unlock(&mux->lock);
	r = poll(&poll_fd, 1, now < deadline_ms ? (int)(deadline_ms - now) : 0);
	if (r > 0) {
		r = rpc_receive(mux->fd, &message, MSG_DONTWAIT);
		if (r == 0)
			r = -EPIPE;
	}
	pthread_mutex_lock(&mux->lock);
	mux->is_being_read = false;
	if (r > 0)
		deliver(mux, &message);
	else
		rpc_message_free(&message);
	if (r < 0 && r != -1 && r != -EAGAIN)
		mux->broken = r;
	pthread_cond_broadcast(&mux->changed);
}

/* Until the waiter is done, the socket breaks or time is up; with the lock. */
static int
wait_for(struct mux *mux, struct waiter *waiter)
{
	uint64_t deadline_ms = clock_monotonic_ms() + mux->timeout_ms;
	struct timespec until = {(time_t)(deadline_ms / 1000),
	    (long)(deadline_ms % 1000) * 1000000};

	for (;;) {
		if (waiter->is_done)
			return 0;
		if (mux->broken < 0)
			return mux->broken;
		if (clock_monotonic_ms() >= deadline_ms)
			return -ETIMEDOUT;
		if (mux->is_being_read)
			pthread_cond_timedwait(&mux->changed, &mux->lock,
			    &until);
		else
			read_one(mux, deadline_ms);
	}
}

int
mux_call(struct mux *mux, const struct rpc_call *call, const void *request,
    const int *fds, size_t n_fds, void *ret_reply,
    struct rpc_message *ret_message, struct err *err)
{
	struct waiter waiter = {0};
	int r;

	pthread_mutex_lock(&mux->lock);
	waiter.id = ++mux->next_id;
	waiter.next = mux->waiters;
	mux->waiters = &waiter;
	pthread_mutex_unlock(&mux->lock);

	pthread_mutex_lock(&mux->send_lock);
	r = rpc_send_request(mux->fd, call, waiter.id, request, fds, n_fds, 0);
	pthread_mutex_unlock(&mux->send_lock);

	pthread_mutex_lock(&mux->lock);
	if (r == 0)
		r = wait_for(mux, &waiter);
	unlink_waiter(mux, &waiter);
	pthread_mutex_unlock(&mux->lock);
	*ret_message = waiter.message;
	if (r < 0)
		return err_set(err, -r, "%s: %s", call->name, strerror(-r));
	return rpc_open_reply(call, ret_message, ret_reply, err);
}
