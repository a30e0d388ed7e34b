// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/activity.h"

#include "gateway/ssh/channel.h"
#include "gateway/ssh/forward/forward.h"

/* Bytes are told of this often; those after the last time once it is over, so
 * that what sandboxd knows is never older than the last of them. */
#define TELL_EVERY_MS 1000

/* What the open channels amount to. */
struct use {
	const char *held;  /* what goes on by itself; NULL = nothing */
	uint64_t bytes_ms; /* when bytes last went anywhere; 0 = never */
};

static void
note_bytes(struct use *use, const struct relay *relay)
{
	if (relay->is_started && relay->used_ms > use->bytes_ms)
		use->bytes_ms = relay->used_ms;
}

/* A shell on a terminal may be forgotten; it is used when bytes go by. */
static bool
is_shell(const struct channel *c)
{
	return c->has_pty && (c->kind == INIT_SPAWN_SHELL ||
	    c->kind == INIT_SPAWN_QUIET_SHELL);
}

static struct use
look(const struct session *s)
{
	struct use use = {0};

	for (const struct forward *f = s->forwarding.forwards; f != NULL;
	    f = f->next) {
		if (f->state != FORWARD_OPEN)
			continue;
		use.held = "forward";
		note_bytes(&use, &f->relay);
	}
	for (const struct channel *c = s->channels; c != NULL; c = c->next) {
		if (c->state != CHANNEL_RUNNING)
			continue;
		if (c->kind == INIT_SPAWN_SFTP)
			use.held = "files";
		else if (!is_shell(c))
			use.held = "exec";
		note_bytes(&use, &c->relay);
	}
	/* Nobody may be there any more: a client that is asked answers. */
	if (s->alive_missed > 1)
		use.held = NULL;
	return use;
}

static void
tell(struct session *s, const struct use *use)
{
	const bool is_held = use->held != NULL;

	if (init_client_tell_use(&s->init, is_held ? use->held : "ssh",
	    is_held) < 0)
		return;
	s->is_use_held = is_held;
	s->use_told_ms = s->turn.now_ms;
	s->use_bytes_ms = use->bytes_ms;
}

void
activity_turn(struct session *s, int *timeout_ms)
{
	const struct use use = look(s);
	const uint64_t due_ms = s->use_told_ms + TELL_EVERY_MS;

	if (s->init.capability_fd < 0)
		return;
	if ((use.held != NULL) != s->is_use_held)
		tell(s, &use);
	if (use.held != NULL || use.bytes_ms <= s->use_bytes_ms)
		return;
	if (s->turn.now_ms >= due_ms)
		tell(s, &use);
	else
		turn_wake(timeout_ms, due_ms - s->turn.now_ms);
}
