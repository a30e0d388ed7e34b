// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/outbox/hook.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway/broker/outbox/feed.h"
#include "gateway/broker/outbox/payload.h"

static void ask(struct hook *hook);

uint64_t
hook_pause_ms(unsigned n_tries)
{
	uint64_t pause_ms = HOOK_PAUSE_FIRST_MS;

	for (unsigned i = 1; i < n_tries && pause_ms < HOOK_PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	return pause_ms < HOOK_PAUSE_MAX_MS ? pause_ms : HOOK_PAUSE_MAX_MS;
}

static bool
is_taken(const struct handover_posted *posted)
{
	return posted->status >= 200 && posted->status < 300;
}

/* They come out of a jail. */
static void
copy_words(char ret[128], const char words[128])
{
	for (size_t i = 0; i < 128; i++)
		ret[i] = words[i] == '\0' || (words[i] >= ' ' &&
		    words[i] <= '~') ? words[i] : '?';
	ret[127] = '\0';
}

static void
remember(struct hook *hook, const struct handover_post *order,
    const struct handover_posted *posted, unsigned n_tries)
{
	struct outbox_hook *told = &hook->told;
	struct outbox_delivery *delivery;

	/* Another try of the same is no other delivery. */
	delivery = told->n_deliveries == 0 ? NULL :
	    &told->deliveries[told->n_deliveries - 1];
	if (delivery == NULL || strcmp(delivery->event_id, order->event_id)) {
		if (told->n_deliveries == OUTBOX_DELIVERIES_MAX)
			memmove(told->deliveries, told->deliveries + 1,
			    --told->n_deliveries * sizeof *delivery);
		delivery = &told->deliveries[told->n_deliveries++];
	}
	*delivery = (struct outbox_delivery){.at_ms = clock_unix_ms(),
	    .status = posted->status, .tries = n_tries};
	memcpy(delivery->event_id, order->event_id,
	    sizeof delivery->event_id);
	memcpy(delivery->event_type, order->event_type,
	    sizeof delivery->event_type);
	if (posted->status >= 300 && posted->status < 400)
		snprintf(delivery->words, sizeof delivery->words,
		    "redirects are not followed");
	else
		copy_words(delivery->words, posted->words);
}

static void
go_on(struct hook *hook)
{
	hook->told.webhook.cursor = hook->event_id;
	hook->is_marked = true;
	hook->event_id = 0;
	hook->n_tries = 0;
	ask(hook);
}

static int
on_pause(sd_event_source *source, uint64_t usec, void *arg)
{
	struct hook *hook = arg;

	(void)source;
	(void)usec;
	hook->pause = sd_event_source_disable_unref(hook->pause);
	courier_send(feed_courier(hook->outbox), &hook->post);
	return 0;
}

static void
try_later(struct hook *hook)
{
	uint64_t pause_ms = hook_pause_ms(hook->n_tries);

	if (sd_event_add_time_relative(feed_event(hook->outbox), &hook->pause,
	    CLOCK_MONOTONIC, pause_ms * 1000, 0, on_pause, hook) < 0)
		log_error("webhook %lld stands still: no timer",
		    (long long)hook->told.webhook.id);
}

static void
on_posted(struct courier_post *post, const struct handover_posted *posted)
{
	struct hook *hook = (struct hook *)((char *)post -
	    offsetof(struct hook, post));
	const bool is_old = clock_unix_ms() > hook->event_at_ms +
	    OUTBOX_AGE_MAX_MS;

	hook->n_tries++;
	remember(hook, &post->order, posted, hook->n_tries);
	if (is_taken(posted)) {
		go_on(hook);
	} else if (is_old) {
		log_warn("webhook %lld: event %s given up after %u tries",
		    (long long)hook->told.webhook.id, post->order.event_id,
		    hook->n_tries);
		go_on(hook);
	} else {
		try_later(hook);
	}
}

static void
send_event(struct hook *hook, const struct rpc_event_info *event)
{
	hook->event_id = event->id;
	hook->event_at_ms = event->at_ms;
	hook->n_tries = 0;
	if (payload_make(&hook->told.webhook, event, 0, NULL,
	    &hook->post.order) < 0) {
		log_error("webhook %lld: event %llu is too large",
		    (long long)hook->told.webhook.id,
		    (unsigned long long)event->id);
		go_on(hook);
		return;
	}
	hook->post.org = hook->told.webhook.org;
	hook->post.done = on_posted;
	courier_send(feed_courier(hook->outbox), &hook->post);
}

static void
on_page(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	struct hook *hook = arg;
	const struct rpc_event_list_rep *page = data;
	struct rpc_event_info event;
	struct rpc_bytes events;

	(void)message;
	hook->is_asking = false;
	if (page == NULL) {
		feed_lose(hook->outbox, err);
		return;
	}
	events = page->events;
	if (rpc_list_next(&rpc_layout_event_info, &events, &event)) {
		send_event(hook, &event);
		return;
	}
	/* All that there is has been looked at. */
	if (page->last_id > hook->told.webhook.cursor) {
		hook->told.webhook.cursor = page->last_id;
		hook->is_marked = true;
	}
	if (hook->is_due)
		ask(hook);
}

static void
ask(struct hook *hook)
{
	const struct webhook *webhook = &hook->told.webhook;
	const struct rpc_event_feed_req request = {.org = webhook->org,
	    .id = webhook->sandbox_id, .after_id = webhook->cursor,
	    .since_ms = (uint64_t)webhook->created_ms,
	    .kinds = webhook->kinds, .limit = 1};

	hook->is_due = false;
	hook->is_asking = feed_ask(hook->outbox, &request, on_page, hook) == 0;
}

void
hook_kick(struct hook *hook)
{
	hook->is_due = true;
	if (!hook->is_asking && hook->event_id == 0)
		ask(hook);
}

static void
on_tested(struct courier_post *post, const struct handover_posted *posted)
{
	struct hook *hook = (struct hook *)((char *)post -
	    offsetof(struct hook, test));

	remember(hook, &post->order, posted, 1);
}

int
hook_test(struct hook *hook, struct err *err)
{
	const struct webhook *webhook = &hook->told.webhook;
	const uint64_t now_ms = clock_unix_ms();
	char id[32];
	int r;

	if (hook->test.courier != NULL)
		return err_set(err, EBUSY, "a test is under way");
	snprintf(id, sizeof id, "test-%llu-%u", (unsigned long long)now_ms,
	    ++hook->n_tests);
	r = payload_make(webhook, NULL, now_ms, id, &hook->test.order);
	if (r < 0)
		return err_set(err, -r, "webhook: %s", strerror(-r));
	hook->test.org = webhook->org;
	hook->test.done = on_tested;
	courier_send(feed_courier(hook->outbox), &hook->test);
	return 0;
}

void
hook_stop(struct hook *hook)
{
	feed_forget(hook->outbox, hook);
	courier_forget(&hook->post);
	courier_forget(&hook->test);
	hook->pause = sd_event_source_disable_unref(hook->pause);
}
