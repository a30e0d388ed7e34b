// SPDX-License-Identifier: Apache-2.0
#include "gateway/tls/link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"

#define TURNS_MAX     8 /* of a link, before the others have theirs */
#define STALL_MS      30000
#define LINGER_MS     2000
#define PLAIN_BYTES   65536 /* that wait in the kernel, each way */

/* To who speaks no TLS here. */
#define WORDS "this port speaks TLS: ask by https\n"

struct buffer {
	size_t start, end; /* of what is in it */
	char data[TLS_LINK_BUFFER_BYTES];
};

struct tls_link {
	LIST_ENTRY(tls_link) link;
	struct tls_links *links;
	SSL *ssl;
	struct loop_watch client, plain;
	uint32_t client_events, plain_events; /* 0: it is not watched */
	struct loop_timer again; /* others had a turn */
	struct loop_timer patience; /* once the plain side is over */
	bool wants_write;	 /* TLS, to go on in any direction */
	bool is_client_over;	 /* it sends no more */
	bool is_plain_told;	 /* and the other side knows */
	bool is_plain_over;	 /* nothing more comes from there */
	bool is_closing;	 /* the client was told that, last of all */
	bool is_dead;
	struct buffer up, down; /* to the plain side, and to the client */
};

static void
set_events(struct tls_link *link, struct loop_watch *watch, uint32_t *now,
    uint32_t wanted)
{
	struct loop *loop = link->links->loop;

	if (wanted == *now)
		return;
	if (wanted == 0)
		loop_remove(loop, watch);
	else if (*now != 0)
		loop_change(loop, watch, wanted);
	else if (loop_add(loop, watch, wanted) < 0)
		link->is_dead = true;
	*now = wanted;
}

static void
link_free(struct tls_link *link)
{
	struct tls_links *links = link->links;

	set_events(link, &link->client, &link->client_events, 0);
	set_events(link, &link->plain, &link->plain_events, 0);
	loop_stop_timer(links->loop, &link->again);
	loop_stop_timer(links->loop, &link->patience);
	SSL_free(link->ssl);
	fd_close(&link->client.fd);
	fd_close(&link->plain.fd);
	LIST_REMOVE(link, link);
	links->n--;
	explicit_bzero(&link->up, sizeof link->up);
	explicit_bzero(&link->down, sizeof link->down);
	free(link);
}

/* Whether a call of OpenSSL's has to wait; else the client is over. */
static bool
waits(struct tls_link *link, int result)
{
	const int why = SSL_get_error(link->ssl, result);

	if (why == SSL_ERROR_WANT_WRITE)
		link->wants_write = true;
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return true;
	if (why == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_error()) ==
	    SSL_R_HTTP_REQUEST) {
		static const char text[] = "HTTP/1.1 400 Bad Request\r\n"
		    "Content-Type: text/plain\r\nConnection: close\r\n\r\n"
		    WORDS;

		/* As much of it as fits, which is all. */
		(void)!write(link->client.fd, text, sizeof text - 1);
		(void)shutdown(link->client.fd, SHUT_WR);
		/* What is not read would have it reset. */
		(void)!read(link->client.fd, link->up.data,
		    sizeof link->up.data);
	}
	link->is_client_over = true;
	if (why != SSL_ERROR_ZERO_RETURN)
		link->is_dead = true;
	return false;
}

static bool
read_client(struct tls_link *link)
{
	int n;

	if (link->is_client_over || link->up.end > 0)
		return false;
	ERR_clear_error();
	n = SSL_read(link->ssl, link->up.data, TLS_LINK_BUFFER_BYTES);
	if (n <= 0)
		return !waits(link, n);
	/* After the last answer nobody reads it. */
	link->up.end = link->is_plain_over ? 0 : (size_t)n;
	return true;
}

static bool
write_plain(struct tls_link *link)
{
	struct buffer *up = &link->up;
	ssize_t n;

	if (up->end == 0) {
		if (link->is_client_over && !link->is_plain_told)
			(void)shutdown(link->plain.fd, SHUT_WR);
		link->is_plain_told = link->is_client_over;
		return false;
	}
	n = write(link->plain.fd, up->data + up->start, up->end - up->start);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0) /* it reads no more, and may still have something to say */
		n = (ssize_t)(up->end - up->start);
	up->start += (size_t)n;
	if (up->start == up->end)
		up->start = up->end = 0;
	return true;
}

static bool
read_plain(struct tls_link *link)
{
	ssize_t n;

	if (link->is_plain_over || link->down.end > 0 ||
	    !SSL_is_init_finished(link->ssl))
		return false;
	n = read(link->plain.fd, link->down.data, TLS_LINK_BUFFER_BYTES);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n > 0) {
		link->down.end = (size_t)n;
		return true;
	}
	link->is_plain_over = true;
	loop_set_timer(link->links->loop, &link->patience, STALL_MS);
	return true;
}

static bool
write_client(struct tls_link *link)
{
	struct buffer *down = &link->down;
	int n;

	if (down->end == 0)
		return false;
	ERR_clear_error();
	n = SSL_write(link->ssl, down->data + down->start,
	    (int)(down->end - down->start));
	if (n <= 0)
		return !waits(link, n);
	down->start += (size_t)n;
	if (down->start == down->end)
		down->start = down->end = 0;
	if (link->is_plain_over)
		loop_set_timer(link->links->loop, &link->patience, STALL_MS);
	return true;
}

/* All has been said: so that the last of it is not lost to a reset, what the
 * client still sends is read for a while. */
static void
close_client(struct tls_link *link)
{
	if (!link->is_plain_over || link->down.end > 0 || link->is_closing)
		return;
	ERR_clear_error();
	(void)SSL_shutdown(link->ssl);
	(void)shutdown(link->client.fd, SHUT_WR);
	link->is_closing = true;
	loop_set_timer(link->links->loop, &link->patience, LINGER_MS);
}

static void
watch(struct tls_link *link)
{
	uint32_t client = 0, plain = 0;

	if (!link->is_client_over && link->up.end == 0)
		client |= EPOLLIN;
	if (link->wants_write)
		client |= EPOLLOUT;
	if (!link->is_plain_over && link->down.end == 0)
		plain |= EPOLLIN;
	if (link->up.end > 0)
		plain |= EPOLLOUT;
	set_events(link, &link->client, &link->client_events, client);
	set_events(link, &link->plain, &link->plain_events, plain);
}

static void
turn(struct tls_link *link)
{
	bool has_moved = true;

	for (int i = 0; has_moved && i < TURNS_MAX && !link->is_dead; i++) {
		link->wants_write = false;
		has_moved = read_client(link);
		has_moved |= write_plain(link);
		has_moved |= read_plain(link);
		has_moved |= !link->is_dead && write_client(link);
	}
	if (!link->is_dead)
		close_client(link);
	if (link->is_closing && link->is_client_over)
		link->is_dead = true;
	if (!link->is_dead)
		watch(link);
	if (link->is_dead)
		link_free(link);
	else if (has_moved)
		loop_set_timer(link->links->loop, &link->again, 0);
}

static void
on_client(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	turn((struct tls_link *)((char *)watch -
	    offsetof(struct tls_link, client)));
}

/* Nobody waits for the client any more: it need not be greeted. */
static void
on_plain(struct loop_watch *watch, uint32_t events)
{
	struct tls_link *link = (struct tls_link *)((char *)watch -
	    offsetof(struct tls_link, plain));

	if ((events & EPOLLHUP) != 0 && !SSL_is_init_finished(link->ssl))
		link->is_dead = true;
	turn(link);
}

static void
on_again(struct loop_timer *timer)
{
	turn((struct tls_link *)((char *)timer -
	    offsetof(struct tls_link, again)));
}

static void
on_patience(struct loop_timer *timer)
{
	struct tls_link *link = (struct tls_link *)((char *)timer -
	    offsetof(struct tls_link, patience));

	link->is_dead = true;
	turn(link);
}

/* The two ends of the plain side. */
static int
make_pair(int fds[2])
{
	const int size = PLAIN_BYTES;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	    fds) < 0)
		return -errno;
	for (int i = 0; i < 2; i++)
		(void)setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof size);
	return 0;
}

static struct tls_link *
make_link(struct tls_links *links, int fd, int plain_fd)
{
	struct tls_link *link = calloc(1, sizeof *link);

	if (link == NULL)
		return NULL;
	link->ssl = tls_keys_begin(links->keys);
	if (link->ssl == NULL || SSL_set_fd(link->ssl, fd) != 1) {
		SSL_free(link->ssl);
		free(link);
		return NULL;
	}
	SSL_set_accept_state(link->ssl);
	link->links = links;
	link->client = (struct loop_watch){fd, on_client};
	link->plain = (struct loop_watch){plain_fd, on_plain};
	link->again.due = on_again;
	link->patience.due = on_patience;
	LIST_INSERT_HEAD(&links->all, link, link);
	links->n++;
	return link;
}

int
tls_link_new(struct tls_links *links, int fd, int *ret_plain_fd)
{
	const int on = 1;
	struct tls_link *link;
	int fds[2];
	int r = make_pair(fds);

	if (r < 0) {
		fd_close(&fd);
		return r;
	}
	link = make_link(links, fd, fds[0]);
	if (link == NULL) {
		fd_close(&fd);
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		return -ENOMEM;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	watch(link);
	if (link->is_dead) {
		link_free(link);
		fd_close(&fds[1]);
		return -ENOMEM;
	}
	*ret_plain_fd = fds[1];
	return 0;
}

void
tls_links_cut(struct tls_links *links)
{
	while (!LIST_EMPTY(&links->all))
		link_free(LIST_FIRST(&links->all));
}
