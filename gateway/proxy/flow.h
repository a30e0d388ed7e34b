// SPDX-License-Identifier: Apache-2.0
/*
 * One connection of a client: its requests, one after the other, each passed on
 * to a sandbox and its answer back, in buffers of a fixed size.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/address.h"
#include "gateway/http/engine/framing.h"
#include "gateway/proxy/answer.h"
#include "gateway/proxy/grant.h"
#include "gateway/proxy/proxy.h"
#include "gateway/proxy/request.h"

#define FLOW_BUFFER_BYTES (64 * 1024) /* each way */

/* What one connection may take, at most. */
#define FLOW_BYTES (2 * FLOW_BUFFER_BYTES + 96 * 1024)

enum flow_state {
	FLOW_HEAD,    /* of a request is awaited */
	FLOW_CLAIM,   /* the broker is */
	FLOW_DIAL,    /* the sandbox is */
	FLOW_EXCHANGE,
	FLOW_TUNNEL,  /* a WebSocket, of which nothing is read */
	FLOW_LINGER,  /* it has been told all, and is given time to read it */
};

enum flow_answer { FLOW_ANSWER_HEAD, FLOW_ANSWER_BODY, FLOW_ANSWER_DONE };

/* Bytes start to end are here; those up to passed are to be sent on. */
struct flow_buffer {
	char *data; /* FLOW_BUFFER_BYTES; NULL: none is needed yet */
	size_t start, passed, end;
};

/* A request, as long as it is answered; all of it points into data. */
struct flow_asked {
	struct head head;
	struct request request;
	struct target target;
	size_t size;
	char data[];
};

/* Bytes that were made, and how many of them are sent. */
struct flow_made {
	char *data;
	size_t size, sent;
};

struct flow {
	LIST_ENTRY(flow) link;
	LIST_ENTRY(flow) grant_link;
	struct proxy *proxy;
	char peer[ADDRESS_TEXT_SIZE];
	bool has_source;
	uint8_t source[ADDRESS_SOURCE_SIZE];

	struct loop_watch client, sandbox;
	uint32_t client_events, sandbox_events; /* 0 = it is not watched */
	bool is_client_early; /* it has sent what is not wanted yet */
	bool is_client_ready, is_sandbox_ready; /* to be read */
	bool is_client_over; /* it sends no more */
	bool is_sandbox_over, is_sandbox_cut; /* the second: and not well */
	bool is_sandbox_deaf; /* it takes no more */

	enum flow_state state;
	struct loop_timer timer, again; /* the second: others had a turn */
	uint64_t since_ms; /* when what is waited for began */

	struct framing framing; /* of what the client sends */
	struct flow_buffer in, back;
	struct flow_asked *asked;
	struct flow_made to_sandbox, to_client; /* heads */

	struct framing back_framing;
	struct answer answer;
	enum flow_answer answering;
	size_t looked; /* of an answer's head */
	unsigned int n_interim;
	bool is_closing; /* after this answer */

	struct grant *grant;
	bool is_busy; /* as the grant was told */
	uint64_t generation; /* the grant's, when it was dialled */
	struct claim *claim;
	struct dial *dial;
	bool is_header_asked;
	bool is_claimed_again, is_reused;

	unsigned int depth;
	bool is_dead;
};

/* Takes over fd, just accepted. 0, or -ENOMEM. */
int flow_new(struct proxy *proxy, int fd, const struct sockaddr *address);

/* It ends now, whatever it is about. */
void flow_cut(struct flow *flow);

static inline struct flow *
flow_next_of_grant(const struct flow *flow)
{
	return LIST_NEXT(flow, grant_link);
}
