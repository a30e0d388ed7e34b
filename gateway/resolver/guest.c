// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/egress.h"
#include "common/fd.h"
#include "common/log.h"
#include "gateway/resolver/look.h"
#include "gateway/resolver/lookup.h"
#include "gateway/resolver/message.h"
#include "gateway/resolver/stream.h"

/* Questions read from one socket before others have their turn. */
#define BURST 16

/* An allowance that was not used is kept for so long. */
#define ALLOWANCE_KEPT_S 4

struct guest *
guest_find(const struct resolver *resolver, const char *id)
{
	struct guest *guest;

	LIST_FOREACH(guest, &resolver->guests, entry)
		if (strcmp(guest->id, id) == 0)
			return guest;
	return NULL;
}

static struct guest *
add(struct resolver *resolver, const char *id)
{
	struct guest *guest = calloc(1, sizeof *guest);

	if (guest == NULL)
		return NULL;
	guest->resolver = resolver;
	snprintf(guest->id, sizeof guest->id, "%s", id);
	LIST_INIT(&guest->lookups);
	LIST_INIT(&guest->streams);
	LIST_INSERT_HEAD(&resolver->guests, guest, entry);
	return guest;
}

static void
drop_lookups(struct guest *guest)
{
	while (!LIST_EMPTY(&guest->lookups))
		lookup_free(LIST_FIRST(&guest->lookups));
}

int
guest_set(struct resolver *resolver, const struct rpc_names_serve_req *request)
{
	struct guest *guest = guest_find(resolver, request->id);
	char *domains = malloc(request->domains.size + 1);

	if (domains == NULL || (guest == NULL &&
	    (guest = add(resolver, request->id)) == NULL)) {
		free(domains);
		return -ENOMEM;
	}
	if (request->domains.size > 0)
		memcpy(domains, request->domains.data, request->domains.size);
	free(guest->domains);
	guest->domains = domains;
	guest->n_domains = request->domains.count;
	memset(guest->looks, 0, sizeof guest->looks);
	if (request->looks.size > 0)
		memcpy(guest->looks, request->looks.data,
		    request->looks.size < sizeof guest->looks ?
		    request->looks.size : sizeof guest->looks);
	guest->serial = request->serial;
	guest->is_open = request->is_open != 0;
	guest->is_dns_closed = request->is_dns_closed != 0;
	lookups_renew(guest);
	looks_review(guest);
	return 0;
}

static void
on_look(struct loop_watch *watch, uint32_t events)
{
	struct look_door *door = (struct look_door *)((char *)watch -
	    offsetof(struct look_door, tcp));
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0)
		look_begin(door->guest, fd);
}

int
guest_look(struct guest *guest, int fd)
{
	struct look_door *door = &guest->look_doors[guest->n_look_doors];

	if (guest->n_look_doors == 2) {
		fd_close(&fd);
		return -EBADMSG;
	}
	*door = (struct look_door){guest, {fd, on_look}};
	guest->n_look_doors++;
	return loop_add(&guest->resolver->loop, &door->tcp, EPOLLIN);
}

static void
read_questions(struct door *door)
{
	uint8_t data[MESSAGE_QUESTION_MAX + 1];

	for (unsigned i = 0; i < BURST; i++) {
		struct asker asker = {.door = door,
		    .address_size = sizeof asker.address};
		ssize_t n = recvfrom(door->udp.fd, data, sizeof data,
		    MSG_DONTWAIT, (struct sockaddr *)&asker.address,
		    &asker.address_size);

		if (n < 0)
			return;
		lookup_begin(door->guest, &asker, data, (size_t)n);
	}
}

static void
on_udp(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	read_questions((struct door *)((char *)watch -
	    offsetof(struct door, udp)));
}

static void
on_tcp(struct loop_watch *watch, uint32_t events)
{
	struct door *door = (struct door *)((char *)watch -
	    offsetof(struct door, tcp));
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0)
		stream_add(door->guest, fd);
}

int
guest_listen(struct guest *guest, int udp_fd, int tcp_fd)
{
	struct loop *loop = &guest->resolver->loop;
	struct door *door = &guest->doors[guest->n_doors];

	if (guest->n_doors == GUEST_DOORS_MAX) {
		fd_close(&udp_fd);
		fd_close(&tcp_fd);
		return -EBADMSG;
	}
	*door = (struct door){guest, {udp_fd, on_udp}, {tcp_fd, on_tcp}};
	guest->n_doors++;
	if (loop_add(loop, &door->udp, EPOLLIN) < 0 ||
	    loop_add(loop, &door->tcp, EPOLLIN) < 0)
		return -errno;
	return 0;
}

static void
pause_one(struct guest *guest)
{
	struct loop *loop = &guest->resolver->loop;

	drop_lookups(guest);
	looks_stop(guest);
	for (size_t i = 0; i < guest->n_look_doors; i++)
		loop_remove(loop, &guest->look_doors[i].tcp);
	while (!LIST_EMPTY(&guest->streams))
		stream_free(LIST_FIRST(&guest->streams));
	for (size_t i = 0; i < guest->n_doors; i++) {
		loop_remove(loop, &guest->doors[i].udp);
		loop_remove(loop, &guest->doors[i].tcp);
	}
}

void
guests_pause(struct resolver *resolver)
{
	struct guest *guest;

	LIST_FOREACH(guest, &resolver->guests, entry)
		pause_one(guest);
}

void
guest_free(struct guest *guest)
{
	pause_one(guest);
	for (size_t i = 0; i < guest->n_doors; i++) {
		fd_close(&guest->doors[i].udp.fd);
		fd_close(&guest->doors[i].tcp.fd);
	}
	for (size_t i = 0; i < guest->n_look_doors; i++)
		fd_close(&guest->look_doors[i].tcp.fd);
	LIST_REMOVE(guest, entry);
	free(guest->domains);
	free(guest);
}

void
guests_clear(struct resolver *resolver)
{
	while (!LIST_EMPTY(&resolver->guests))
		guest_free(LIST_FIRST(&resolver->guests));
}

size_t
guest_covers(const struct guest *guest, const char *name, uint32_t kind,
    uint16_t ret[GUEST_COVERS_MAX])
{
	const char *domain = guest->domains;
	size_t n = 0;

	if (*name == '\0')
		return 0;
	for (uint32_t i = 0; i < guest->n_domains; i++) {
		if (n < GUEST_COVERS_MAX && (kind == 0 ||
		    (guest->looks[i] & kind) != 0) &&
		    egress_domain_covers(domain, name))
			ret[n++] = (uint16_t)i;
		domain += strlen(domain) + 1;
	}
	return n;
}

bool
guest_resolves(const struct guest *guest, const char *name, size_t n)
{
	return (n > 0 || guest->is_open) &&
	    !(guest->is_dns_closed && egress_is_encrypted_dns(name));
}

bool
guest_may_ask(struct guest *guest)
{
	const uint64_t now_ms = clock_monotonic_ms();
	const uint64_t rate = guest->resolver->conf.queries_per_s;
	const uint64_t most = rate * 1000 * ALLOWANCE_KEPT_S;

	guest->allowance += (now_ms - guest->filled_ms) * rate;
	guest->filled_ms = now_ms;
	if (guest->allowance > most)
		guest->allowance = most;
	if (guest->allowance < 1000)
		return false;
	guest->allowance -= 1000;
	return true;
}
