// SPDX-License-Identifier: Apache-2.0
/* All that is forwarded on one connection; zeroed = nothing, but for turn. */
#pragma once

#include "gateway/ssh/forward/global_request.h"
#include "gateway/ssh/record/forward_recording.h"
#include "gateway/ssh/turn.h"

struct forward;
struct forward_listener;

struct forwarding {
	struct turn *turn;
	struct forward *forwards;
	uint32_t n_forwards;
	struct forward_listener *listeners;
	uint32_t n_listeners;
	struct forward_listener *agent; /* of those; NULL = none wanted */
	struct global_requests requests;
	struct forward_recording recording;
};

/* Nothing yet. */
static inline void
forwarding_init(struct forwarding *forwarding, struct turn *turn)
{
	*forwarding = (struct forwarding){.turn = turn,
	    .requests.turn = turn, .recording.turn = turn};
}
