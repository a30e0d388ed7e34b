// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/news.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/ssh/channel.h"
#include "gateway/ssh/forward/forwards.h"

/* From a destroy to the end of the connection: with nothing open on it, so that
 * what ended last is told first, and whatever is open. */
#define GONE_LINGER_MS 100
#define GONE_WAIT_MS   700

void
news_say(struct session *s, const char *fmt, ...)
{
	char words[NEWS_SIZE], line[sizeof words + 16];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	for (struct channel *c = s->channels; c != NULL; c = c->next) {
		if (c->state < CHANNEL_STARTING || c->state > CHANNEL_RUNNING)
			continue;
		snprintf(line, sizeof line, "%ssandgate: %s%s",
		    c->has_pty ? "\r\n" : "", words,
		    c->has_pty ? "\r\n" : "\n");
		relay_say(&c->relay, line);
	}
}

/* Whether somebody waits for what init was asked just before it stood still. */
static bool
has_asked_init(const struct session *s)
{
	for (const struct channel *c = s->channels; c != NULL; c = c->next)
		if (c->state == CHANNEL_STARTING)
			return true;
	return forwards_have_asked_init(&s->forwarding);
}

void
news_take(struct session *s, const struct init_event *event)
{
	const char *state = event->text, *reason = event->err.text;
	struct err err;

	if (strcmp(state, "paused") == 0) {
		s->was_paused = true;
		news_say(s, "%s; it goes on when it is resumed", reason);
		if (has_asked_init(s))
			(void)init_client_resume(&s->init, &err);
	} else if (strcmp(state, "running") == 0 && s->was_paused) {
		s->was_paused = false;
		news_say(s, "resumed");
	} else if (strcmp(state, "suspending") == 0 ||
	    strcmp(state, "cleaning") == 0 ||
	    strcmp(state, "destroying") == 0) {
		news_say(s, "%s", reason);
	}
	/* Streams end by themselves, each with its reason; a connection without
	 * any would never learn of it. */
	if (strcmp(state, "destroying") == 0 && s->gone_ms == 0) {
		s->gone_ms = s->turn.now_ms;
		snprintf(s->gone, sizeof s->gone, "the sandbox was %s",
		    reason);
	}
}

void
news_turn(struct session *s, int *timeout_ms)
{
	const bool is_empty = s->channels == NULL &&
	    s->forwarding.forwards == NULL;
	uint64_t due_ms = s->gone_ms + (is_empty ? GONE_LINGER_MS :
	    GONE_WAIT_MS);

	if (s->gone_ms == 0)
		return;
	if (s->turn.now_ms >= due_ms)
		turn_end(&s->turn, s->gone);
	else
		turn_wake(timeout_ms, due_ms - s->turn.now_ms);
}
