// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/events.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "sandboxd/door/calls.h"
#include "sandboxd/lifecycle/lifecycle.h"
#include "sandboxd/registry/event_reader.h"

#define EVENT_INFO_BYTES_MAX 1024

/* A page, encoded, is to fit a message. */
_Static_assert(EVENT_PAGE * EVENT_INFO_BYTES_MAX <= 131072,
    "the most of event_list_rep");

static void
release(void *owner)
{
	peer_unref(owner);
}

static int
encode(const struct event *found, unsigned n, struct rpc_list *list)
{
	int r = 0;

	for (unsigned i = 0; i < n && r == 0; i++) {
		const struct rpc_event_info info = {found[i].id,
		    found[i].at_ms, found[i].sandbox_id, found[i].org,
		    event_kind_name(found[i].kind), found[i].actor,
		    found[i].cause};

		r = rpc_list_add(list, &rpc_layout_event_info, &info);
	}
	return r;
}

static void
answer(struct peer *peer, const struct rpc_call *call, uint32_t request_id,
    const struct event *found, unsigned n, bool has_more, uint64_t last_id,
    const struct err *err)
{
	static uint8_t buffer[EVENT_PAGE * EVENT_INFO_BYTES_MAX];
	struct rpc_list list = {.data = buffer, .size = sizeof buffer};
	struct rpc_event_list_rep reply = {.last_id = last_id,
	    .count = n, .more = has_more};
	struct err large = {0};

	if (err == NULL && encode(found, n, &list) < 0) {
		err_set(&large, EMSGSIZE, "too large to tell");
		err = &large;
	}
	reply.events = rpc_list_bytes(&list);
	if (err != NULL)
		peer_error(peer, call, request_id, err);
	else
		peer_reply(peer, call, request_id, &reply, NULL, 0);
}

static void
answer_list(void *owner, uint32_t request_id, const struct event *found,
    unsigned n, bool has_more, uint64_t last_id, const struct err *err)
{
	answer(owner, &rpc_call_event_list, request_id, found, n, has_more,
	    last_id, err);
}

static void
answer_feed(void *owner, uint32_t request_id, const struct event *found,
    unsigned n, bool has_more, uint64_t last_id, const struct err *err)
{
	answer(owner, &rpc_call_event_feed, request_id, found, n, has_more,
	    last_id, err);
}

/* "paused,oom" as ",paused,oom,", each of them a kind there is. */
static int
read_kinds(const char *names, char ret[512], struct err *err)
{
	char name[EVENT_KIND_SIZE], all[512];
	const char *at = names;

	if (*names == '\0')
		return 0;
	if (snprintf(all, sizeof all, ",%s,", names) >= (int)sizeof all)
		return err_set(err, EINVAL, "kind: too many");
	for (;;) {
		size_t n = strcspn(at, ",");

		snprintf(name, sizeof name, "%.*s", (int)n, at);
		if (event_kind_find(name) == N_EVENT_KINDS)
			return err_set(err, EINVAL, "kind: \"%.*s\" is not "
			    "one of docs/EVENTS.md", n < 32 ? (int)n : 32, at);
		if (at[n] == '\0')
			break;
		at += n + 1;
	}
	memcpy(ret, all, sizeof all);
	return 0;
}

static int
check_limit(uint32_t limit, struct err *err)
{
	return limit <= EVENT_PAGE ? 0 : err_set(err, EINVAL,
	    "limit: %u is not from 1 to %d", limit, EVENT_PAGE);
}

static int
read_request(struct peer *peer, const struct rpc_event_list_req *request,
    struct event_question *ret, struct err *err)
{
	const struct capability *capability = &peer->capability;
	const char *id = request->id[0] != '\0' ? request->id :
	    capability->sandbox_id;
	const struct sandbox *sandbox = sandbox_find(&peer->daemon->sandboxes,
	    id);

	if (capability->sandbox_id[0] != '\0' &&
	    strcmp(capability->sandbox_id, id) != 0)
		return err_set(err, ENOENT, "no such sandbox");
	if (check_limit(request->limit, err) < 0)
		return -EINVAL;
	snprintf(ret->org, sizeof ret->org, "%s", capability->org);
	ret->owner_id = capability->owner_id;
	ret->reach = capability->reach;
	snprintf(ret->sandbox_id, sizeof ret->sandbox_id, "%s", id);
	ret->is_known = sandbox != NULL &&
	    capability_sees(capability, &sandbox->record);
	ret->since_ms = request->since_ms;
	ret->after_id = request->after_id;
	ret->is_newest = request->is_newest != 0;
	ret->limit = request->limit != 0 ? request->limit : EVENT_PAGE;
	return read_kinds(request->kinds, ret->kinds, err);
}

/* Told of what comes from now on, of which some may be in this answer. */
static void
follow(struct peer *peer)
{
	if (!peer->is_follower)
		peer->daemon->n_followers++;
	peer->is_follower = true;
}

void
events_forget(struct peer *peer)
{
	if (peer->is_follower)
		peer->daemon->n_followers--;
	peer->is_follower = false;
}

static int
ask_later(struct peer *peer, const struct event_question *question,
    bool is_followed, struct err *err)
{
	if (is_followed)
		follow(peer);
	peer_ref(peer);
	return event_reader_ask(peer->daemon->reader, question, err);
}

void
events_tell(struct daemon *daemon, const struct sandbox_record *record)
{
	const struct rpc_event_news_event news = {record->id};
	struct peer *peer = daemon->peers, *next;

	for (; peer != NULL && daemon->n_followers > 0; peer = next) {
		next = peer->next;
		if (!peer->is_follower ||
		    (peer->server.who == RPC_PEER_CAPABILITY &&
		    !capability_sees(&peer->capability, record)))
			continue;
		events_forget(peer);
		peer_tell(peer, &rpc_call_event_news, &news);
	}
}

/* A bucket of notes, which fills by so many a second. */
static bool
may_note(struct peer *peer)
{
	struct event_budget *budget = &peer->notes;
	const uint64_t now_ms = clock_monotonic_ms();
	uint64_t grown = (now_ms - budget->at_ms) * EVENT_NOTES_PER_S / 1000;

	if (budget->at_ms == 0)
		grown = EVENT_NOTES_BURST;
	if (grown > 0)
		budget->at_ms = now_ms;
	budget->left += grown < EVENT_NOTES_BURST - budget->left ?
	    (unsigned)grown : EVENT_NOTES_BURST - budget->left;
	if (budget->left == 0) {
		budget->n_dropped++;
		return false;
	}
	budget->left--;
	return true;
}

int
events_befell(struct peer *peer, const struct rpc_sandbox_befell_event *event,
    struct err *err)
{
	enum event_kind kind = event_kind_find(event->kind);
	char cause[EVENT_CAUSE_SIZE];
	struct sandbox *sandbox;

	if (kind == N_EVENT_KINDS || !event_kind_is_holders(kind))
		return err_set(err, EACCES, "kind: a holder may not say it");
	sandbox = calls_find(peer, event->id, NULL);
	/* It may have gone just now; that is nobody's fault. */
	if (sandbox == NULL || !may_note(peer))
		return 0;
	if (peer->notes.n_dropped > 0)
		snprintf(cause, sizeof cause, "%s (and %u before it that were "
		    "not kept)", event->detail, peer->notes.n_dropped);
	else
		snprintf(cause, sizeof cause, "%s", event->detail);
	peer->notes.n_dropped = 0;
	chronicle_tell(sandbox, kind, peer_audit(peer), cause);
	return 0;
}

/* A login's capability is for one sandbox, and has no end of its own. */
static bool
is_login(const struct peer *peer)
{
	return peer->capability.sandbox_id[0] != '\0' && peer->expiry == NULL;
}

static void
tell_login(struct peer *peer, enum event_kind kind)
{
	struct sandbox *sandbox = sandbox_find(&peer->daemon->sandboxes,
	    peer->capability.sandbox_id);

	if (sandbox != NULL)
		chronicle_tell(sandbox, kind, peer_audit(peer), "");
}

void
events_connected(struct peer *peer)
{
	if (peer->is_connected || !is_login(peer))
		return;
	peer->is_connected = true;
	tell_login(peer, EVENT_KIND_CONNECTED);
}

void
events_disconnected(struct peer *peer)
{
	if (peer->is_connected && !peer->daemon->is_ending)
		tell_login(peer, EVENT_KIND_DISCONNECTED);
	peer->is_connected = false;
}

int
take_sandbox_befell(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	(void)id;
	return events_befell(peer, data, err);
}

int
answer_event_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_event_list_req *request = data;
	struct event_question question = {.answer = answer_list,
	    .release = release, .owner = peer, .request_id = id};
	int r = read_request(peer, request, &question, err);

	return r < 0 ? r : ask_later(peer, &question,
	    request->is_followed != 0, err);
}

/* Whoever delivers sees everything, as he may be asked for any of it. */
int
answer_event_feed(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_event_feed_req *request = data;
	struct event_question question = {.is_feed = request->org[0] == '\0',
	    .is_known = true, .reach = RPC_REACH_ALL,
	    .since_ms = request->since_ms, .after_id = request->after_id,
	    .limit = request->limit != 0 ? request->limit : EVENT_PAGE,
	    .answer = answer_feed, .release = release, .owner = peer,
	    .request_id = id};
	int r = read_kinds(request->kinds, question.kinds, err);

	if (r == 0)
		r = check_limit(request->limit, err);
	snprintf(question.org, sizeof question.org, "%s", request->org);
	snprintf(question.sandbox_id, sizeof question.sandbox_id, "%s",
	    request->id);
	return r < 0 ? r : ask_later(peer, &question,
	    request->is_followed != 0, err);
}

int
take_event_news(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	(void)peer;
	(void)id;
	(void)data;
	return err_set(err, EACCES, "sandboxd alone says what is in the log");
}
