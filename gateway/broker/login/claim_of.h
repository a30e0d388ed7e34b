// SPDX-License-Identifier: Apache-2.0
/* A claim's inside: claim.c's, and of those it has beside it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "gateway/broker/creation.h"
#include "gateway/broker/login/holders.h"

/* A claim while it is being decided. */
struct claim {
	struct connection *connection;
	const struct rpc_call *call;
	uint32_t id;
	bool is_offer; /* nothing was proved: nothing may be opened */
	bool is_index_awaited;
	bool is_refused; /* but the refusal is not due yet */
	uint64_t started_us;
	sd_event_source *timer;
	char user[128]; /* as the client wrote it */
	uint8_t *shown; /* what the client shows, to ask about it again */
	struct holders_question question; /* points to the two above */
	struct holders holders;
	struct identity asked;	   /* the one to let in; org "" = nobody yet */
	struct creation *creation; /* of a login by "new", or NULL */
	char notice[512];	   /* what the user is to be told */
};
