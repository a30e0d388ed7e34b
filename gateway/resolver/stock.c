// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/stock.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/rpc_calls.h"
#include "gateway/resolver/link.h"
#include "gateway/resolver/resolver.h"

static struct stock *
find(struct resolver *resolver, uint32_t upstream)
{
	return upstream < STOCK_UPSTREAMS_MAX ? &resolver->stocks[upstream] :
	    NULL;
}

/* An answer that was here before its question is a guess, and more may wait
 * behind it. */
static bool
is_untouched(int fd)
{
	uint8_t byte;

	return recvfrom(fd, &byte, sizeof byte, MSG_DONTWAIT | MSG_PEEK, NULL,
	    NULL) < 0 && errno == EAGAIN;
}

int
stock_take(struct resolver *resolver, uint32_t upstream)
{
	struct stock *stock = find(resolver, upstream);

	while (stock != NULL && stock->n > 0) {
		int fd = stock->fds[--stock->n];

		if (is_untouched(fd))
			return fd;
		fd_close(&fd);
	}
	return -1;
}

static void
on_dialled(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct stock *stock = arg;

	(void)err;
	stock->n_asked--;
	if (reply != NULL && message->n_fds == 1 && stock->n < STOCK_SOCKETS)
		stock->fds[stock->n++] = take_fd(&message->fds[0]);
}

void
stock_fill(struct resolver *resolver, uint32_t upstream)
{
	const struct rpc_names_dial_req request = {.upstream = upstream};
	struct stock *stock = find(resolver, upstream);
	struct err err = {0};

	if (stock == NULL ||
	    stock->n + stock->n_asked > STOCK_SOCKETS / 2)
		return;
	while (stock->n + stock->n_asked < STOCK_SOCKETS &&
	    link_ask(resolver->link, &rpc_call_names_dial, &request,
	    on_dialled, stock, &err) >= 0)
		stock->n_asked++;
}

void
stock_drop(struct resolver *resolver, uint32_t upstream)
{
	struct stock *stock = find(resolver, upstream);

	while (stock != NULL && stock->n > 0)
		fd_close(&stock->fds[--stock->n]);
}

void
stocks_clear(struct resolver *resolver)
{
	for (uint32_t i = 0; i < STOCK_UPSTREAMS_MAX; i++)
		stock_drop(resolver, i);
}
