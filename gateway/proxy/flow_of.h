// SPDX-License-Identifier: Apache-2.0
/* What the files of a flow share. Nothing here frees it: it is marked, and goes
 * when its turn is over. */
#pragma once

#include "gateway/proxy/flow.h"

/* Of flow.c: it is over; the next state, from whose beginning time counts; and
 * an answer of ours. */
void flow_kill(struct flow *flow);
void flow_enter(struct flow *flow, enum flow_state state);
void flow_refuse(struct flow *flow, int status, const char *words,
    const char *more);

/* No connection to the sandbox any more. */
void flow_hang_up(struct flow *flow);

/* Of flow_ask.c: a whole head has come, `size` bytes at the beginning of in;
 * and the sandbox is to be dialled once more for it. */
void flow_ask(struct flow *flow, size_t size);
void flow_ask_again(struct flow *flow);

/* Whether more is read into it; not for the sake of a few bytes, for which all
 * others would have to be moved. */
static inline bool
flow_has_room(const struct flow_buffer *buffer)
{
	return buffer->end < FLOW_BUFFER_BYTES ||
	    buffer->start == buffer->end ||
	    buffer->start >= FLOW_BUFFER_BYTES / 2;
}

/* Whether what the client sends is wanted now. */
static inline bool
flow_reads_client(const struct flow *flow)
{
	return flow->state == FLOW_HEAD || flow->state == FLOW_TUNNEL ||
	    flow->state == FLOW_LINGER || (flow->state == FLOW_EXCHANGE &&
	    flow->framing.state != FRAMING_HEAD);
}

/* Whether everything the client asked with has been sent on. */
bool flow_has_sent_all(const struct flow *flow);

/* Of flow_pump.c: moves what there is. Whether there is more than that. */
bool flow_pump(struct flow *flow);

/* Of flow.c: the end of whatever is called from elsewhere, which begins with
 * depth++: goes on, and frees it where it is over. */
void flow_turn(struct flow *flow);

/* What is waited for has changed: it may take as long from since_ms on. */
void flow_set_timer(struct flow *flow);
