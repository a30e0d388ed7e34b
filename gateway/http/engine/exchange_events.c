// SPDX-License-Identifier: Apache-2.0
/* An answer that comes as the last of several events. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/engine/exchange_of.h"
#include "gateway/http/engine/outbox.h"

#define MEDIA_TYPE "text/event-stream"

struct exchange_events {
	struct loop_timer timer;
	struct exchange *exchange;
	struct outbox out;
	uint64_t every_ms;
	void (*tick)(void *arg);
	void *arg;
	bool is_begun, is_over;
	int failed; /* -errno */
};

static void
on_due(struct loop_timer *timer)
{
	struct exchange_events *events =
	    (struct exchange_events *)(void *)timer;
	struct exchange *exchange = events->exchange;

	/* It may answer, and what has been answered is not told of. */
	if (exchange->reply.status != 0 && !events->is_begun)
		return;
	if (events->is_over)
		return;
	loop_set_timer(exchange->options->loop, &events->timer,
	    events->every_ms);
	events->tick(events->arg);
}

int
exchange_allow_events(struct exchange *exchange, uint64_t every_ms,
    void (*tick)(void *arg), void *arg)
{
	struct exchange_events *events = calloc(1, sizeof *events);

	if (events == NULL)
		return -ENOMEM;
	events->timer.due = on_due;
	events->exchange = exchange;
	events->every_ms = every_ms;
	events->tick = tick;
	events->arg = arg;
	exchange->events = events;
	loop_set_timer(exchange->options->loop, &events->timer, every_ms);
	return 0;
}

void
exchange_events_free(struct exchange *exchange)
{
	struct exchange_events *events = exchange->events;

	if (events == NULL)
		return;
	loop_stop_timer(exchange->options->loop, &events->timer);
	outbox_fini(&events->out);
	free(events);
	exchange->events = NULL;
}

/* Takes over the event, which may be NULL: out of memory. */
static void
add(struct exchange_events *events, json_t *event)
{
	char *text = event != NULL ? json_dumps(event, JSON_COMPACT) : NULL;
	static const char head[] = "event: message\ndata: ", tail[] = "\n\n";

	json_decref(event);
	if (text == NULL ||
	    outbox_add(&events->out, head, sizeof head - 1) < 0 ||
	    outbox_add(&events->out, text, strlen(text)) < 0 ||
	    outbox_add(&events->out, tail, sizeof tail - 1) < 0)
		events->failed = -ENOMEM;
	free(text);
}

void
exchange_add_event(struct exchange *exchange, json_t *event)
{
	struct exchange_events *events = exchange->events;

	if (events == NULL || events->is_over ||
	    (exchange->reply.status != 0 && !events->is_begun) ||
	    outbox_is_full(&events->out)) {
		json_decref(event);
		return;
	}
	add(events, event);
	if (!events->is_begun) {
		events->is_begun = true;
		exchange_add_header(exchange, "Cache-Control", "no-cache");
		exchange_open_stream(exchange, MEDIA_TYPE);
	}
	exchange_proceed(exchange);
}

bool
exchange_ends_events(struct exchange *exchange, json_t *body)
{
	struct exchange_events *events = exchange->events;

	if (events == NULL)
		return false;
	loop_stop_timer(exchange->options->loop, &events->timer);
	if (!events->is_begun)
		return false;
	if (events->is_over)
		json_decref(body);
	else if (body != NULL)
		add(events, body);
	events->is_over = true;
	exchange_proceed(exchange);
	return true;
}

bool
exchange_has_events(const struct exchange *exchange)
{
	return exchange->events != NULL && exchange->events->is_begun;
}

ssize_t
exchange_take_events(struct exchange *exchange, void *data, size_t size)
{
	struct exchange_events *events = exchange->events;
	size_t n;

	if (events->failed < 0)
		return events->failed;
	n = outbox_take(&events->out, data, size);
	return n > 0 ? (ssize_t)n : events->is_over ? -ENODATA : 0;
}
