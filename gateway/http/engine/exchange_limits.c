// SPDX-License-Identifier: Apache-2.0
/* What one request may be by whoever asks: so large, and so long. */
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <stddef.h>

#include "common/clock.h"
#include "common/parse.h"
#include "gateway/http/engine/clients.h"
#include "gateway/http/engine/exchange_of.h"

/* For who has been told, though their body is not over. */
#define LEAVE_MS 1000

/* Says that its time is over, where nothing has been said. */
static void
fail(struct exchange *exchange, unsigned int status)
{
	struct failure failure;

	failure_set(&failure, status, "deadline_exceeded", NULL,
	    "max_request_time: a request of this token may take %" PRIu64
	    " s, and this one has%s", exchange->limits.time_max_ms / 1000,
	    status == MHD_HTTP_GATEWAY_TIMEOUT ? "; what it began may go on" :
	    "");
	exchange_fail(exchange, &failure);
}

/* A client that has not sent its body is told at once, and goes. */
static void
end_body(struct exchange *exchange)
{
	fail(exchange, exchange->is_suspended ? MHD_HTTP_GATEWAY_TIMEOUT :
	    MHD_HTTP_REQUEST_TIMEOUT);
	if (!exchange->is_said)
		exchange_say_early(exchange);
	client_set_timeout(exchange_client(exchange), LEAVE_MS);
}

static void
on_time_over(struct loop_timer *timer)
{
	struct exchange *exchange = (struct exchange *)((char *)timer -
	    offsetof(struct exchange, time_over));

	exchange->is_late = true;
	if (exchange->websocket != NULL) {
		websocket_close(exchange->websocket, WEBSOCKET_POLICY,
		    "max_request_time of the token is over");
	} else if (exchange->reply.status != 0) {
		exchange->is_hung_up = true;
		client_hang_up(exchange_client(exchange));
		exchange_wake(exchange);
	} else if (exchange->state == EXCHANGE_BODY) {
		end_body(exchange);
	} else if (exchange->stream.gone != NULL &&
	    !exchange->is_explaining) {
		fail(exchange, MHD_HTTP_GATEWAY_TIMEOUT);
	}
	/* Else it waits for a call, which has its time too. */
}

void
exchange_limits_init(struct exchange *exchange)
{
	exchange->began_ms = clock_monotonic_ms();
	exchange->time_over.due = on_time_over;
}

void
exchange_limits_fini(struct exchange *exchange)
{
	loop_stop_timer(exchange->options->loop, &exchange->time_over);
}

void
exchange_set_limits(struct exchange *exchange,
    const struct exchange_limits *limits)
{
	const uint64_t passed_ms = clock_monotonic_ms() - exchange->began_ms;

	exchange->limits = *limits;
	if (limits->time_max_ms != 0)
		loop_set_timer(exchange->options->loop, &exchange->time_over,
		    limits->time_max_ms > passed_ms ?
		    limits->time_max_ms - passed_ms : 0);
}

/* Whether so many bytes of a body may be; or it is said that they may not. */
static bool
check(struct exchange *exchange, uint64_t n_bytes)
{
	const uint64_t most = exchange->limits.body_max_bytes;
	struct failure failure;

	if (most == 0 || n_bytes <= most)
		return true;
	failure_set(&failure, 413, "too_large", NULL,
	    "max_body: a request of this token may have %" PRIu64 " bytes, "
	    "and this one has %" PRIu64 " or more", most, n_bytes);
	exchange_fail(exchange, &failure);
	return false;
}

bool
exchange_check_length(struct exchange *exchange)
{
	const char *length = exchange_header(exchange,
	    MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t n_bytes;

	return length == NULL || parse_u64(length, &n_bytes) < 0 ||
	    check(exchange, n_bytes);
}

bool
exchange_check_body(struct exchange *exchange, size_t size)
{
	return check(exchange, (exchange->body_size > exchange->n_body_bytes ?
	    exchange->body_size : exchange->n_body_bytes) + size);
}

bool
exchange_is_late(struct exchange *exchange, const struct err *err)
{
	const uint64_t time_max_ms = exchange->limits.time_max_ms;

	if (!exchange->is_late && (time_max_ms == 0 ||
	    err->code != ETIMEDOUT ||
	    clock_monotonic_ms() - exchange->began_ms < time_max_ms))
		return false;
	if (exchange->reply.status == 0)
		fail(exchange, MHD_HTTP_GATEWAY_TIMEOUT);
	return true;
}
