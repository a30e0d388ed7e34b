// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/notes.h"

#include <errno.h>
#include <stdio.h>

#include "common/clock.h"
#include "gateway/broker/audit.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/connection.h"
#include "gateway/protocol/broker_calls.h"

#define FROM_SIZE (HANDOVER_ADDRESS_SIZE + 8) /* "[address]:port" */

static const char *const kinds[N_BROKER_FORWARD] = {
    [BROKER_FORWARD_DIAL_TCP] = "dial_tcp",
    [BROKER_FORWARD_DIAL_UNIX] = "dial_unix",
    [BROKER_FORWARD_LISTEN_TCP] = "listen_tcp",
    [BROKER_FORWARD_LISTEN_UNIX] = "listen_unix",
    [BROKER_FORWARD_AGENT] = "agent",
    [BROKER_FORWARD_X11] = "x11",
    [BROKER_FORWARD_ACCEPT] = "accept",
};

static void
write_line(const struct connection *c, const char *event, const char *kind,
    const char *target, const char *number_name, uint32_t number)
{
	char from[FROM_SIZE], digits[16] = "";

	snprintf(from, sizeof from, "[%s]:%u", c->peer_address, c->peer_port);
	if (number != 0)
		snprintf(digits, sizeof digits, "%u", number);
	audit_note(&c->broker->audit, event, "from", from, "org",
	    c->login.org, "user", c->login.user, "sandbox",
	    c->login.sandbox_id, "kind", kind, "target", target, number_name,
	    digits, NULL);
}

void
broker_notes_end(struct connection *c)
{
	if (c->notes.n_left_out > 0)
		write_line(c, "forwards_left_out", NULL, NULL, "count",
		    c->notes.n_left_out);
	c->notes.n_left_out = 0;
}

int
broker_notes_forward(struct connection *c, uint32_t id, const void *request,
    struct err *err)
{
	const struct rpc_note_forward_event *event = request;
	struct broker_notes *notes = &c->notes;
	uint64_t now_ms = clock_unix_ms();

	(void)id;
	if (event->kind >= N_BROKER_FORWARD)
		return err_set(err, EBADMSG, "kind: none of forwards");
	if (now_ms - notes->period_began_ms >= BROKER_NOTES_PERIOD_MS) {
		broker_notes_end(c);
		notes->period_began_ms = now_ms;
		notes->n_written = 0;
	}
	if (notes->n_written >= BROKER_NOTES_A_PERIOD) {
		notes->n_left_out++;
		return 0;
	}
	notes->n_written++;
	write_line(c, "forward", kinds[event->kind], event->target, "port",
	    event->port);
	return 0;
}
