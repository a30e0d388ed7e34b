// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/upstream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "gateway/resolver/message.h"

#define LENGTH_SIZE 2

void
upstream_init(struct upstream *upstream, struct loop *loop, bool is_tcp,
    upstream_data *on_data)
{
	*upstream = (struct upstream){.loop = loop, .watch = {.fd = -1},
	    .is_tcp = is_tcp, .on_data = on_data};
}

static void
on_udp(struct loop_watch *watch, uint32_t events)
{
	struct upstream *upstream = (struct upstream *)((char *)watch -
	    offsetof(struct upstream, watch));
	uint8_t data[MESSAGE_UDP_MAX];
	ssize_t n = recvfrom(watch->fd, data, sizeof data,
	    MSG_DONTWAIT | MSG_TRUNC, NULL, NULL);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* Nobody there (ECONNREFUSED), or more than was asked for. */
	if (n < 0 || (size_t)n > sizeof data)
		upstream->on_data(upstream, NULL, 0);
	else
		upstream->on_data(upstream, data, (size_t)n);
}

/* The rest of the question; false where it cannot be sent. */
static bool
send_more(struct upstream *upstream)
{
	ssize_t n = sendto(upstream->watch.fd,
	    upstream->buffer + upstream->done, upstream->size - upstream->done,
	    MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	upstream->done += (size_t)n;
	if (upstream->done < upstream->size)
		return true;
	upstream->is_sent = true;
	upstream->done = 0;
	upstream->size = LENGTH_SIZE;
	loop_change(upstream->loop, &upstream->watch, EPOLLIN);
	return true;
}

/* 1 where the message is whole, 0 where more is to come, or -errno. */
static int
read_more(struct upstream *upstream)
{
	ssize_t n = recvfrom(upstream->watch.fd,
	    upstream->buffer + upstream->done, upstream->size - upstream->done,
	    MSG_DONTWAIT, NULL, NULL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	upstream->done += (size_t)n;
	if (upstream->done < upstream->size)
		return 0;
	if (upstream->size > LENGTH_SIZE)
		return 1;
	upstream->size += (size_t)(upstream->buffer[0] << 8 |
	    upstream->buffer[1]);
	return upstream->size > LENGTH_SIZE ? 0 : -EBADMSG;
}

static void
on_tcp(struct loop_watch *watch, uint32_t events)
{
	struct upstream *upstream = (struct upstream *)((char *)watch -
	    offsetof(struct upstream, watch));
	int r;

	(void)events;
	if (!upstream->is_sent) {
		if (!send_more(upstream))
			upstream->on_data(upstream, NULL, 0);
		return;
	}
	r = read_more(upstream);
	if (r < 0)
		upstream->on_data(upstream, NULL, 0);
	else if (r > 0)
		upstream->on_data(upstream, upstream->buffer + LENGTH_SIZE,
		    upstream->size - LENGTH_SIZE);
}

static int
begin_tcp(struct upstream *upstream, const uint8_t *question, size_t size)
{
	upstream->buffer = malloc(LENGTH_SIZE + MESSAGE_MAX);
	if (upstream->buffer == NULL)
		return -ENOMEM;
	upstream->buffer[0] = (uint8_t)(size >> 8);
	upstream->buffer[1] = (uint8_t)size;
	memcpy(upstream->buffer + LENGTH_SIZE, question, size);
	upstream->size = LENGTH_SIZE + size;
	upstream->watch.ready = on_tcp;
	return loop_add(upstream->loop, &upstream->watch, EPOLLOUT);
}

int
upstream_ask(struct upstream *upstream, int fd, const uint8_t *question,
    size_t size)
{
	int r;

	upstream->watch.fd = fd;
	if (upstream->is_tcp)
		return begin_tcp(upstream, question, size);
	upstream->watch.ready = on_udp;
	r = loop_add(upstream->loop, &upstream->watch, EPOLLIN);
	if (r == 0 && sendto(fd, question, size, MSG_DONTWAIT | MSG_NOSIGNAL,
	    NULL, 0) < 0)
		r = -errno;
	return r;
}

void
upstream_close(struct upstream *upstream)
{
	if (upstream->watch.fd >= 0)
		loop_remove(upstream->loop, &upstream->watch);
	fd_close(&upstream->watch.fd);
	free(upstream->buffer);
	upstream->buffer = NULL;
}
