// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/e2b/head.h"

#include <stddef.h>

#include "common/parse.h"
#include "gateway/http/engine/exchange.h"

#define TIMEOUT_MAX_MS ((uint64_t)24 * 3600 * 1000)
#define PING_MAX_S     3600

/* A header that is a number of at most max; 0 where there is none. */
static uint64_t
read_number(const struct exchange *exchange, const char *name, uint64_t max)
{
	const char *text = exchange_header(exchange, name);
	uint64_t number = 0;

	if (text == NULL || parse_u64(text, &number) < 0)
		return 0;
	return number < max ? number : max;
}

uint64_t
head_timeout_ms(const struct exchange *exchange)
{
	return read_number(exchange, "Connect-Timeout-Ms", TIMEOUT_MAX_MS);
}

void
head_times_read(const struct exchange *exchange, bool ends,
    struct head_times *ret)
{
	*ret = (struct head_times){
	    .ping_ms = 1000 * read_number(exchange, "Keepalive-Ping-Interval",
		PING_MAX_S),
	    .ends_ms = ends ? head_timeout_ms(exchange) : 0};
}

uint64_t
head_times_next(struct head_times *times)
{
	uint64_t in_ms = times->ping_ms;

	if (times->ends_ms != 0 && (in_ms == 0 ||
	    times->waited_ms + in_ms > times->ends_ms))
		in_ms = times->ends_ms - times->waited_ms;
	times->waited_ms += in_ms;
	return in_ms;
}

bool
head_times_are_over(const struct head_times *times)
{
	return times->ends_ms != 0 && times->waited_ms >= times->ends_ms;
}
