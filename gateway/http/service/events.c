// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/back/identity.h"

#define KINDS_SIZE 512

static const struct err out_of_memory = {ENOMEM, "out of memory"};

struct asking {
	events_done *done;
	void *arg;
};

struct events_follow {
	struct identity *who;
	struct events_client client;
	struct identity_follower follower;
	events_wish wish; /* of the next page */
	char id[SANDBOX_ID_SIZE], kinds[KINDS_SIZE];
	bool is_asking, is_due, is_held, is_closed, is_over;
};

static void
on_list(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_event_list_rep *reply = data;
	struct records records = {.layout = &rpc_layout_event_info};

	(void)message;
	if (reply != NULL) {
		records.bytes = reply->events;
		records.count = reply->count;
	}
	asking->done(asking->arg, &records, reply != NULL && reply->more != 0,
	    err);
}

/* Ids that cannot exist are refused here, in the words sandboxd would use. */
static int
check_id(const char *id, struct err *err)
{
	if (*id != '\0' && !sandbox_id_is_valid(id))
		return err_set(err, ENOENT, "%s: no such sandbox", id);
	return 0;
}

void
events_list(struct identity *who, const events_wish *wish, events_done *done,
    void *arg)
{
	struct asking *asking;
	struct err err;

	if (check_id(wish->id, &err) < 0) {
		done(arg, NULL, false, &err);
		return;
	}
	asking = malloc(sizeof *asking);
	if (asking == NULL) {
		done(arg, NULL, false, &out_of_memory);
		return;
	}
	*asking = (struct asking){done, arg};
	identity_ask_sandboxd(who, &rpc_call_event_list, wish, on_list,
	    asking);
}

static void
end(struct events_follow *follow, const struct err *err)
{
	if (follow->is_over)
		return;
	follow->is_over = true;
	follow->client.ended(follow->client.arg, err);
}

/* The page that comes after it begins behind the last of this one. */
static void
note_last(struct events_follow *follow, struct records events)
{
	struct rpc_event_info info;

	while (records_next(&events, &info) > 0)
		follow->wish.after_id = info.id;
	if (follow->wish.is_newest && follow->wish.after_id != 0)
		follow->wish.is_newest = 0;
	follow->wish.limit = 0;
}

static void ask(struct events_follow *follow);
static void ask_whether_gone(struct events_follow *follow);

static void
on_page(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	struct events_follow *follow = arg;
	const struct rpc_event_list_rep *reply = data;
	struct records records = {.layout = &rpc_layout_event_info};
	bool was_newest = follow->wish.is_newest != 0;

	(void)message;
	follow->is_asking = false;
	if (follow->is_closed) {
		free(follow);
		return;
	}
	if (reply == NULL) {
		end(follow, err);
		return;
	}
	records.bytes = reply->events;
	records.count = reply->count;
	note_last(follow, records);
	/* Nothing yet: what comes is after what there was. */
	if (was_newest && follow->wish.after_id == 0)
		follow->wish.after_id = reply->last_id;
	follow->wish.is_newest = 0;
	follow->is_due |= reply->more != 0 && !was_newest;
	follow->is_asking = true; /* not from within */
	follow->client.page(follow->client.arg, &records);
	follow->is_asking = false;
	if (follow->is_closed)
		free(follow);
	else if (reply->more == 0 && *follow->id != '\0')
		ask_whether_gone(follow);
	else if (follow->is_due)
		ask(follow);
}

static void
on_state(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	const struct rpc_sandbox_get_rep *reply = data;
	const struct err gone = {EIDRM, "the sandbox is gone"};
	struct events_follow *follow = arg;
	struct rpc_sandbox_info info;
	struct rpc_bytes list;
	bool is_gone = failure != NULL && failure->code == ENOENT;

	(void)message;
	follow->is_asking = false;
	if (follow->is_closed) {
		free(follow);
		return;
	}
	if (failure == NULL) {
		list = reply->sandbox;
		is_gone = rpc_list_next(&rpc_layout_sandbox_info, &list,
		    &info) && strcmp(info.state, "destroyed") == 0;
	}
	/* What was written until then is in a page that is still to come. */
	if (is_gone && !follow->is_due)
		end(follow, &gone);
	else if (follow->is_due)
		ask(follow);
}

/* Nothing befalls one that was destroyed: whoever follows it alone has seen all
 * there will be. */
static void
ask_whether_gone(struct events_follow *follow)
{
	const struct rpc_sandbox_get_req request = {follow->id};

	follow->is_asking = true;
	identity_ask_sandboxd(follow->who, &rpc_call_sandbox_recall, &request,
	    on_state, follow);
}

static void
ask(struct events_follow *follow)
{
	follow->is_due = true;
	if (follow->is_asking || follow->is_held || follow->is_over)
		return;
	follow->is_due = false;
	follow->is_asking = true;
	identity_ask_sandboxd(follow->who, &rpc_call_event_list,
	    &follow->wish, on_page, follow);
}

static void
on_news(struct identity_follower *follower)
{
	ask((struct events_follow *)((char *)follower -
	    offsetof(struct events_follow, follower)));
}

int
events_follow(struct identity *who, const events_wish *wish,
    const struct events_client *client, struct events_follow **ret,
    struct err *err)
{
	struct events_follow *follow;
	int r = check_id(wish->id, err);

	if (r < 0)
		return r;
	follow = calloc(1, sizeof *follow);
	if (follow == NULL)
		return err_set(err, ENOMEM, "out of memory");
	follow->who = who;
	follow->client = *client;
	follow->wish = *wish;
	snprintf(follow->id, sizeof follow->id, "%s", wish->id);
	snprintf(follow->kinds, sizeof follow->kinds, "%s", wish->kinds);
	follow->wish.id = follow->id;
	follow->wish.kinds = follow->kinds;
	follow->wish.is_followed = 1;
	follow->follower.news = on_news;
	identity_follow(who, &follow->follower);
	*ret = follow;
	ask(follow);
	return 0;
}

void
events_hold(struct events_follow *follow, bool is_held)
{
	follow->is_held = is_held;
	if (!is_held && follow->is_due)
		ask(follow);
}

void
events_close(struct events_follow *follow)
{
	if (follow == NULL)
		return;
	identity_unfollow(&follow->follower);
	follow->is_closed = true;
	if (!follow->is_asking)
		free(follow);
}
