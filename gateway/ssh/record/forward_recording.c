// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/record/forward_recording.h"

#include <stdio.h>

#include "gateway/ssh/login.h"
#include "gateway/ssh/record/recording.h"

bool
forward_recording_allows(struct forward_recording *r)
{
	static const struct rpc_record_open_req request = {.command = "",
	    .term = ""};
	static char words[ERR_TEXT_SIZE + 64];
	enum recording_state state = RECORDING_FAILED;

	if (!r->turn->login->is_recorded)
		return true;
	if (r->recording == NULL)
		r->recording = recording_new(r->turn,
		    BROKER_RECORDING_FORWARD);
	if (r->recording != NULL)
		state = recording_ask(r->recording, &request);
	if (state == RECORDING_FAILED && r->turn->ending == NULL) {
		snprintf(words, sizeof words,
		    "The recording of forwards cannot be made: %s",
		    r->recording != NULL ?
		    recording_failure(r->recording) :
		    "out of memory");
		turn_end(r->turn, words);
	}
	return state == RECORDING_READY;
}

bool
forward_recording_waits(const struct forward_recording *r)
{
	return r->recording != NULL &&
	    recording_state(r->recording) <= RECORDING_ASKED;
}

static struct json_text *
begin(const struct forward_recording *r, const char *name)
{
	return r->recording != NULL ?
	    recording_begin_event(r->recording, name) : NULL;
}

static void
add_target(struct json_text *text, const char *target, uint32_t port)
{
	json_text_add_member(text, "target", target);
	if (port != 0)
		json_text_addf(text, ",\"port\":%u", port);
}

void
forward_recording_note(struct forward_recording *r, uint32_t kind,
    const char *target, uint32_t port)
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
	text = begin(r, rows[kind].event);
	if (text == NULL)
		return;
	json_text_add_member(text, "type", rows[kind].type);
	add_target(text, target, port);
	recording_end_event(r->recording);
}

void
forward_recording_fail(struct forward_recording *r,
    const struct forward_record *f, const char *words)
{
	struct json_text *text = begin(r, "failed");

	if (text == NULL)
		return;
	json_text_add_member(text, "type", f->type);
	add_target(text, f->target, f->port);
	json_text_add_member(text, "result", words);
	recording_end_event(r->recording);
}

static bool
count(void *arg, enum relay_way way, const uint8_t *data, size_t size)
{
	struct forward_record *f = arg;

	(void)data;
	f->n_bytes[way] += size;
	return true;
}

void
forward_recording_start(struct forward_recording *r, struct forward_record *f,
    struct relay *relay)
{
	struct json_text *text = begin(r, "open");

	if (text == NULL)
		return;
	f->number = ++r->n_opened;
	relay->tap = count;
	relay->tap_arg = f;
	json_text_addf(text, ",\"number\":%u", f->number);
	json_text_add_member(text, "type", f->type);
	if (f->target != NULL)
		add_target(text, f->target, f->port);
	recording_end_event(r->recording);
}

void
forward_recording_stop(struct forward_recording *r,
    const struct forward_record *f)
{
	struct json_text *text;

	if (f->number == 0)
		return;
	text = begin(r, "close");
	if (text == NULL)
		return;
	json_text_addf(text, ",\"number\":%u,\"to_sandbox_bytes\":%llu,"
	    "\"from_sandbox_bytes\":%llu", f->number,
	    (unsigned long long)f->n_bytes[RELAY_INPUT],
	    (unsigned long long)f->n_bytes[RELAY_OUTPUT]);
	recording_end_event(r->recording);
}

void
forward_recording_flush(struct forward_recording *r)
{
	if (r->recording != NULL)
		recording_flush(r->recording);
}

void
forward_recording_close(struct forward_recording *r)
{
	recording_close(r->recording, NULL);
	r->recording = NULL;
}
