// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/forward/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "sandboxd/init/forward/resolve.h"

struct dial {
	struct watch watch; /* first; the resolver's pipe, then the socket */
	struct dial *next;
	struct peer *peer;
	struct answer *answer;
	uint64_t deadline_ms, address_deadline_ms;
	bool is_resolving;
	uint16_t port;
	size_t n_addresses, next_address;
	struct resolve_address addresses[RESOLVE_ADDRESSES_MAX];
	char host[256];
};

static void
dial_free(struct dial *dial)
{
	struct init *init = dial->peer->init;
	struct dial **link = &init->dials;

	while (*link != dial)
		link = &(*link)->next;
	*link = dial->next;
	init->n_dials--;
	if (dial->watch.fd >= 0)
		loop_remove(&init->loop, &dial->watch);
	fd_close(&dial->watch.fd);
	answer_free(dial->answer);
	free(dial);
}

/* Sends the answer, which holds an error or the socket; frees the dial. */
static void
finish(struct dial *dial)
{
	struct peer *peer = dial->peer;
	struct answer *answer = dial->answer;

	dial->answer = NULL;
	dial_free(dial);
	peer_answer(peer, answer);
}

static void
fail(struct dial *dial, int code)
{
	err_set(&dial->answer->err, code, "dial %.128s port %u: %s",
	    dial->host, dial->port, strerror(code));
	finish(dial);
}

static void
fail_name(struct dial *dial)
{
	err_set(&dial->answer->err, ENOENT, "dial %.128s: no such name",
	    dial->host);
	finish(dial);
}

static socklen_t
make_sockaddr(const struct resolve_address *address, uint16_t port,
    struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof *ret);
	if (address->family == AF_INET) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, address->bytes, sizeof v4->sin_addr);
		return sizeof *v4;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	memcpy(&v6->sin6_addr, address->bytes, sizeof v6->sin6_addr);
	return sizeof *v6;
}

static void
close_watch(struct dial *dial)
{
	if (dial->watch.fd >= 0)
		loop_remove(&dial->peer->init->loop, &dial->watch);
	fd_close(&dial->watch.fd);
}

/* Begins to connect to the next address. 0 or -errno. */
static int
begin(struct dial *dial)
{
	const struct resolve_address *address =
	    &dial->addresses[dial->next_address++];
	struct sockaddr_storage to;
	socklen_t size = make_sockaddr(address, dial->port, &to);
	auto_close int fd = socket(address->family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, r;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&to, size) < 0 &&
	    errno != EINPROGRESS)
		return -errno;
	dial->watch.fd = fd;
	r = loop_add(&dial->peer->init->loop, &dial->watch, EPOLLOUT);
	if (r < 0) {
		dial->watch.fd = -1;
		return r;
	}
	(void)take_fd(&fd);
	dial->address_deadline_ms = loop_now_ms() + DIAL_ADDRESS_MS;
	return 0;
}

/* Goes on to the next address that can be begun; else fails with `code`. */
static void
advance(struct dial *dial, int code)
{
	int r;

	close_watch(dial);
	dial->is_resolving = false;
	while (dial->next_address < dial->n_addresses) {
		r = begin(dial);
		if (r == 0)
			return;
		code = -r;
	}
	fail(dial, code);
}

static void
dial_ready(struct watch *watch, uint32_t events)
{
	struct dial *dial = (struct dial *)watch;
	socklen_t size = sizeof(int);
	int code = 0;

	(void)events;
	if (dial->is_resolving) {
		dial->n_addresses = resolve_read(watch->fd, dial->addresses);
		if (dial->n_addresses == 0)
			fail_name(dial);
		else
			advance(dial, EADDRNOTAVAIL);
		return;
	}
	if (getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		code = errno;
	if (code != 0) {
		advance(dial, code);
		return;
	}
	loop_remove(&dial->peer->init->loop, watch);
	dial->answer->fds[0] = take_fd(&watch->fd);
	dial->answer->n_fds = 1;
	finish(dial);
}

static struct dial *
dial_new(struct peer *peer, const char *host, uint16_t port)
{
	struct init *init = peer->init;
	struct dial *dial = init->n_dials < INIT_DIALS_MAX ?
	    calloc(1, sizeof *dial) : NULL;

	if (dial == NULL)
		return NULL;
	dial->watch = (struct watch){-1, dial_ready};
	dial->peer = peer;
	dial->port = port;
	strncpy(dial->host, host, sizeof dial->host - 1);
	dial->deadline_ms = loop_now_ms() + DIAL_TIMEOUT_MS;
	dial->next = init->dials;
	init->dials = dial;
	init->n_dials++;
	return dial;
}

void
dial_start(struct peer *peer, const char *host, uint32_t port,
    struct answer *answer)
{
	struct dial *dial;
	int r;

	if (port < 1 || port > 65535 || host[0] == '\0') {
		err_set(&answer->err, EINVAL, host[0] == '\0' ?
		    "host: empty" : "port: 1 to 65535");
		peer_answer(peer, answer);
		return;
	}
	dial = dial_new(peer, host, (uint16_t)port);
	if (dial == NULL) {
		err_set(&answer->err, EAGAIN, "init keeps no more than %d "
		    "connections waiting", INIT_DIALS_MAX);
		peer_answer(peer, answer);
		return;
	}
	dial->answer = answer;
	dial->n_addresses = resolve_local(host, dial->addresses);
	if (dial->n_addresses > 0) {
		advance(dial, EADDRNOTAVAIL);
		return;
	}
	r = resolve_start(host, &dial->watch.fd);
	dial->is_resolving = true;
	if (r == 0)
		r = loop_add(&peer->init->loop, &dial->watch, EPOLLIN);
	if (r < 0)
		fail(dial, -r);
}

void
dial_forget(struct peer *peer)
{
	struct dial *dial = peer->init->dials, *next;

	for (; dial != NULL; dial = next) {
		next = dial->next;
		if (dial->peer == peer)
			dial_free(dial);
	}
}

/* When this dial must do something, whatever the network does. */
static uint64_t
due_ms(const struct dial *dial)
{
	if (!dial->is_resolving && dial->next_address < dial->n_addresses &&
	    dial->address_deadline_ms < dial->deadline_ms)
		return dial->address_deadline_ms;
	return dial->deadline_ms;
}

int
dial_expire(struct init *init)
{
	uint64_t now_ms, first_ms = UINT64_MAX;
	struct dial *dial = init->dials;

	if (dial == NULL)
		return -1;
	now_ms = loop_now_ms();
	while (dial != NULL) {
		if (due_ms(dial) > now_ms) {
			if (due_ms(dial) < first_ms)
				first_ms = due_ms(dial);
			dial = dial->next;
		} else {
			if (now_ms >= dial->deadline_ms)
				fail(dial, ETIMEDOUT);
			else
				advance(dial, ETIMEDOUT);
			/* The list may have lost any of them. */
			dial = init->dials;
			first_ms = UINT64_MAX;
		}
	}
	return first_ms == UINT64_MAX ? -1 : (int)(first_ms - now_ms);
}
