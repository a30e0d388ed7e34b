// SPDX-License-Identifier: Apache-2.0
/* notifications/progress of one call: told each half second while it writes,
 * and each five seconds while it does not; progress is in seconds, the message
 * the last line that it wrote. */
#pragma once

#include "gateway/http/engine/exchange.h"

#define MCP_PROGRESS_TAIL 1024 /* bytes that are kept of what it writes */

/* Zeroed, nobody is told. */
struct mcp_progress {
	struct exchange *exchange;
	const char *name; /* of the tool */
	json_t *token;	  /* the client's; owned; NULL: it did not ask */
	uint64_t begun_ms;
	bool is_news; /* it has written since it was last told of */
	unsigned n_idle;
	char tail[MCP_PROGRESS_TAIL];
	size_t n_tail;
};

/* Where the parameters of the call ask for it, and the client takes events. It
 * has to live as long as the exchange. */
void mcp_progress_begin(struct mcp_progress *progress,
    struct exchange *exchange, const char *name, const json_t *params);

void mcp_progress_end(struct mcp_progress *progress);

/* What it has just written. */
void mcp_progress_add(struct mcp_progress *progress, const void *data,
    size_t size);
