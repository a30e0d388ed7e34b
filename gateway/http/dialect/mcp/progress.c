// SPDX-License-Identifier: Apache-2.0
/* How far a call is, for clients that ask to be told meanwhile. */
#include "gateway/http/dialect/mcp/progress.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "gateway/http/dialect/native/text.h"

#define EVERY_MS   500	/* where there is something new */
#define IDLE_TICKS 10	/* of those, where there is nothing */
#define LINE_MAX   200	/* bytes of what is shown */

/* Whether it takes events in place of one answer, as the transport has it. */
static bool
takes_events(const struct exchange *exchange)
{
	const char *accept = exchange_header(exchange, "Accept");

	return accept != NULL && strstr(accept, "text/event-stream") != NULL;
}

/* The last line of what was written, without what a cut has left of a
 * character; "" = none. */
static void
last_line(const struct mcp_progress *progress, const char **ret, size_t *size)
{
	const char *text = progress->tail;
	size_t n = progress->n_tail, begin;

	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	begin = n;
	while (begin > 0 && n - begin < LINE_MAX && text[begin - 1] != '\n' &&
	    text[begin - 1] != '\r')
		begin--;
	while (begin < n && ((uint8_t)text[begin] & 0xc0) == 0x80)
		begin++;
	*ret = text + begin;
	*size = n - begin;
}

static void
tell(struct mcp_progress *progress)
{
	const char *line;
	size_t size;
	json_t *message;

	last_line(progress, &line, &size);
	message = size > 0 ? text_json(line, size) :
	    json_sprintf("%s goes on", progress->name);
	exchange_add_event(progress->exchange,
	    json_pack("{s:s, s:s, s:{s:O, s:f, s:o}}", "jsonrpc", "2.0",
		"method", "notifications/progress", "params", "progressToken",
		progress->token, "progress",
		(double)(clock_monotonic_ms() - progress->begun_ms) / 1000,
		"message", message));
	progress->is_news = false;
	progress->n_idle = 0;
}

static void
on_tick(void *arg)
{
	struct mcp_progress *progress = arg;

	if (progress->is_news || ++progress->n_idle >= IDLE_TICKS)
		tell(progress);
}

void
mcp_progress_begin(struct mcp_progress *progress, struct exchange *exchange,
    const char *name, const json_t *params)
{
	json_t *token = json_object_get(json_object_get(params, "_meta"),
	    "progressToken");

	if ((!json_is_string(token) && !json_is_integer(token)) ||
	    !takes_events(exchange) ||
	    exchange_allow_events(exchange, EVERY_MS, on_tick, progress) < 0)
		return;
	progress->exchange = exchange;
	progress->name = name;
	progress->token = json_incref(token);
	progress->begun_ms = clock_monotonic_ms();
}

void
mcp_progress_end(struct mcp_progress *progress)
{
	json_decref(progress->token);
	progress->token = NULL;
}

void
mcp_progress_add(struct mcp_progress *progress, const void *data, size_t size)
{
	const size_t room = sizeof progress->tail;
	size_t kept = progress->n_tail;

	if (progress->token == NULL || size == 0)
		return;
	if (size > room) {
		data = (const char *)data + (size - room);
		size = room;
	}
	if (kept > room - size)
		kept = room - size;
	memmove(progress->tail, progress->tail + progress->n_tail - kept,
	    kept);
	memcpy(progress->tail + kept, data, size);
	progress->n_tail = kept + size;
	progress->is_news = true;
}
