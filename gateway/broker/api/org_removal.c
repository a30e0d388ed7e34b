// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/org_removal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/log.h"
#include "keys/org.h"

#define WAIT_MS 30000 /* for the capability, while sandboxd is away */

struct org_removal {
	LIST_ENTRY(org_removal) link;
	struct broker *broker;
	char org[STORE_NAME_SIZE];
	char id[SANDBOX_ID_SIZE]; /* of the one that is being destroyed */
	uint32_t request_id;
	bool is_last; /* its snapshots, after its sandboxes */
	bool is_ceiling; /* and that, once nothing is left below it */
	bool are_templates_gone; /* they go first */
	int cap_fd;
	sd_event_source *io;
	/* Whom to answer; 0 = nobody. */
	uint64_t http_generation;
	uint32_t call_id;
};

static void
removal_free(struct org_removal *removal)
{
	LIST_REMOVE(removal, link);
	sandboxd_client_forget(removal->broker->sandboxd, removal);
	sd_event_source_disable_unref(removal->io);
	fd_close(&removal->cap_fd);
	free(removal);
}

void
org_removals_free(struct broker *broker)
{
	while (!LIST_EMPTY(&broker->removals))
		removal_free(LIST_FIRST(&broker->removals));
}

/* It is over; err NULL = nothing is left. */
static void
finish(struct org_removal *removal, const struct err *err)
{
	struct broker *broker = removal->broker;

	if (err != NULL)
		log_error("removal of org=%s: %s", removal->org, err->text);
	else
		log_info("organisation removed org=%s", removal->org);
	if (removal->http_generation != 0 &&
	    removal->http_generation == broker->http_generation) {
		if (err != NULL)
			rpc_server_error(&broker->http,
			    rpc_call_org_remove.number, removal->call_id,
			    err);
		else
			rpc_server_reply(&broker->http, &rpc_call_org_remove,
			    removal->call_id, &(struct rpc_org_remove_rep){},
			    NULL, 0);
	}
	removal_free(removal);
}

/* Asks for its snapshots to be removed, all at once. */
static int
ask_last(struct org_removal *removal, struct err *err)
{
	static const struct rpc_snapshot_remove_req request = {.which = "*"};
	int r = rpc_send_request(removal->cap_fd, &rpc_call_snapshot_remove,
	    ++removal->request_id, &request, NULL, 0, MSG_DONTWAIT);

	removal->is_last = true;
	return r < 0 ? err_set(err, -r, "snapshot_remove: %s", strerror(-r)) :
	    0;
}

static int
ask_ceiling(struct org_removal *removal, struct err *err)
{
	static const struct rpc_egress_ceiling_set_req request;
	int r = rpc_send_request(removal->cap_fd,
	    &rpc_call_egress_ceiling_set, ++removal->request_id, &request,
	    NULL, 0, MSG_DONTWAIT);

	removal->is_ceiling = true;
	return r < 0 ? err_set(err, -r, "egress_ceiling_set: %s",
	    strerror(-r)) : 0;
}

/* One of the two that come after its sandboxes was answered. */
static void
end_last(struct org_removal *removal, const struct rpc_message *message)
{
	const struct rpc_call *call = removal->is_ceiling ?
	    &rpc_call_egress_ceiling_set : &rpc_call_snapshot_remove;
	union rpc_any reply;
	struct err err = {0};
	int r = rpc_open_reply(call, message, &reply, &err);

	if (r < 0 || removal->is_ceiling ||
	    (r = ask_ceiling(removal, &err)) < 0)
		finish(removal, r < 0 ? &err : NULL);
}

static void
remove_templates(struct org_removal *removal)
{
	const struct rpc_template_remove_req request = {.name = ""};
	struct err err = {0};
	int r = rpc_send_request(removal->cap_fd, &rpc_call_template_remove,
	    ++removal->request_id, &request, NULL, 0, MSG_DONTWAIT);

	if (r == 0)
		return;
	err_set(&err, -r, "template_remove: %s", strerror(-r));
	finish(removal, &err);
}

/* Asks for the next one to be destroyed, or ends. */
static void
go_on(struct org_removal *removal)
{
	const struct sandbox_index *index = removal->broker->sandboxes;
	const struct sandbox_owner *next = sandbox_index_next(index,
	    removal->org, removal->id);
	const struct rpc_sandbox_destroy_req request = {
	    .id = removal->id};
	struct err err = {0};
	int r;

	if (next != NULL) {
		memcpy(removal->id, next->id, sizeof removal->id);
		r = rpc_send_request(removal->cap_fd,
		    &rpc_call_sandbox_destroy, ++removal->request_id,
		    &request, NULL, 0, MSG_DONTWAIT);
		if (r == 0)
			return;
		err_set(&err, -r, "sandbox_destroy: %s", strerror(-r));
	} else if (sandbox_index_count(index, removal->org) > 0) {
		err_set(&err, EBUSY, "name: %s is removed, but %u of its "
		    "sandboxes could not be destroyed; the log of the service "
		    "says why", removal->org,
		    sandbox_index_count(index, removal->org));
	} else if (ask_last(removal, &err) == 0) {
		return;
	}
	finish(removal, err.code != 0 ? &err : NULL);
}

static int
on_readable(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct org_removal *removal = arg;
	auto_rpc_message struct rpc_message message = {0};
	const struct rpc_call *call = removal->are_templates_gone ?
	    &rpc_call_sandbox_destroy : &rpc_call_template_remove;
	union rpc_any reply;
	struct err err = {0};
	int r = rpc_receive(fd, &message, MSG_DONTWAIT);

	(void)source;
	(void)events;
	if (r == -EAGAIN)
		return 0;
	if (r <= 0) {
		err_set(&err, EAGAIN, "sandboxd was restarted; what is left "
		    "is destroyed all the same");
		finish(removal, &err);
		return 0;
	}
	if (removal->is_last) {
		end_last(removal, &message);
		return 0;
	}
	if (rpc_open_reply(call, &message, &reply, &err) < 0)
		log_warn("removal of org=%s %s sandbox=%s: %s", removal->org,
		    call->name, removal->id, err.text);
	removal->are_templates_gone = true;
	go_on(removal);
	return 0;
}

static void
on_capability(void *arg, int cap_fd, const struct err *failure)
{
	struct org_removal *removal = arg;
	struct err err = {0};
	int r;

	if (failure != NULL) {
		finish(removal, failure);
		return;
	}
	removal->cap_fd = cap_fd;
	r = sd_event_add_io(removal->broker->event, &removal->io, cap_fd,
	    EPOLLIN, on_readable, removal);
	if (r < 0) {
		err_set(&err, -r, "event loop: %s", strerror(-r));
		finish(removal, &err);
		return;
	}
	remove_templates(removal);
}

static int
begin(struct broker *broker, const char *org, struct org_removal **ret,
    struct err *err)
{
	const struct rpc_cap_open_req request = {.org = org,
	    .sandbox_id = "", .rights = RPC_RIGHT_LIST | RPC_RIGHT_DESTROY |
		RPC_RIGHT_CEILING | RPC_RIGHT_TEMPLATES,
	    .audit = "removal of its organisation", .owner = "",
	    .reach = RPC_REACH_ALL};
	struct org_removal *removal = calloc(1, sizeof *removal);
	int r;

	if (removal == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*removal = (struct org_removal){.broker = broker, .cap_fd = -1};
	snprintf(removal->org, sizeof removal->org, "%s", org);
	LIST_INSERT_HEAD(&broker->removals, removal, link);
	r = sandboxd_client_cap_open(broker->sandboxd, &request, WAIT_MS,
	    on_capability, removal, err);
	if (r < 0)
		removal_free(removal);
	else
		*ret = removal;
	return r;
}

int
org_removal_begin(struct api_context *context, const char *org)
{
	struct broker *broker = context->broker;
	struct org_removal *removal;
	int r;

	r = begin(broker, org, &removal, &context->err);
	if (r < 0)
		return r;
	removal->http_generation = broker->http_generation;
	removal->call_id = context->message->header.id;
	return 0;
}

static bool
is_under_way(const struct broker *broker, const char *org)
{
	const struct org_removal *removal;

	LIST_FOREACH(removal, &broker->removals, link)
		if (strcmp(removal->org, org) == 0)
			return true;
	return false;
}

void
org_removals_resume(struct broker *broker)
{
	const struct sandbox_owner *owner = NULL;
	struct org_removal *removal;
	const char *org = ""; /* of the one before: most are the same */
	struct err err = {0};

	while ((owner = sandbox_index_next(broker->sandboxes, NULL,
	    owner != NULL ? owner->id : "")) != NULL) {
		if (strcmp(owner->org, org) == 0)
			continue;
		org = owner->org;
		if (org_was_removed(broker->store, org, &err) > 0 &&
		    !is_under_way(broker, org) &&
		    begin(broker, org, &removal, &err) < 0)
			log_error("removal of org=%s: %s", org, err.text);
	}
}
