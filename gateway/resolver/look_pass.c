// SPDX-License-Identifier: Apache-2.0
/* Bytes both ways, and the end of it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "gateway/resolver/link.h"
#include "gateway/resolver/look_of.h"

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

static void
end(struct look *look)
{
	if (look->is_asking)
		link_forget(look->resolver->link, look);
	loop_stop_timer(&look->resolver->loop, &look->timer);
	look_want(look, &look->client, 0);
	look_want(look, &look->server, 0);
	look_leave(look);
	LIST_REMOVE(look, entry);
	look->resolver->n_looks--;
}

void
look_reset(struct look *look)
{
	end(look);
	look_reset_fd(&look->client.watch.fd);
	look_reset_fd(&look->server.watch.fd);
	free(look);
}

/* From an end into its buffer, where that is empty. False: it is broken. */
static bool
fill(struct look_end *from)
{
	struct look_buffer *buffer = &from->read;
	ssize_t n;

	if (buffer->start < buffer->end || buffer->is_over)
		return true;
	buffer->start = buffer->end = 0;
	n = recv(from->watch.fd, buffer->data, sizeof buffer->data,
	    MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buffer->is_over = n == 0;
	buffer->end = (size_t)n;
	return true;
}

/* What was read from an end to the other; false: that is broken. */
static bool
drain(struct look_buffer *buffer, struct look_end *to)
{
	while (buffer->start < buffer->end) {
		const ssize_t n = send(to->watch.fd,
		    buffer->data + buffer->start, buffer->end - buffer->start,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		buffer->start += (size_t)n;
	}
	if (buffer->is_over && !to->is_shut) {
		to->is_shut = true;
		(void)shutdown(to->watch.fd, SHUT_WR);
	}
	return true;
}

static bool
pass_one(struct look_end *from, struct look_end *to)
{
	return drain(&from->read, to) && fill(from) &&
	    drain(&from->read, to);
}

/* What an end is to be watched for, of which the other's bytes wait. */
static uint32_t
events_of(const struct look_end *one, const struct look_end *other)
{
	const bool is_reading = !one->read.is_over &&
	    one->read.start == one->read.end;

	return (is_reading ? EPOLLIN : 0) |
	    (other->read.start < other->read.end ? EPOLLOUT : 0);
}

void
look_pass(struct look *look)
{
	struct look_end *client = &look->client, *server = &look->server;

	if (!pass_one(client, server) || !pass_one(server, client)) {
		look_reset(look);
		return;
	}
	if (client->is_shut && server->is_shut) {
		end(look);
		fd_close(&client->watch.fd);
		fd_close(&server->watch.fd);
		free(look);
		return;
	}
	look_want(look, client, events_of(client, server));
	look_want(look, server, events_of(server, client));
}
