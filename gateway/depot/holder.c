// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/holder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/depot/answer.h"
#include "gateway/depot/grep.h"
#include "gateway/depot/upload.h"
#include "gateway/protocol/broker_calls.h"

#define QUEUE_MESSAGES_MAX 256
#define QUEUE_BYTES_MAX	   (4 * 1024 * 1024)
#define SERVE_BURST	   4

static void
drop(void *arg, const char *why)
{
	if (why != NULL)
		log_error("gateway-http cut off: %s", why);
	holder_free(arg);
}

static void
watch(void *arg, uint32_t events)
{
	struct holder *holder = arg;

	loop_change(&holder->depot->loop, &holder->watch, events);
}

static const struct rpc_server_table table = {.row = answer_row,
    .serve = answer_serve, .drop = drop, .watch = watch,
    .queue_messages_max = QUEUE_MESSAGES_MAX,
    .queue_bytes_max = QUEUE_BYTES_MAX, .burst = SERVE_BURST};

static void
on_ready(struct loop_watch *socket, uint32_t events)
{
	struct holder *holder = (struct holder *)((char *)socket -
	    offsetof(struct holder, watch));

	rpc_server_ready(&holder->server, events);
}

static void
on_expiry(struct loop_timer *timer)
{
	holder_free((struct holder *)((char *)timer -
	    offsetof(struct holder, expiry)));
}

int
holder_new(struct depot *depot, const struct handover_depot *order, int fd,
    struct err *err)
{
	struct holder *holder = calloc(1, sizeof *holder);
	int r = holder == NULL ? -ENOMEM : fd_set_nonblocking(fd);

	if (r == 0) {
		holder->watch = (struct loop_watch){fd, on_ready};
		r = loop_add(&depot->loop, &holder->watch, EPOLLIN);
	}
	if (r < 0) {
		fd_close(&fd);
		free(holder);
		return err_set(err, -r, "a capability: %s", strerror(-r));
	}
	holder->depot = depot;
	holder->number = order->number;
	snprintf(holder->whose.org, sizeof holder->whose.org, "%s",
	    order->org);
	snprintf(holder->whose.owner, sizeof holder->whose.owner, "%s",
	    order->owner);
	holder->whose.scope = (struct scope){holder->whose.org,
	    holder->whose.owner, order->is_own_only != 0, order->bytes_max};
	fd_refuse_passing(fd);
	rpc_server_init(&holder->server, &table, fd, DEPOT_PEER_HOLDER,
	    holder);
	holder->server.rights = order->rights;
	holder->expiry.due = on_expiry;
	loop_set_timer(&depot->loop, &holder->expiry, BROKER_API_CAP_TTL_MS);
	LIST_INSERT_HEAD(&depot->holders, holder, link);
	return 0;
}

void
holder_free(struct holder *holder)
{
	struct loop *loop = &holder->depot->loop;

	answers_drop(holder);
	uploads_drop(holder);
	greps_drop(holder);
	LIST_REMOVE(holder, link);
	loop_stop_timer(loop, &holder->expiry);
	loop_remove(loop, &holder->watch);
	rpc_server_fini(&holder->server);
	free(holder);
}

void
holder_copy_scope(const struct holder *holder, struct holder_scope *ret)
{
	*ret = holder->whose;
	ret->scope.org = ret->org;
	ret->scope.owner = ret->owner;
}

void
holders_cut(struct depot *depot, uint64_t number)
{
	struct holder *holder, *next;

	for (holder = LIST_FIRST(&depot->holders); holder != NULL;
	    holder = next) {
		next = LIST_NEXT(holder, link);
		if (holder->number == number)
			holder_free(holder);
	}
}

void
holders_cut_org(struct depot *depot, const char *org)
{
	struct holder *holder, *next;

	for (holder = LIST_FIRST(&depot->holders); holder != NULL;
	    holder = next) {
		next = LIST_NEXT(holder, link);
		if (strcmp(holder->whose.org, org) == 0)
			holder_free(holder);
	}
}
