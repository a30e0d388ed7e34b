// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/look.h"

#include <errno.h>
#include <linux/netfilter_ipv4.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/resolver/link.h"
#include "gateway/resolver/look_of.h"
#include "gateway/resolver/opening.h"

/* The head has to be there by then, and whom it is for has to answer. */
#define HEAD_MS	   10000
#define CONNECT_MS 30000

/* Until a policy that is being changed is in force. */
#define AGAIN_MS  20
#define TRIES_MAX 100

/* Where it was sent; false for what came here by itself, of which the kernel
 * knows nothing, or one of its own ends. */
static bool
read_destination(struct look *look)
{
	struct sockaddr_storage to;
	const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)&to;
	const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)&to;
	socklen_t size = sizeof to;

	if (getsockopt(look->client.watch.fd, IPPROTO_IP, SO_ORIGINAL_DST, &to,
	    &size) == 0 && to.ss_family == AF_INET) {
		look->address_size = 4;
		memcpy(look->address, &ipv4->sin_addr, 4);
		look->port = ntohs(ipv4->sin_port);
		return look->address[0] != IN_LOOPBACKNET;
	}
	size = sizeof to;
	if (getsockopt(look->client.watch.fd, IPPROTO_IPV6, SO_ORIGINAL_DST,
	    &to, &size) < 0 || to.ss_family != AF_INET6)
		return false;
	look->address_size = 16;
	memcpy(look->address, &ipv6->sin6_addr, 16);
	look->port = ntohs(ipv6->sin6_port);
	return !IN6_IS_ADDR_LOOPBACK(&ipv6->sin6_addr);
}

static void
tell_refused(const struct look *look)
{
	const struct rpc_names_refused_event event = {.id = look->id,
	    .serial = look->guest->serial, .port = look->port,
	    .address = {look->address, look->address_size},
	    .kind = look->opening.kind, .name = look->opening.name};
	struct err err = {0};

	(void)link_ask(look->resolver->link, &rpc_call_names_refused, &event,
	    NULL, NULL, &err);
}

static void
refuse(struct look *look)
{
	tell_refused(look);
	look_reset(look);
}

/* The guest's domains that cover what it named, and want to be named so. */
static size_t
find_domains(const struct look *look, uint16_t ret[GUEST_COVERS_MAX])
{
	return guest_covers(look->guest, look->opening.name,
	    look->opening.kind, ret);
}

static void reach(struct look *look);

static void
on_due(struct loop_timer *timer)
{
	struct look *look = (struct look *)((char *)timer -
	    offsetof(struct look, timer));

	if (look->state == LOOK_AGAIN)
		reach(look);
	else if (look->state == LOOK_HEAD)
		refuse(look);
	else
		look_pass_due(look);
}

static void
on_reached(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct look *look = arg;

	look->is_asking = false;
	if (reply != NULL && message->n_fds == 2) {
		look->state = LOOK_CONNECT;
		look->server.watch.fd = take_fd(&message->fds[0]);
		look->life_fd = take_fd(&message->fds[1]);
		look_want(look, &look->server, EPOLLOUT);
		loop_set_timer(&look->resolver->loop, &look->timer,
		    CONNECT_MS);
	} else if (err != NULL && err->code == EBUSY &&
	    look->n_tries++ < TRIES_MAX) {
		look->state = LOOK_AGAIN;
		loop_set_timer(&look->resolver->loop, &look->timer, AGAIN_MS);
	} else if (err != NULL && err->code == EACCES) {
		refuse(look);
	} else {
		look_reset(look);
	}
}

static void
reach(struct look *look)
{
	uint16_t domains[GUEST_COVERS_MAX];
	const size_t n = find_domains(look, domains);
	const struct rpc_names_reach_req request = {.id = look->id,
	    .serial = look->guest->serial,
	    .domains = {(const uint8_t *)domains,
		(uint32_t)(n * sizeof *domains)},
	    .address = {look->address, look->address_size},
	    .port = look->port};
	struct err err = {0};

	if (n == 0) {
		refuse(look);
		return;
	}
	look->state = LOOK_REACH;
	look_want(look, &look->client, 0);
	loop_stop_timer(&look->resolver->loop, &look->timer);
	look->is_asking = link_ask(look->resolver->link,
	    &rpc_call_names_reach, &request, on_reached, look, &err) >= 0;
	if (!look->is_asking)
		look_reset(look);
}

/* No other request may follow the one that named its host. */
static void
close_head(struct look *look)
{
	static uint8_t head[LOOK_HEAD_BYTES];
	const size_t old = look->opening.size;
	const size_t n = opening_close(look->head, old, head);

	memmove(look->head + n, look->head + old, look->end - old);
	memcpy(look->head, head, n);
	look->end = look->end - old + n;
}

static void
read_head(struct look *look)
{
	const ssize_t n = recv(look->client.watch.fd, look->head + look->end,
	    OPENING_BYTES_MAX - look->end, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		look_reset(look);
		return;
	}
	look->end += (size_t)n;
	switch (opening_read(look->head, look->end, &look->opening)) {
	case OPENING_MORE:
		return;
	case OPENING_NOBODY:
		refuse(look);
		return;
	case OPENING_NAMES:
		break;
	}
	if (look->opening.kind == EGRESS_HTTP)
		close_head(look);
	reach(look);
}

static void
finish_connect(struct look *look)
{
	socklen_t size = sizeof(int);
	int code = 0;

	if (getsockopt(look->server.watch.fd, SOL_SOCKET, SO_ERROR, &code,
	    &size) < 0 || code != 0) {
		look_reset(look);
		return;
	}
	look_pass(look);
}

static void
on_ready(struct look *look)
{
	if (look->state == LOOK_HEAD)
		read_head(look);
	else if (look->state == LOOK_CONNECT)
		finish_connect(look);
	else if (look->state == LOOK_SEND)
		look_pass(look);
}

static void
on_client(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	on_ready((struct look *)((char *)watch -
	    offsetof(struct look, client.watch)));
}

static void
on_server(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	on_ready((struct look *)((char *)watch -
	    offsetof(struct look, server.watch)));
}

void
look_begin(struct guest *guest, int fd)
{
	struct resolver *resolver = guest->resolver;
	struct look *look = guest->n_looks < LOOKS_MAX &&
	    resolver->n_looks < LOOKS_ALL_MAX ? calloc(1, sizeof *look) : NULL;

	if (look != NULL)
		look->head = malloc(LOOK_HEAD_BYTES);
	if (look == NULL || look->head == NULL) {
		look_reset_fd(&fd);
		free(look);
		return;
	}
	look->life_fd = -1;
	if (++resolver->last_look == 0)
		resolver->last_look = 1;
	look->number = resolver->last_look;
	look->resolver = resolver;
	look->guest = guest;
	memcpy(look->id, guest->id, sizeof look->id);
	look->client.watch = (struct loop_watch){fd, on_client};
	look->server.watch = (struct loop_watch){-1, on_server};
	look->timer.due = on_due;
	LIST_INSERT_HEAD(&resolver->looks, look, entry);
	resolver->n_looks++;
	guest->n_looks++;
	if (!read_destination(look)) {
		look_reset(look);
		return;
	}
	loop_set_timer(&resolver->loop, &look->timer, HEAD_MS);
	look_want(look, &look->client, EPOLLIN);
}

void
looks_stop(struct guest *guest)
{
	struct look *look, *next;

	for (look = LIST_FIRST(&guest->resolver->looks); look != NULL;
	    look = next) {
		next = LIST_NEXT(look, entry);
		if (look->guest != guest)
			continue;
		if (look->state < LOOK_PASS)
			look_reset(look);
		else
			look_leave(look);
	}
}

void
looks_drop(struct resolver *resolver, const char *id)
{
	struct look *look, *next;

	for (look = LIST_FIRST(&resolver->looks); look != NULL; look = next) {
		next = LIST_NEXT(look, entry);
		if (strcmp(look->id, id) == 0)
			look_reset(look);
	}
}

void
looks_review(struct guest *guest)
{
	uint16_t domains[GUEST_COVERS_MAX];
	struct look *look, *next;

	for (look = LIST_FIRST(&guest->resolver->looks); look != NULL;
	    look = next) {
		next = LIST_NEXT(look, entry);
		if (look->guest == guest && look->opening.name[0] != '\0' &&
		    find_domains(look, domains) == 0)
			look_reset(look);
	}
}
