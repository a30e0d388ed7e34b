// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/rpc_calls.h"
#include "gateway/resolver/check.h"
#include "gateway/resolver/guest.h"
#include "gateway/resolver/look.h"
#include "gateway/resolver/lookup.h"

#define QUEUE_BYTES_MAX (1024 * 1024)
#define TIMEOUT_MS	5000

struct link {
	struct resolver *resolver;
	struct rpc_client *client;
	struct loop_watch listener, socket; /* fd -1 = not watched */
	struct loop_timer timer;
};

static void
answer(struct link *link, const struct rpc_call *row,
    const struct rpc_message *message, const void *reply)
{
	int r = rpc_send_reply(rpc_client_fd(link->client), row,
	    message->header.id, reply, NULL, 0, MSG_DONTWAIT);

	/* It reads at once whatever it is told; or it is no more. */
	if (r < 0)
		log_warn("sandboxd: %s", strerror(-r));
}

static int
on_begin(struct link *link, const struct rpc_message *message)
{
	static const struct rpc_names_begin_rep reply;
	struct rpc_names_begin_req request;
	int r = rpc_open_request(&rpc_call_names_begin, message, &request);

	if (r < 0)
		return r;
	guests_clear(link->resolver);
	stocks_clear(link->resolver);
	link->resolver->n_upstreams = request.n_upstreams;
	answer(link, &rpc_call_names_begin, message, &reply);
	return 0;
}

static int
on_serve(struct link *link, const struct rpc_message *message)
{
	static const struct rpc_names_serve_rep reply;
	struct rpc_names_serve_req request;
	int r = rpc_open_request(&rpc_call_names_serve, message, &request);

	if (r < 0 || (r = guest_set(link->resolver, &request)) < 0)
		return r;
	answer(link, &rpc_call_names_serve, message, &reply);
	return 0;
}

static int
on_listen(struct link *link, struct rpc_message *message)
{
	static const struct rpc_names_listen_rep reply;
	struct rpc_names_listen_req request;
	struct guest *guest;
	int r = rpc_open_request(&rpc_call_names_listen, message, &request);

	if (r < 0)
		return r;
	guest = guest_find(link->resolver, request.id);
	if (guest == NULL)
		return -EBADMSG;
	if ((r = guest_listen(guest, take_fd(&message->fds[0]),
	    take_fd(&message->fds[1]))) < 0)
		return r;
	answer(link, &rpc_call_names_listen, message, &reply);
	return 0;
}

static int
on_look(struct link *link, struct rpc_message *message)
{
	static const struct rpc_names_look_rep reply;
	struct rpc_names_look_req request;
	struct guest *guest;
	int r = rpc_open_request(&rpc_call_names_look, message, &request);

	if (r < 0)
		return r;
	guest = guest_find(link->resolver, request.id);
	if (guest == NULL)
		return -EBADMSG;
	if ((r = guest_look(guest, take_fd(&message->fds[0]))) < 0)
		return r;
	answer(link, &rpc_call_names_look, message, &reply);
	return 0;
}

static void
on_looked_up(void *arg, uint32_t id, const struct check_result *result)
{
	struct link *link = arg;
	const struct rpc_names_look_up_rep reply = {.rcode = result->rcode,
	    .ipv4 = {result->ipv4, result->ipv4_size},
	    .ipv6 = {result->ipv6, result->ipv6_size}};

	(void)rpc_send_reply(rpc_client_fd(link->client),
	    &rpc_call_names_look_up, id, &reply, NULL, 0, MSG_DONTWAIT);
}

static int
on_look_up(struct link *link, const struct rpc_message *message)
{
	struct rpc_names_look_up_req request;
	struct err err = {0};
	struct guest *guest;
	int r = rpc_open_request(&rpc_call_names_look_up, message, &request);

	if (r < 0)
		return r;
	guest = guest_find(link->resolver, request.id);
	r = guest == NULL ? -ENOENT : check_begin(guest, request.name,
	    on_looked_up, link, message->header.id);
	if (r < 0) {
		err_set(&err, -r, "\"%s\": %s", request.name, strerror(-r));
		(void)rpc_send_error(rpc_client_fd(link->client),
		    message->header.number, message->header.id, &err,
		    MSG_DONTWAIT);
	}
	return 0;
}

static int
on_forget(struct link *link, const struct rpc_message *message)
{
	struct rpc_names_forget_event event;
	struct guest *guest;
	int r = rpc_open_request(&rpc_call_names_forget, message, &event);

	if (r < 0)
		return r;
	guest = guest_find(link->resolver, event.id);
	if (guest != NULL)
		guest_free(guest);
	looks_drop(link->resolver, event.id);
	return 0;
}

/* The client gives it as its own, to keep what it likes of it. */
static int
on_event(void *arg, const struct rpc_message *received)
{
	struct rpc_message *message = (struct rpc_message *)(uintptr_t)
	    received;
	struct link *link = arg;
	const uint16_t number = message->header.number;

	if (number == rpc_call_names_begin.number)
		return on_begin(link, message);
	if (number == rpc_call_names_serve.number)
		return on_serve(link, message);
	if (number == rpc_call_names_listen.number)
		return on_listen(link, message);
	if (number == rpc_call_names_look.number)
		return on_look(link, message);
	if (number == rpc_call_names_look_up.number)
		return on_look_up(link, message);
	if (number == rpc_call_names_forget.number)
		return on_forget(link, message);
	return -EBADMSG;
}

/* Sandboxes keep their sockets, unread, until there is another that has new
 * ones: what they ask meanwhile is asked again, not refused. */
static void
on_ended(void *arg)
{
	struct link *link = arg;

	log_info("sandboxd is gone");
	guests_pause(link->resolver);
}

static void
on_socket(struct loop_watch *watch, uint32_t events)
{
	struct link *link = (struct link *)((char *)watch -
	    offsetof(struct link, socket));

	(void)events;
	rpc_client_ready(link->client);
}

static void
on_due(struct loop_timer *timer)
{
	struct link *link = (struct link *)((char *)timer -
	    offsetof(struct link, timer));

	rpc_client_expire(link->client, clock_monotonic_ms());
}

/* What is to be watched has changed. */
static void
on_changed(void *arg)
{
	struct link *link = arg;
	struct loop *loop = &link->resolver->loop;
	const int fd = rpc_client_fd(link->client);
	const uint64_t due_ms = rpc_client_next_deadline_ms(link->client);
	const uint64_t now_ms = clock_monotonic_ms();

	if (link->socket.fd >= 0 && link->socket.fd != fd)
		loop_remove(loop, &link->socket);
	if (fd >= 0 && link->socket.fd != fd) {
		link->socket.fd = fd;
		if (loop_add(loop, &link->socket,
		    rpc_client_events(link->client)) < 0)
			fatal("epoll: %s", strerror(errno));
	} else if (fd >= 0) {
		loop_change(loop, &link->socket,
		    rpc_client_events(link->client));
	}
	link->socket.fd = fd;
	loop_stop_timer(loop, &link->timer);
	if (due_ms != UINT64_MAX)
		loop_set_timer(loop, &link->timer,
		    due_ms > now_ms ? due_ms - now_ms : 0);
}

static void
on_connection(struct loop_watch *watch, uint32_t events)
{
	struct link *link = (struct link *)((char *)watch -
	    offsetof(struct link, listener));
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0)
		rpc_client_connect(link->client, fd);
}

int
link_open(struct resolver *resolver, int listen_fd, struct err *err)
{
	struct link *link = calloc(1, sizeof *link);
	const struct rpc_client_options options = {
	    .calls_max = 2 * LOOKUPS_MAX + LOOKS_ALL_MAX +
		STOCK_UPSTREAMS_MAX * STOCK_SOCKETS,
	    .queue_bytes_max = QUEUE_BYTES_MAX,
	    .event = on_event, .ended = on_ended, .arg = link,
	    .changed = on_changed, .changed_arg = link};
	int r;

	if (link == NULL)
		return err_set(err, ENOMEM, "no memory");
	link->resolver = resolver;
	link->listener = (struct loop_watch){listen_fd, on_connection};
	link->socket = (struct loop_watch){-1, on_socket};
	link->timer.due = on_due;
	r = rpc_client_new(&options, &link->client, err);
	if (r < 0) {
		free(link);
		return r;
	}
	resolver->link = link;
	r = loop_add(&resolver->loop, &link->listener, EPOLLIN);
	return r < 0 ? err_set(err, -r, "epoll: %s", strerror(-r)) : 0;
}

void
link_close(struct link *link)
{
	loop_remove(&link->resolver->loop, &link->listener);
	if (link->socket.fd >= 0)
		loop_remove(&link->resolver->loop, &link->socket);
	loop_stop_timer(&link->resolver->loop, &link->timer);
	rpc_client_free(link->client);
	free(link);
}

int
link_ask(struct link *link, const struct rpc_call *row, const void *request,
    rpc_client_done *done, void *arg, struct err *err)
{
	return rpc_client_call(link->client, &(struct rpc_client_call){
	    .row = row, .request = request, .done = done, .arg = arg,
	    .deadline_ms = clock_monotonic_ms() + TIMEOUT_MS}, NULL, err);
}

void
link_tell(struct link *link, const struct rpc_call *row, const void *event)
{
	struct err err = {0};

	(void)rpc_client_call(link->client, &(struct rpc_client_call){
	    .row = row, .request = event}, NULL, &err);
}

void
link_forget(struct link *link, const void *arg)
{
	rpc_client_forget(link->client, arg);
}
