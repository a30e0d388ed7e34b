// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/forward/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/address.h"
#include "common/log.h"
#include "gateway/ssh/forward/forward.h"
#include "gateway/ssh/login.h"

#define ADDRESS_SIZE  256
#define PATH_SIZE     4096
#define PROTOCOL_SIZE 64
#define COOKIE_SIZE   1025

/* sshd's StreamLocalBindMask and StreamLocalBindUnlink. */
#define UNIX_MASK     0177
#define UNIX_REPLACES 0

#define ACCEPTS_A_TURN 16
#define PAUSE_MS       1000 /* while descriptors are short; sshd's */

static struct forward_listener *
listener_new(struct forwarding *f, enum forward_listener_kind kind)
{
	struct forward_listener *l;

	if (f->n_listeners >= f->turn->options->max_listeners)
		return NULL;
	l = calloc(1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->forwarding = f;
	l->kind = kind;
	l->fds[0] = l->fds[1] = -1;
	l->next = f->listeners;
	f->listeners = l;
	f->n_listeners++;
	return l;
}

static void
close_sockets(struct forward_listener *l)
{
	for (size_t i = 0; i < FORWARD_LISTENER_FDS; i++)
		fd_close(&l->fds[i]);
}

/* What has ended does not count: its place is free for the next request. */
static void
set_ended(struct forward_listener *l)
{
	if (l->state == FORWARD_LISTENER_ENDED)
		return;
	l->state = FORWARD_LISTENER_ENDED;
	l->forwarding->n_listeners--;
}

void
forward_listener_free(struct forward_listener *l)
{
	struct forwarding *f = l->forwarding;
	struct forward_listener **link = &f->listeners;

	set_ended(l);
	while (*link != l)
		link = &(*link)->next;
	*link = l->next;
	close_sockets(l);
	free(l->address);
	free(l->protocol);
	free(l->cookie);
	free(l);
}

void
forward_listener_end(struct forward_listener *l)
{
	if (l == NULL)
		return;
	close_sockets(l);
	set_ended(l);
}

/* The address and port of a request, or its path, whose port is 0. */
static bool
read_address(struct packet_reader *rest, enum forward_listener_kind kind,
    char address[PATH_SIZE], uint32_t *port)
{
	*port = 0;
	if (kind == FORWARD_LISTENER_UNIX)
		return packet_read_text(rest, address, PATH_SIZE);
	return packet_read_text(rest, address, ADDRESS_SIZE) &&
	    packet_read_u32(rest, port) && *port <= UINT16_MAX;
}

static void
take(struct forwarding *f, struct global_request *request,
    enum forward_listener_kind kind, struct packet_reader *rest)
{
	struct forward_listener *l = NULL;
	char address[PATH_SIZE];
	uint32_t port;

	if (read_address(rest, kind, address, &port) &&
	    (f->turn->login->rights & RPC_RIGHT_FORWARD) != 0)
		l = listener_new(f, kind);
	if (l != NULL)
		l->address = strdup(address);
	if (l == NULL || l->address == NULL) {
		forward_listener_end(l);
		global_request_refuse(&f->requests, request);
		return;
	}
	l->port = port;
	l->tells_port = port == 0;
	l->request = request;
}

void
forward_listener_take_tcp(struct forwarding *f, struct global_request *request,
    struct packet_reader *rest)
{
	take(f, request, FORWARD_LISTENER_TCP, rest);
}

void
forward_listener_take_unix(struct forwarding *f, struct global_request *request,
    struct packet_reader *rest)
{
	take(f, request, FORWARD_LISTENER_UNIX, rest);
}

static void
cancel(struct forwarding *f, struct global_request *request,
    enum forward_listener_kind kind, struct packet_reader *rest)
{
	struct forward_listener *l = NULL;
	char address[PATH_SIZE];
	uint32_t port;

	if (read_address(rest, kind, address, &port))
		l = f->listeners;
	while (l != NULL && (l->kind != kind ||
	    l->state != FORWARD_LISTENER_LISTENING || l->port != port ||
	    strcmp(l->address, address) != 0))
		l = l->next;
	if (l == NULL) {
		global_request_refuse(&f->requests, request);
		return;
	}
	forward_listener_end(l);
	global_request_grant(&f->requests, request, NULL, 0);
}

void
forward_listener_cancel_tcp(struct forwarding *f,
    struct global_request *request, struct packet_reader *rest)
{
	cancel(f, request, FORWARD_LISTENER_TCP, rest);
}

void
forward_listener_cancel_unix(struct forwarding *f,
    struct global_request *request, struct packet_reader *rest)
{
	cancel(f, request, FORWARD_LISTENER_UNIX, rest);
}

struct forward_listener *
forward_listener_agent(struct forwarding *f)
{
	if ((f->turn->login->rights & RPC_RIGHT_AGENT) == 0)
		return NULL;
	return listener_new(f, FORWARD_LISTENER_AGENT);
}

/* As sshd: names and digits, and nothing a shell or a file would take amiss. */
static bool
is_xauth_text(const char *text, size_t size)
{
	return *text != '\0' && strlen(text) < size &&
	    text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/-_")] == '\0';
}

struct forward_listener *
forward_listener_x11(struct forwarding *f, const char *protocol,
    const char *cookie, uint32_t screen, bool is_single)
{
	struct forward_listener *l;

	if ((f->turn->login->rights & RPC_RIGHT_X11) == 0 ||
	    !is_xauth_text(protocol, PROTOCOL_SIZE) ||
	    !is_xauth_text(cookie, COOKIE_SIZE))
		return NULL;
	l = listener_new(f, FORWARD_LISTENER_X11);
	if (l == NULL)
		return NULL;
	l->protocol = strdup(protocol);
	l->cookie = strdup(cookie);
	l->screen = screen;
	l->is_single = is_single;
	if (l->protocol != NULL && l->cookie != NULL)
		return l;
	forward_listener_end(l);
	return NULL;
}

bool
forward_listener_is_due(const struct forward_listener *l)
{
	return l != NULL && (l->state == FORWARD_LISTENER_WANTED ||
	    l->state == FORWARD_LISTENER_ASKED);
}

void
forward_listener_fail(struct forward_listener *l, const char *words)
{
	if (!forward_listener_is_due(l))
		return;
	log_info("listener refused from=%s: %s",
	    l->forwarding->turn->peer_address, words);
	if (l->request == NULL) {
		l->state = FORWARD_LISTENER_FAILED;
		return;
	}
	global_request_refuse(&l->forwarding->requests, l->request);
	l->request = NULL;
	set_ended(l);
}

void
forward_listener_lose(struct forward_listener *l)
{
	forward_listener_fail(l, "the sandbox went away");
	close_sockets(l);
	/* Whatever is asked for next gets a new one. */
	if (l->kind == FORWARD_LISTENER_AGENT)
		l->state = FORWARD_LISTENER_WANTED;
	else if (l->kind != FORWARD_LISTENER_X11)
		set_ended(l);
}

static void
grant(struct forward_listener *l)
{
	struct packet_writer payload = {.size = 0};

	if (l->request == NULL)
		return;
	/* The port, where the client did not choose it. */
	if (l->kind == FORWARD_LISTENER_TCP && l->tells_port)
		packet_put_u32(&payload, l->port);
	global_request_grant(&l->forwarding->requests, l->request, payload.data,
	    payload.size);
	l->request = NULL;
}

static void
note(const struct forward_listener *l)
{
	static const enum broker_forward kinds[N_FORWARD_LISTENER] = {
	    [FORWARD_LISTENER_TCP] = BROKER_FORWARD_LISTEN_TCP,
	    [FORWARD_LISTENER_UNIX] = BROKER_FORWARD_LISTEN_UNIX,
	    [FORWARD_LISTENER_AGENT] = BROKER_FORWARD_AGENT,
	    [FORWARD_LISTENER_X11] = BROKER_FORWARD_X11};

	forward_note(l->forwarding, kinds[l->kind],
	    l->address != NULL ? l->address : l->text, l->port);
}

void
forward_listener_answer(struct forward_listener *l, struct init_event *event)
{
	if (event->err.code != 0 || event->n_fds > FORWARD_LISTENER_FDS) {
		forward_listener_fail(l, event->err.code != 0 ?
		    event->err.text : "init passed too many sockets");
		return;
	}
	for (size_t i = 0; i < event->n_fds; i++) {
		l->fds[i] = take_fd(&event->fds[i]);
		/* What is no listener, accept(2) tells. */
		if (fd_set_nonblocking(l->fds[i]) < 0)
			fd_close(&l->fds[i]);
	}
	if (l->kind == FORWARD_LISTENER_TCP)
		l->port = event->port;
	snprintf(l->text, sizeof l->text, "%s", event->text);
	l->state = FORWARD_LISTENER_LISTENING;
	note(l);
	grant(l);
}

static int
send_request(struct forward_listener *l)
{
	struct init_client *init = l->forwarding->turn->init;
	const char *user = l->forwarding->turn->login->user;
	struct rpc_listen_tcp_req tcp = {.address = l->address,
	    .port = l->port};
	struct rpc_listen_unix_req path = {.user = user, .path = l->address,
	    .mask = UNIX_MASK, .replaces = UNIX_REPLACES};
	struct rpc_agent_listen_req agent = {.user = user};
	struct rpc_x11_listen_req x11 = {.user = user,
	    .protocol = l->protocol, .cookie = l->cookie,
	    .screen = l->screen};

	switch (l->kind) {
	case FORWARD_LISTENER_TCP:
		return init_client_forward(init, &rpc_call_listen_tcp, &tcp,
		    &l->call_id);
	case FORWARD_LISTENER_UNIX:
		return init_client_forward(init, &rpc_call_listen_unix, &path,
		    &l->call_id);
	case FORWARD_LISTENER_AGENT:
		return init_client_forward(init, &rpc_call_agent_listen,
		    &agent, &l->call_id);
	case FORWARD_LISTENER_X11:
		return init_client_forward(init, &rpc_call_x11_listen, &x11,
		    &l->call_id);
	case N_FORWARD_LISTENER:
		break;
	}
	return -EINVAL;
}

void
forward_listener_turn(struct forward_listener *l)
{
	struct forwarding *f = l->forwarding;
	struct err err;
	int r;

	if (l->state != FORWARD_LISTENER_WANTED)
		return;
	if (f->turn->init->init_fd < 0) {
		/* The agent alone is no reason to wake a sandbox. */
		if (l->kind != FORWARD_LISTENER_AGENT &&
		    init_client_attach(f->turn->init, &err) < 0)
			forward_listener_fail(l, err.text);
		return;
	}
	if (f->turn->init->is_paused) {
		if (l->kind != FORWARD_LISTENER_AGENT &&
		    init_client_resume(f->turn->init, &err) < 0)
			forward_listener_fail(l, err.text);
		return;
	}
	r = send_request(l);
	if (r == 0)
		l->state = FORWARD_LISTENER_ASKED;
	else if (r != -EAGAIN)
		forward_listener_fail(l, strerror(-r));
}

size_t
forward_listener_collect(struct forward_listener *l, struct pollfd *fds,
    int *timeout_ms)
{
	struct forwarding *f = l->forwarding;
	size_t n = 0;

	l->n_polled = 0;
	if (l->state != FORWARD_LISTENER_LISTENING ||
	    f->n_forwards >= f->turn->options->max_forwards)
		return 0;
	if (l->paused_until_ms > f->turn->now_ms) {
		int left_ms = (int)(l->paused_until_ms - f->turn->now_ms);

		if (*timeout_ms < 0 || left_ms < *timeout_ms)
			*timeout_ms = left_ms;
		return 0;
	}
	for (size_t i = 0; i < FORWARD_LISTENER_FDS; i++)
		if (l->fds[i] >= 0)
			fds[n++] = (struct pollfd){l->fds[i], POLLIN, 0};
	l->n_polled = n;
	return n;
}

/* Who connected, where the socket says so. */
static void
put_originator(struct packet_writer *w, int fd)
{
	union address peer = {.any.sa_family = AF_UNSPEC};
	socklen_t size = sizeof peer;
	char address[ADDRESS_TEXT_SIZE];
	uint16_t port;

	(void)getpeername(fd, &peer.any, &size);
	address_format(&peer, address, &port);
	packet_put_text(w, address);
	packet_put_u32(w, port);
}

static void
open_connection(struct forward_listener *l, int fd)
{
	static const char *const types[N_FORWARD_LISTENER] = {
	    [FORWARD_LISTENER_TCP] = "forwarded-tcpip",
	    [FORWARD_LISTENER_UNIX] = "forwarded-streamlocal@openssh.com",
	    [FORWARD_LISTENER_AGENT] = "auth-agent@openssh.com",
	    [FORWARD_LISTENER_X11] = "x11"};
	struct packet_writer payload = {.size = 0};

	if (l->kind == FORWARD_LISTENER_TCP ||
	    l->kind == FORWARD_LISTENER_UNIX)
		packet_put_text(&payload, l->address);
	if (l->kind == FORWARD_LISTENER_TCP)
		packet_put_u32(&payload, l->port);
	if (l->kind == FORWARD_LISTENER_UNIX)
		packet_put_text(&payload, ""); /* reserved */
	if (l->kind == FORWARD_LISTENER_TCP || l->kind == FORWARD_LISTENER_X11)
		put_originator(&payload, fd);
	forward_note(l->forwarding, BROKER_FORWARD_ACCEPT,
	    l->address != NULL ? l->address : l->text, l->port);
	if (forward_open(l->forwarding, fd, types[l->kind], payload.data,
	    payload.size) == 0 && l->is_single)
		close_sockets(l);
}

/* The socket is a sandbox's: any error but these ends it, and it alone. */
static void
fail_accept(struct forward_listener *l, int *fd)
{
	switch (errno) {
	case EAGAIN:
	case EINTR:
	case ECONNABORTED:
		break;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		l->paused_until_ms = l->forwarding->turn->now_ms + PAUSE_MS;
		break;
	default:
		fd_close(fd);
	}
}

void
forward_listener_ready(struct forward_listener *l, const struct pollfd *fds)
{
	struct forwarding *f = l->forwarding;

	for (size_t i = 0; i < l->n_polled; i++) {
		if (fds[i].revents == 0)
			continue;
		for (int n = 0; n < ACCEPTS_A_TURN &&
		    f->n_forwards < f->turn->options->max_forwards; n++) {
			int *fd = l->fds[0] == fds[i].fd ? &l->fds[0] :
			    &l->fds[1];
			int accepted = *fd < 0 ? -1 : accept4(*fd, NULL, NULL,
			    SOCK_NONBLOCK | SOCK_CLOEXEC);

			if (accepted < 0) {
				if (*fd >= 0)
					fail_accept(l, fd);
				break;
			}
			open_connection(l, accepted);
		}
	}
}
