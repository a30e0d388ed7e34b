// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/outbox/courier.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"

void
courier_init(struct courier *courier, sd_event *event)
{
	*courier = (struct courier){.event = event, .fd = -1};
	TAILQ_INIT(&courier->waiting);
	TAILQ_INIT(&courier->under_way);
}

static void
drop_zygote(struct courier *courier)
{
	courier->io = sd_event_source_disable_unref(courier->io);
	fd_close(&courier->fd);
}

static unsigned
count_of(const struct courier *courier, const char *org)
{
	const struct courier_post *post;
	unsigned n = 0;

	TAILQ_FOREACH(post, &courier->under_way, link)
		n += strcmp(post->org, org) == 0;
	return n;
}

/* Whose turn it is: the first whose organisation has room. */
static struct courier_post *
choose(struct courier *courier)
{
	struct courier_post *post;

	if (courier->n_under_way >= COURIER_POSTS_MAX)
		return NULL;
	TAILQ_FOREACH(post, &courier->waiting, link)
		if (count_of(courier, post->org) < COURIER_ORG_POSTS_MAX)
			return post;
	return NULL;
}

static void
leave(struct courier_post *post)
{
	struct courier *courier = post->courier;

	if (post->answer_fd >= 0) {
		TAILQ_REMOVE(&courier->under_way, post, link);
		courier->n_under_way--;
	} else {
		TAILQ_REMOVE(&courier->waiting, post, link);
	}
	post->io = sd_event_source_disable_unref(post->io);
	fd_close(&post->answer_fd);
	post->courier = NULL;
}

static void send_orders(struct courier *courier);

static int
on_answer(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct courier_post *post = arg;
	struct courier *courier = post->courier;
	struct handover_posted posted = {0};
	ssize_t n = read(fd, &posted, sizeof posted);

	(void)source;
	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n != sizeof posted)
		posted = (struct handover_posted){0,
		    "gateway-webhook ended before it was done"};
	posted.words[sizeof posted.words - 1] = '\0';
	leave(post);
	post->done(post, &posted);
	send_orders(courier);
	return 0;
}

static int
begin(struct courier_post *post, int *ret_order_fd)
{
	struct courier *courier = post->courier;
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = fd_set_nonblocking(fds[0]);
	if (r >= 0)
		r = sd_event_add_io(courier->event, &post->io, fds[0], EPOLLIN,
		    on_answer, post);
	if (r < 0) {
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		return r;
	}
	TAILQ_REMOVE(&courier->waiting, post, link);
	TAILQ_INSERT_TAIL(&courier->under_way, post, link);
	courier->n_under_way++;
	post->answer_fd = fds[0];
	*ret_order_fd = fds[1];
	return 0;
}

/* Back to where it waited. */
static void
put_back(struct courier_post *post)
{
	struct courier *courier = post->courier;

	TAILQ_REMOVE(&courier->under_way, post, link);
	courier->n_under_way--;
	post->io = sd_event_source_disable_unref(post->io);
	fd_close(&post->answer_fd);
	TAILQ_INSERT_HEAD(&courier->waiting, post, link);
}

static int
send_one(struct courier *courier, struct courier_post *post)
{
	auto_close int order_fd = -1;
	int r = begin(post, &order_fd);

	if (r < 0)
		return -EAGAIN; /* of descriptors; the next that ends helps */
	r = fd_send(courier->fd, &post->order, sizeof post->order, &order_fd,
	    1, MSG_DONTWAIT);
	if (r < 0)
		put_back(post);
	return r;
}

static void
send_orders(struct courier *courier)
{
	struct courier_post *post;
	int r = 0;

	while (courier->fd >= 0 && r == 0 &&
	    (post = choose(courier)) != NULL)
		r = send_one(courier, post);
	/* Any other error is the end of this zygote: they wait for the next. */
	if (r < 0 && r != -EAGAIN)
		drop_zygote(courier);
	if (courier->io != NULL)
		(void)sd_event_source_set_io_events(courier->io,
		    r == -EAGAIN ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* It says nothing: readable means that it is gone. */
static int
on_zygote(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	(void)source;
	(void)fd;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		drop_zygote(arg);
	else
		send_orders(arg);
	return 0;
}

int
courier_set_zygote(struct courier *courier, int *fd)
{
	int r;

	drop_zygote(courier);
	r = sd_event_add_io(courier->event, &courier->io, *fd, EPOLLIN,
	    on_zygote, courier);
	if (r < 0)
		return r;
	courier->fd = take_fd(fd);
	send_orders(courier);
	return 0;
}

void
courier_send(struct courier *courier, struct courier_post *post)
{
	post->courier = courier;
	post->answer_fd = -1;
	TAILQ_INSERT_TAIL(&courier->waiting, post, link);
	send_orders(courier);
}

void
courier_forget(struct courier_post *post)
{
	if (post->courier != NULL)
		leave(post);
}

void
courier_fini(struct courier *courier)
{
	drop_zygote(courier);
}
