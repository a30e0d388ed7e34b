// SPDX-License-Identifier: Apache-2.0
/* From the head that was looked at to the relay, and the end of it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/resolver/link.h"
#include "gateway/resolver/look.h"
#include "gateway/resolver/look_of.h"
#include "gateway/resolver/relay.h"

/* Until the relay takes another order. */
#define HAND_MS 10

/* Ends that are heard of before others have their turn. */
#define BURST 64

void
look_want(struct look *look, struct look_end *end, uint32_t events)
{
	struct loop *loop = &look->resolver->loop;

	if (events == end->events)
		return;
	/* An end that is not watched tells no hangup again and again. */
	if (events == 0)
		loop_remove(loop, &end->watch);
	else if (end->events == 0)
		(void)loop_add(loop, &end->watch, events);
	else
		loop_change(loop, &end->watch, events);
	end->events = events;
}

void
look_reset_fd(int *fd)
{
	static const struct linger now = {.l_onoff = 1};

	if (*fd >= 0)
		(void)setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now,
		    sizeof now);
	fd_close(fd);
}

void
look_leave(struct look *look)
{
	if (look->guest != NULL)
		look->guest->n_looks--;
	look->guest = NULL;
}

/* It is no more. */
static void
end(struct look *look)
{
	if (look->is_asking)
		link_forget(look->resolver->link, look);
	loop_stop_timer(&look->resolver->loop, &look->timer);
	look_leave(look);
	LIST_REMOVE(look, entry);
	look->resolver->n_looks--;
	free(look->head);
	free(look);
}

/* 0 where the relay has the order, -EAGAIN where it takes none now. */
static int
order(struct look *look, enum relay_kind kind)
{
	const struct relay_order words = {kind, look->number};
	const int fds[N_RELAY_FDS] = {
	    [RELAY_FD_CLIENT] = look->client.watch.fd,
	    [RELAY_FD_SERVER] = look->server.watch.fd,
	    [RELAY_FD_LIFE] = look->life_fd};
	int r = fd_send(look->resolver->relay.fd, &words, sizeof words, fds,
	    kind == RELAY_PASS ? N_RELAY_FDS : 0, MSG_DONTWAIT);

	/* As many are on the way as one user may have. */
	if (r == -EAGAIN || r == -ETOOMANYREFS || r == -ENOBUFS ||
	    r == -ENOMEM) {
		loop_set_timer(&look->resolver->loop, &look->timer, HAND_MS);
		return -EAGAIN;
	}
	return r;
}

static void
cut(struct look *look)
{
	look->state = LOOK_CUT;
	if (order(look, RELAY_CUT) != -EAGAIN)
		end(look);
}

void
look_reset(struct look *look)
{
	if (look->state == LOOK_CUT)
		return; /* which is under way */
	if (look->state == LOOK_PASS) {
		cut(look);
		return;
	}
	look_want(look, &look->client, 0);
	look_want(look, &look->server, 0);
	look_reset_fd(&look->client.watch.fd);
	look_reset_fd(&look->server.watch.fd);
	fd_close(&look->life_fd);
	end(look);
}

static void
hand(struct look *look)
{
	int r;

	look->state = LOOK_HAND;
	look_want(look, &look->client, 0);
	look_want(look, &look->server, 0);
	r = order(look, RELAY_PASS);
	if (r == -EAGAIN)
		return;
	if (r < 0) {
		look_reset(look);
		return;
	}
	loop_stop_timer(&look->resolver->loop, &look->timer);
	fd_close(&look->client.watch.fd);
	fd_close(&look->server.watch.fd);
	fd_close(&look->life_fd);
	free(look->head);
	look->head = NULL;
	look->state = LOOK_PASS;
}

void
look_pass(struct look *look)
{
	look->state = LOOK_SEND;
	while (look->start < look->end) {
		const ssize_t n = send(look->server.watch.fd,
		    look->head + look->start, look->end - look->start,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			look_want(look, &look->server, EPOLLOUT);
			return;
		}
		if (n < 0) {
			look_reset(look);
			return;
		}
		look->start += (size_t)n;
	}
	hand(look);
}

void
look_pass_due(struct look *look)
{
	if (look->state == LOOK_HAND)
		hand(look);
	else if (look->state == LOOK_CUT)
		cut(look);
	else
		look_reset(look);
}

static void
forget(struct resolver *resolver, uint32_t number)
{
	struct look *look;

	LIST_FOREACH(look, &resolver->looks, entry)
		if (look->number == number && look->state >= LOOK_PASS) {
			end(look);
			return;
		}
}

/* The relay says what is over; without one nothing can be passed on. */
void
looks_relay_ready(struct loop_watch *watch, uint32_t events)
{
	struct resolver *resolver = (struct resolver *)((char *)watch -
	    offsetof(struct resolver, relay));
	struct relay_end over;

	(void)events;
	for (int i = 0; i < BURST; i++) {
		const ssize_t n = recv(watch->fd, &over, sizeof over,
		    MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n != sizeof over) {
			log_error("gateway-relay is gone");
			loop_remove(&resolver->loop, watch);
			loop_end(&resolver->loop);
			return;
		}
		forget(resolver, over.number);
	}
}
