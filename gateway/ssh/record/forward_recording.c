// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/record/forward_recording.h"

#include <stdio.h>

#include "gateway/ssh/record/recording.h"

bool
forward_recording_allows(struct session *s)
{
	static const struct rpc_record_open_req request = {.command = "",
	    .term = ""};
	static char words[ERR_TEXT_SIZE + 64];
	enum recording_state state = RECORDING_FAILED;

	if (!s->login.is_recorded)
		return true;
	if (s->forwards_recording == NULL)
		s->forwards_recording = recording_new(s,
		    BROKER_RECORDING_FORWARD);
	if (s->forwards_recording != NULL)
		state = recording_ask(s->forwards_recording, &request);
	if (state == RECORDING_FAILED && s->ending == NULL) {
		snprintf(words, sizeof words,
		    "The recording of forwards cannot be made: %s",
		    s->forwards_recording != NULL ?
		    recording_failure(s->forwards_recording) :
		    "out of memory");
		session_end(s, words);
	}
	return state == RECORDING_READY;
}

bool
forward_recording_waits(const struct session *s)
{
	return s->forwards_recording != NULL &&
	    recording_state(s->forwards_recording) <= RECORDING_ASKED;
}

static struct json_text *
begin(const struct session *s, const char *name)
{
	return s->forwards_recording != NULL ?
	    recording_begin_event(s->forwards_recording, name) : NULL;
}

static void
add_target(struct json_text *text, const char *target, uint32_t port)
{
	json_text_add_member(text, "target", target);
	if (port != 0)
		json_text_addf(text, ",\"port\":%u", port);
}

void
forward_recording_note(struct session *s, uint32_t kind, const char *target,
    uint32_t port)
{
	static const struct {
		const char *event, *type;
	} rows[N_BROKER_FORWARD] = {
	    [BROKER_FORWARD_LISTEN_TCP] = {"listen", "tcp"},
	    [BROKER_FORWARD_LISTEN_UNIX] = {"listen", "unix"},
	    [BROKER_FORWARD_AGENT] = {"listen", "agent"},
	    [BROKER_FORWARD_X11] = {"listen", "x11"},
	    [BROKER_FORWARD_ACCEPT] = {"accept", ""},
	};
	struct json_text *text;

	/* What is dialled is told when it is open, or has failed. */
	if (kind >= N_BROKER_FORWARD || rows[kind].event == NULL)
		return;
	text = begin(s, rows[kind].event);
	if (text == NULL)
		return;
	json_text_add_member(text, "type", rows[kind].type);
	add_target(text, target, port);
	recording_end_event(s->forwards_recording);
}

void
forward_recording_fail(const struct forward *f, const char *words)
{
	struct json_text *text = begin(f->session, "failed");

	if (text == NULL)
		return;
	json_text_add_member(text, "type", f->type);
	add_target(text, f->target, f->port);
	json_text_add_member(text, "result", words);
	recording_end_event(f->session->forwards_recording);
}

static bool
count(void *arg, enum relay_way way, const uint8_t *data, size_t size)
{
	struct forward *f = arg;

	(void)data;
	f->n_bytes[way] += size;
	return true;
}

void
forward_recording_start(struct forward *f)
{
	struct session *s = f->session;
	struct json_text *text = begin(s, "open");

	if (text == NULL)
		return;
	f->number = ++s->n_forwards_recorded;
	f->relay.tap = count;
	f->relay.tap_arg = f;
	json_text_addf(text, ",\"number\":%u", f->number);
	json_text_add_member(text, "type", f->type);
	if (f->target != NULL)
		add_target(text, f->target, f->port);
	recording_end_event(s->forwards_recording);
}

void
forward_recording_stop(const struct forward *f)
{
	struct json_text *text;

	if (f->number == 0)
		return;
	text = begin(f->session, "close");
	if (text == NULL)
		return;
	json_text_addf(text, ",\"number\":%u,\"to_sandbox_bytes\":%llu,"
	    "\"from_sandbox_bytes\":%llu", f->number,
	    (unsigned long long)f->n_bytes[RELAY_INPUT],
	    (unsigned long long)f->n_bytes[RELAY_OUTPUT]);
	recording_end_event(f->session->forwards_recording);
}

void
forward_recording_flush(struct session *s)
{
	if (s->forwards_recording != NULL)
		recording_flush(s->forwards_recording);
}

void
forward_recording_close(struct session *s)
{
	for (const struct forward *f = s->forwards; f != NULL; f = f->next)
		forward_recording_stop(f);
	recording_close(s->forwards_recording, NULL);
	s->forwards_recording = NULL;
}
