// SPDX-License-Identifier: Apache-2.0
/* Bytes both ways, and the end of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "gateway/resolver/look_of.h"
#include "gateway/resolver/relay_of.h"

static void
want(struct pass *pass, struct pass_end *end, uint32_t events)
{
	struct loop *loop = &pass->relay->loop;

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

static void
end_one(struct pass *pass, struct pass_end *end, bool is_reset)
{
	want(pass, end, 0);
	if (is_reset)
		look_reset_fd(&end->watch.fd);
	fd_close(&end->watch.fd);
	free(end->rest);
	end->rest = NULL;
}

static void
end_both(struct pass *pass, bool is_reset)
{
	end_one(pass, &pass->client, is_reset);
	end_one(pass, &pass->server, is_reset);
	loop_remove(&pass->relay->loop, &pass->life);
	fd_close(&pass->life.fd);
	relay_ended(pass);
}

void
pass_cut(struct pass *pass)
{
	end_both(pass, true);
}

/* What of the data the other end does not take now is kept; false: it is
 * broken, or there is no memory for that. */
static bool
write_to(struct pass_end *from, struct pass_end *to, const uint8_t *data,
    size_t size)
{
	while (size > 0) {
		const ssize_t n = send(to->watch.fd, data, size,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (n < 0)
			break;
		data += n;
		size -= (size_t)n;
	}
	if (size == 0)
		return true;
	from->rest = malloc(size);
	if (from->rest == NULL)
		return false;
	memcpy(from->rest, data, size);
	from->start = 0;
	from->size = size;
	return true;
}

/* What is left from before; false: the other end is broken. */
static bool
write_rest(struct pass_end *from, struct pass_end *to)
{
	while (from->start < from->size) {
		const ssize_t n = send(to->watch.fd, from->rest + from->start,
		    from->size - from->start, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		from->start += (size_t)n;
	}
	free(from->rest);
	from->rest = NULL;
	return true;
}

/* Once more from one end to the other; false: one of them is broken. */
static bool
pass_one(struct pass_end *from, struct pass_end *to)
{
	static uint8_t data[RELAY_BYTES];
	ssize_t n;

	if (from->rest != NULL && !write_rest(from, to))
		return false;
	if (from->rest == NULL && !from->is_over) {
		n = recv(from->watch.fd, data, sizeof data, MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		from->is_over = n == 0;
		if (n > 0 && !write_to(from, to, data, (size_t)n))
			return false;
	}
	if (from->rest == NULL && from->is_over && !to->is_shut) {
		to->is_shut = true;
		(void)shutdown(to->watch.fd, SHUT_WR);
	}
	return true;
}

/* What an end is to be watched for, of which the other's bytes wait. */
static uint32_t
events_of(const struct pass_end *one, const struct pass_end *other)
{
	return (!one->is_over && one->rest == NULL ? EPOLLIN : 0) |
	    (other->rest != NULL ? EPOLLOUT : 0);
}

static void
go_on(struct pass *pass)
{
	struct pass_end *client = &pass->client, *server = &pass->server;

	if (!pass_one(client, server) || !pass_one(server, client)) {
		pass_cut(pass);
	} else if (client->is_shut && server->is_shut) {
		end_both(pass, false);
	} else {
		want(pass, client, events_of(client, server));
		want(pass, server, events_of(server, client));
	}
}

static void
on_client(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	go_on((struct pass *)((char *)watch -
	    offsetof(struct pass, client.watch)));
}

static void
on_server(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	go_on((struct pass *)((char *)watch -
	    offsetof(struct pass, server.watch)));
}

/* Nobody is left who would read what the kernel still keeps of it. */
static void
on_life(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	pass_cut((struct pass *)((char *)watch - offsetof(struct pass, life)));
}

void
pass_begin(struct relay *relay, uint32_t number, int *fds)
{
	struct pass *pass = calloc(1, sizeof *pass);

	if (pass == NULL) {
		const struct relay_end end = {number};

		(void)fd_send(relay->orders.fd, &end, sizeof end, NULL, 0,
		    MSG_DONTWAIT);
		look_reset_fd(&fds[RELAY_FD_CLIENT]);
		look_reset_fd(&fds[RELAY_FD_SERVER]);
		fd_close(&fds[RELAY_FD_LIFE]);
		return;
	}
	pass->relay = relay;
	pass->number = number;
	pass->client.watch = (struct loop_watch){fds[RELAY_FD_CLIENT],
	    on_client};
	pass->server.watch = (struct loop_watch){fds[RELAY_FD_SERVER],
	    on_server};
	pass->life = (struct loop_watch){fds[RELAY_FD_LIFE], on_life};
	LIST_INSERT_HEAD(&relay->passes, pass, entry);
	if (loop_add(&relay->loop, &pass->life, EPOLLIN) < 0)
		pass_cut(pass);
	else
		go_on(pass);
}
