// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/depot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/parse.h"
#include "gateway/protocol/depot_calls.h"
#include "gateway/protocol/handover.h"
#include "keys/org.h"

void
broker_depot_disconnect(struct broker *broker)
{
	broker->depot_io = sd_event_source_disable_unref(broker->depot_io);
	fd_close(&broker->depot_fd);
}

static int
give_order(struct broker *broker, const struct handover_depot *order,
    const int *fd)
{
	int r = broker->depot_fd < 0 ? -EPIPE : fd_send(broker->depot_fd,
	    order, sizeof *order, fd, fd != NULL, MSG_DONTWAIT);

	/* One that does not follow has to begin anew: nothing that it holds is
	 * worth anything then. */
	if (r < 0 && broker->depot_fd >= 0) {
		log_error("gateway-depot: %s", strerror(-r));
		broker_depot_disconnect(broker);
	}
	return r;
}

/* The name of an organisation that it keeps something of: is that one still
 * there? Or its end. */
static int
on_depot(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct broker *broker = arg;
	char name[HANDOVER_DEPOT_NAME_SIZE] = "";
	ssize_t n = recv(fd, name, sizeof name - 1, MSG_DONTWAIT);
	struct err err;

	(void)source;
	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		broker_depot_disconnect(broker);
	else if (name_is_valid(name) &&
	    org_was_removed(broker->store, name, &err) > 0)
		broker_depot_forget(broker, name);
	return 0;
}

int
broker_depot_connect(struct broker *broker, int *fd)
{
	int r;

	broker_depot_disconnect(broker);
	r = sd_event_add_io(broker->event, &broker->depot_io, *fd, EPOLLIN,
	    on_depot, broker);
	if (r < 0)
		return r;
	broker->depot_fd = take_fd(fd);
	return 0;
}

void
broker_depot_cut(struct broker *broker, uint64_t number)
{
	const struct handover_depot order = {.kind = HANDOVER_DEPOT_CUT,
	    .number = number};

	(void)give_order(broker, &order, NULL);
}

void
broker_depot_forget(struct broker *broker, const char *org)
{
	struct handover_depot order = {.kind = HANDOVER_DEPOT_FORGET};

	snprintf(order.org, sizeof order.org, "%s", org);
	(void)give_order(broker, &order, NULL);
}

/* What the identity may with disks; -EACCES where that is nothing. */
static int
find_rights(const struct api_identity *who, uint32_t *ret, struct err *err)
{
	*ret = 0;
	if (who->sandbox_id[0] != '\0')
		return err_set(err, EACCES, "the token is for one sandbox, "
		    "and disks are the organisation's");
	if (role_permits(&who->standing, ACTION_SEE, RELATION_OWN))
		*ret |= DEPOT_RIGHT_SEE;
	if (role_permits(&who->standing, ACTION_FILES, RELATION_OWN))
		*ret |= DEPOT_RIGHT_FILES;
	return *ret != 0 ? 0 : role_check(&who->standing, ACTION_SEE, err);
}

int
api_depot_open(struct api_context *context, const void *data)
{
	const struct rpc_depot_open_req *request = data;
	struct rpc_depot_open_rep reply = {0};
	struct handover_depot order = {.kind = HANDOVER_DEPOT_OPEN,
	    .number = request->identity};
	int fds[2], r = api_identify(context, request->identity);
	struct org org;

	if (r == 0)
		r = find_rights(&context->who, &reply.rights, &context->err);
	if (r == 0)
		r = org_get(context->broker->store, context->who.org, &org,
		    &context->err);
	if (r < 0)
		return r;
	r = fd_seqpacket_pair(fds);
	if (r < 0)
		return err_set(&context->err, -r, "socket pair: %s",
		    strerror(-r));
	order.rights = reply.rights;
	order.bytes_max = org_limit(&org, ORG_ARTIFACTS);
	order.is_own_only = role_reach(&context->who.standing) ==
	    RPC_REACH_OWN;
	snprintf(order.org, sizeof order.org, "%s", context->who.org);
	snprintf(order.owner, sizeof order.owner, "%s", context->who.user);
	r = give_order(context->broker, &order, &fds[1]);
	if (r < 0)
		err_set(&context->err, EPIPE, "gateway-depot is not running");
	else
		rpc_server_reply(&context->broker->http, context->call,
		    context->message->header.id, &reply, &fds[0], 1);
	fd_close(&fds[0]);
	fd_close(&fds[1]);
	return r < 0 ? -EPIPE : 0;
}
