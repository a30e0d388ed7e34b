// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/depot.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "common/fd.h"
#include "gateway/http/back/back_of.h"
#include "gateway/http/back/identity.h"
#include "gateway/protocol/broker_calls.h"
#include "gateway/protocol/depot_calls.h"

/* A call that waits for a capability. */
struct waiting {
	STAILQ_ENTRY(waiting) link;
	const struct rpc_call *call;
	const void *request;
	rpc_client_done *done;
	void *arg;
};

struct depot_link {
	struct identity *who;
	struct calls *calls; /* NULL: no capability */
	uint32_t rights;
	bool is_over;	/* calls is of no use any more */
	bool is_asking; /* the broker, for a capability */
	STAILQ_HEAD(, waiting) waiting;
};

void
depot_link_free(struct depot_link *link)
{
	if (link == NULL)
		return;
	calls_free(link->calls);
	free(link);
}

static void
on_end(void *arg)
{
	struct depot_link *link = arg;

	link->is_over = true;
}

static struct depot_link *
find_link(struct identity *who)
{
	struct depot_link **link = identity_depot(who);

	if (*link == NULL) {
		*link = calloc(1, sizeof **link);
		if (*link == NULL)
			return NULL;
		(*link)->who = who;
		STAILQ_INIT(&(*link)->waiting);
	}
	return *link;
}

/* It would hang up on who asks for what the capability is not for. */
static void
make(struct depot_link *link, const struct waiting *waiting)
{
	const struct err err = {EACCES, "permission denied: your role, or the "
	    "scope of your token, leaves this out"};

	if (rpc_permits(waiting->call, DEPOT_PEER_HOLDER, link->rights))
		calls_make(link->calls, waiting->call, waiting->request, -1,
		    waiting->done, waiting->arg);
	else
		waiting->done(waiting->arg, NULL, NULL, &err);
}

static void
on_opened(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	struct depot_link *link = arg;
	struct identity *who = link->who;
	const struct rpc_depot_open_rep *reply = data;
	struct calls_options options = {.loop = identity_back(who)->loop,
	    .fd = -1, .timeout_ms = identity_time_ms(identity_limits(who),
	    identity_back(who)->timeout_ms), .on_end = on_end, .arg = link,
	    .hangup = "gateway-depot hung up"};
	struct err err = {EBADMSG, "malformed capability"};
	struct waiting *waiting;
	int r = -EBADMSG;

	link->is_asking = false;
	if (failure != NULL) {
		err = *failure;
	} else if (message->n_fds == 1) {
		options.fd = take_fd(&message->fds[0]);
		link->rights = reply->rights;
		link->is_over = false;
		r = calls_new(&options, &link->calls, &err);
	}
	while ((waiting = STAILQ_FIRST(&link->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&link->waiting, link);
		if (r == 0)
			make(link, waiting);
		else
			waiting->done(waiting->arg, NULL, NULL, &err);
		free(waiting);
	}
	identity_release(who);
}

static void
ask_broker(struct depot_link *link)
{
	const struct rpc_depot_open_req request = {
	    identity_number(link->who)};

	link->is_asking = true;
	identity_hold(link->who);
	identity_ask_broker(link->who, &rpc_call_depot_open, &request,
	    on_opened, link);
}

void
depot_ask(struct identity *who, const struct rpc_call *call,
    const void *request, rpc_client_done *done, void *arg)
{
	const struct err err = {ENOMEM, "out of memory"};
	struct depot_link *link = find_link(who);
	struct waiting now = {.call = call, .request = request, .done = done,
	    .arg = arg};
	struct waiting *later;

	if (link != NULL && link->calls != NULL && !link->is_over &&
	    !calls_have_ended(link->calls)) {
		make(link, &now);
		return;
	}
	later = link == NULL ? NULL : malloc(sizeof *later);
	if (later == NULL) {
		done(arg, NULL, NULL, &err);
		return;
	}
	*later = now;
	STAILQ_INSERT_TAIL(&link->waiting, later, link);
	if (link->is_asking)
		return;
	/* Those that it has not answered fail, and may ask again. */
	link->is_asking = true;
	calls_free(link->calls);
	link->calls = NULL;
	ask_broker(link);
}
