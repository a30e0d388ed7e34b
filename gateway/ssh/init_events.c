// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/init_events.h"

#include <signal.h>
#include <sys/wait.h>

#include "common/fd.h"
#include "gateway/ssh/channel.h"
#include "gateway/ssh/forward/forwards.h"
#include "gateway/ssh/news.h"
#include "gateway/ssh/session.h"

#define EVENTS_PER_TURN 64

static struct channel *
find_spawn(struct session *s, uint32_t id)
{
	struct channel *c = s->channels;

	while (c != NULL && (c->state != CHANNEL_STARTING || c->spawn_id != id))
		c = c->next;
	return c;
}

static void
fail_wanted(struct session *s, enum channel_state last, const char *words)
{
	for (struct channel *c = s->channels; c != NULL; c = c->next)
		if (c->state >= CHANNEL_WANTED && c->state <= last)
			channel_failed(c, words);
}

/* The sandbox's init is gone, and with it everything in the sandbox. */
static void
lose_init(struct session *s)
{
	fail_wanted(s, CHANNEL_STARTING, "the sandbox went away");
	forwards_fail(&s->forwarding, true, "the sandbox went away");
	for (struct channel *c = s->channels; c != NULL; c = c->next)
		channel_exited(c, W_EXITCODE(0, SIGKILL));
}

static void
take_limits(struct session *s, const struct init_event *event)
{
	bool is_baseline = event->id == s->baseline_id;

	if (event->oom_kills > s->oom_kills)
		s->oom_kills = event->oom_kills;
	for (struct channel *c = s->channels; c != NULL; c = c->next)
		if (is_baseline)
			c->oom_kills = s->oom_kills;
		else
			channel_limits(c, event);
}

static void
take_event(struct session *s, struct init_event *event)
{
	struct channel *c;
	uint32_t id;

	switch (event->kind) {
	case INIT_SPAWNED:
		c = find_spawn(s, event->id);
		if (c != NULL)
			channel_spawned(c, event);
		if (s->baseline_id == 0)
			(void)init_client_ask_limits(&s->init,
			    &s->baseline_id);
		break;
	case INIT_SPAWN_FAILED:
		c = find_spawn(s, event->id);
		if (c != NULL)
			channel_failed(c, event->err.text);
		break;
	case INIT_EXITED:
		for (c = s->channels; c != NULL; c = c->next)
			if (c->handle == event->handle)
				channel_exited(c, event->wait_status);
		break;
	case INIT_FORWARDED:
		forwards_answer(&s->forwarding, event);
		break;
	case INIT_ATTACH_FAILED:
		fail_wanted(s, CHANNEL_WANTED, event->err.text);
		forwards_fail(&s->forwarding, false, event->err.text);
		break;
	case INIT_CAPABILITY_LOST:
		if (s->init.init_fd >= 0)
			break;
		fail_wanted(s, CHANNEL_WANTED,
		    "the sandbox is out of reach; connect again");
		forwards_fail(&s->forwarding, false,
		    "the sandbox is out of reach");
		break;
	case INIT_LOST:
		lose_init(s);
		break;
	case INIT_OOM:
		(void)init_client_ask_limits(&s->init, &id);
		break;
	case INIT_LIMITS:
		take_limits(s, event);
		break;
	case INIT_MOVED:
		news_take(s, event);
		break;
	case INIT_DENIED:
		why_take(s, event);
		break;
	case INIT_NOTHING:
	case INIT_IGNORED:
	case INIT_ATTACHED:
		break;
	}
	for (size_t i = 0; i < event->n_fds; i++)
		fd_close(&event->fds[i]);
}

void
init_events_take(struct session *s,
    void (*receive)(struct init_client *, struct init_event *))
{
	struct init_event event;

	for (int i = 0; i < EVENTS_PER_TURN; i++) {
		receive(&s->init, &event);
		if (event.kind == INIT_NOTHING)
			return;
		take_event(s, &event);
	}
}
