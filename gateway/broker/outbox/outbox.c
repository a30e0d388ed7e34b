// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/outbox/outbox.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/rpc_watch.h"
#include "gateway/broker/outbox/feed.h"
#include "gateway/broker/outbox/hook.h"

#define RETRY_MS	200
#define CALLS_MAX	16384
#define SENT_MAX	16
#define QUEUE_BYTES_MAX (4 * 1024 * 1024)
#define PAGE		64
#define MARKS_MAX	256

struct outbox {
	sd_event *event;
	struct store *store;
	struct rpc_watch watch;
	struct courier courier;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	sd_event_source *timer; /* to connect again */
	bool is_connected;
	bool is_following; /* sandboxd tells of news, or is asked to */
	uint64_t head;	   /* up to there hooks were told that there is news */
	TAILQ_HEAD(, hook) hooks; /* in order of id */
};

struct courier *
feed_courier(struct outbox *outbox)
{
	return &outbox->courier;
}

sd_event *
feed_event(struct outbox *outbox)
{
	return outbox->event;
}

int
feed_ask(struct outbox *outbox, const struct rpc_event_feed_req *request,
    rpc_client_done *done, void *arg)
{
	if (!outbox->is_connected)
		return -ENOTCONN;
	return rpc_client_call(outbox->watch.client, &(struct rpc_client_call){
	    .row = &rpc_call_event_feed, .request = request, .done = done,
	    .arg = arg}, NULL, NULL);
}

void
feed_forget(struct outbox *outbox, const void *arg)
{
	rpc_client_forget(outbox->watch.client, arg);
}

void
feed_lose(struct outbox *outbox, const struct err *err)
{
	if (!outbox->is_connected)
		return;
	log_warn("webhooks: %s", err->text);
	rpc_client_connect(outbox->watch.client, -1);
}

static bool
has_kind(const char *kinds, const char *kind)
{
	const size_t n = strlen(kind);

	for (const char *at = kinds; *at != '\0'; at++) {
		if (strncmp(at, kind, n) == 0 &&
		    (at[n] == '\0' || at[n] == ','))
			return true;
		at += strcspn(at, ",");
		if (*at == '\0')
			break;
	}
	return *kinds == '\0';
}

static void
tell_hooks(struct outbox *outbox, const struct rpc_event_info *event)
{
	struct hook *hook;

	TAILQ_FOREACH(hook, &outbox->hooks, link) {
		const struct webhook *webhook = &hook->told.webhook;

		if (strcmp(webhook->org, event->org) == 0 &&
		    (webhook->sandbox_id[0] == '\0' ||
		    strcmp(webhook->sandbox_id, event->sandbox_id) == 0) &&
		    has_kind(webhook->kinds, event->kind))
			hook_kick(hook);
	}
}

static void
kick_all(struct outbox *outbox)
{
	struct hook *hook;

	TAILQ_FOREACH(hook, &outbox->hooks, link)
		hook_kick(hook);
}

static void follow(struct outbox *outbox);

static void
on_head(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	struct outbox *outbox = arg;
	const struct rpc_event_list_rep *page = data;
	struct rpc_event_info event;
	struct rpc_bytes events;

	(void)message;
	if (page == NULL) {
		outbox->is_following = false;
		feed_lose(outbox, err);
		return;
	}
	/* From here on; what was before, each finds from its cursor on. */
	if (outbox->head == 0) {
		outbox->head = page->last_id;
		kick_all(outbox);
		return;
	}
	events = page->events;
	while (rpc_list_next(&rpc_layout_event_info, &events, &event)) {
		outbox->head = event.id;
		tell_hooks(outbox, &event);
	}
	if (page->more != 0)
		follow(outbox);
}

/* What has come, and to be told once there is more; of nobody's where there is
 * no head yet, which has it say where that is. */
static void
follow(struct outbox *outbox)
{
	const struct rpc_event_feed_req request = {.org = "", .id = "",
	    .kinds = "", .after_id = outbox->head != 0 ? outbox->head :
	    INT64_MAX, .limit = PAGE, .is_followed = 1};

	outbox->is_following = feed_ask(outbox, &request, on_head,
	    outbox) == 0;
}

/* Without a webhook nobody need be told of anything. */
static void
follow_if_wanted(struct outbox *outbox)
{
	if (outbox->is_connected && !outbox->is_following &&
	    !TAILQ_EMPTY(&outbox->hooks)) {
		outbox->head = 0;
		follow(outbox);
	}
}

static int
take_news(void *arg, const struct rpc_message *message)
{
	struct outbox *outbox = arg;
	struct rpc_event_news_event news;
	int r = rpc_open_request(&rpc_call_event_news, message, &news);

	if (r < 0)
		return r;
	outbox->is_following = false;
	if (!TAILQ_EMPTY(&outbox->hooks))
		follow(outbox);
	return 0;
}

static void
connect_later(struct outbox *outbox)
{
	(void)sd_event_source_set_time_relative(outbox->timer,
	    RETRY_MS * 1000);
	(void)sd_event_source_set_enabled(outbox->timer, SD_EVENT_ONESHOT);
}

static void
on_ended(void *arg)
{
	struct outbox *outbox = arg;

	outbox->is_connected = outbox->is_following = false;
	connect_later(outbox);
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct outbox *outbox = arg;
	int fd = fd_seqpacket_connect(outbox->path);

	(void)source;
	(void)usec;
	if (fd < 0) {
		connect_later(outbox);
		return 0;
	}
	rpc_client_connect(outbox->watch.client, fd);
	outbox->is_connected = true;
	follow_if_wanted(outbox);
	return 0;
}

static int
add(struct outbox *outbox, const struct webhook *webhook,
    struct hook **ret)
{
	struct hook *hook = calloc(1, sizeof *hook);

	if (hook == NULL)
		return -ENOMEM;
	hook->told.webhook = *webhook;
	hook->outbox = outbox;
	hook->post.answer_fd = hook->test.answer_fd = -1;
	TAILQ_INSERT_TAIL(&outbox->hooks, hook, link);
	*ret = hook;
	return 0;
}

static int
load(void *arg, const struct webhook *webhook)
{
	struct hook *hook;

	return add(arg, webhook, &hook);
}

static int
set_up(struct outbox *outbox, struct err *err)
{
	const struct rpc_client_options options = {.calls_max = CALLS_MAX,
	    .queue_bytes_max = QUEUE_BYTES_MAX, .sent_max = SENT_MAX,
	    .event = take_news, .ended = on_ended, .arg = outbox};
	int r = rpc_watch_init(&outbox->watch, outbox->event, &options, err);

	if (r < 0)
		return r;
	r = webhook_list(outbox->store, load, outbox, err);
	if (r < 0)
		return r;
	/* A login goes before. */
	outbox->watch.priority = SD_EVENT_PRIORITY_IDLE;
	r = sd_event_add_time_relative(outbox->event, &outbox->timer,
	    CLOCK_MONOTONIC, 0, 0, on_timer, outbox);
	return r < 0 ? err_set(err, -r, "event loop: %s", strerror(-r)) : 0;
}

int
outbox_new(sd_event *event, struct store *store, const char *path,
    struct outbox **ret, struct err *err)
{
	struct outbox *outbox = calloc(1, sizeof *outbox);
	int r;

	if (outbox == NULL)
		return err_set(err, ENOMEM, "out of memory");
	outbox->event = event;
	outbox->store = store;
	TAILQ_INIT(&outbox->hooks);
	courier_init(&outbox->courier, event);
	snprintf(outbox->path, sizeof outbox->path, "%s", path);
	r = set_up(outbox, err);
	if (r < 0)
		outbox_free(outbox);
	else
		*ret = outbox;
	return r;
}

static void
hook_free(struct outbox *outbox, struct hook *hook)
{
	hook_stop(hook);
	TAILQ_REMOVE(&outbox->hooks, hook, link);
	sodium_memzero(hook, sizeof *hook);
	free(hook);
}

void
outbox_free(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	outbox_flush(outbox);
	while (!TAILQ_EMPTY(&outbox->hooks))
		hook_free(outbox, TAILQ_FIRST(&outbox->hooks));
	courier_fini(&outbox->courier);
	sd_event_source_disable_unref(outbox->timer);
	rpc_watch_fini(&outbox->watch);
	free(outbox);
}

int
outbox_set_zygote(struct outbox *outbox, int *fd)
{
	return courier_set_zygote(&outbox->courier, fd);
}

static struct hook *
find(const struct outbox *outbox, int64_t id)
{
	struct hook *hook;

	TAILQ_FOREACH(hook, &outbox->hooks, link)
		if (hook->told.webhook.id == id)
			return hook;
	return NULL;
}

int
outbox_add(struct outbox *outbox, const struct webhook *webhook,
    struct err *err)
{
	struct hook *hook;

	if (add(outbox, webhook, &hook) < 0)
		return err_set(err, ENOMEM, "out of memory");
	follow_if_wanted(outbox);
	hook_kick(hook);
	return 0;
}

int
outbox_remove(struct outbox *outbox, int64_t id, struct err *err)
{
	struct hook *hook = find(outbox, id);
	int r = webhook_remove(outbox->store, id, err);

	if (r == 0 && hook != NULL)
		hook_free(outbox, hook);
	return r;
}

static int
keep(void *arg, const struct webhook *webhook)
{
	struct hook **at = arg;

	/* Both are in order of id. */
	while (*at != NULL && (*at)->told.webhook.id < webhook->id) {
		struct hook *gone = *at;

		*at = TAILQ_NEXT(gone, link);
		hook_free(gone->outbox, gone);
	}
	if (*at != NULL && (*at)->told.webhook.id == webhook->id)
		*at = TAILQ_NEXT(*at, link);
	return 0;
}

void
outbox_review(struct outbox *outbox)
{
	struct hook *at = TAILQ_FIRST(&outbox->hooks);
	struct err err = {0};

	if (webhook_list(outbox->store, keep, &at, &err) < 0) {
		log_error("webhooks: %s", err.text);
		return;
	}
	while (at != NULL) {
		struct hook *gone = at;

		at = TAILQ_NEXT(gone, link);
		hook_free(outbox, gone);
	}
}

int
outbox_test(struct outbox *outbox, int64_t id, struct err *err)
{
	struct hook *hook = find(outbox, id);

	return hook != NULL ? hook_test(hook, err) :
	    err_set(err, ENOENT, "no webhook %lld", (long long)id);
}

const struct outbox_hook *
outbox_next(const struct outbox *outbox, const char *org, int64_t after)
{
	const struct hook *hook;

	TAILQ_FOREACH(hook, &outbox->hooks, link)
		if (hook->told.webhook.id > after &&
		    strcmp(hook->told.webhook.org, org) == 0)
			return &hook->told;
	return NULL;
}

void
outbox_flush(struct outbox *outbox)
{
	struct webhook_mark marks[MARKS_MAX];
	struct hook *hook;
	struct err err = {0};
	size_t n = 0;
	int r = 0;

	TAILQ_FOREACH(hook, &outbox->hooks, link) {
		if (!hook->is_marked || r < 0)
			continue;
		marks[n++] = (struct webhook_mark){hook->told.webhook.id,
		    hook->told.webhook.cursor};
		hook->is_marked = false;
		if (n == MARKS_MAX) {
			r = webhook_mark(outbox->store, marks, n, &err);
			n = 0;
		}
	}
	if (r == 0)
		r = webhook_mark(outbox->store, marks, n, &err);
	if (r < 0)
		log_error("webhooks: %s", err.text);
}
