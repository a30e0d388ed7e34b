// SPDX-License-Identifier: Apache-2.0
/* A body in parts, between the stream that it comes as and who takes them. */
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>

#include "gateway/http/engine/exchange_of.h"

static void
refuse(struct exchange *exchange, unsigned int status, const char *code,
    const char *problem)
{
	struct failure failure;

	failure_set(&failure, status, code, NULL, "%s", problem);
	exchange_fail(exchange, &failure);
}

int
exchange_begin_parts(struct exchange *exchange)
{
	const struct err err = {ENOMEM, "out of memory"};
	const char *problem;

	exchange->multipart = malloc(sizeof *exchange->multipart);
	if (exchange->multipart == NULL) {
		exchange_fail_err(exchange, &err);
		return -ENOMEM;
	}
	problem = multipart_init(exchange->multipart, exchange_header(exchange,
	    MHD_HTTP_HEADER_CONTENT_TYPE));
	if (problem == NULL)
		return 0;
	refuse(exchange, 415, "unsupported_type", problem);
	return -EINVAL;
}

/* What is told may be waited for; or it is done with at once. */
static void
tell(struct exchange *exchange, enum multipart_event event)
{
	const struct exchange_parts *parts = &exchange->parts;

	exchange->is_part_waiting = true;
	if (event == MULTIPART_PART)
		parts->part(parts->arg, &exchange->multipart->part);
	else
		parts->part_end(parts->arg);
}

static size_t
take(void *arg, const void *data, size_t size)
{
	struct exchange *exchange = arg;
	struct multipart *multipart = exchange->multipart;
	enum multipart_event event = MULTIPART_END;
	size_t used = 0, n, room;

	while (event != MULTIPART_MORE && !exchange->is_part_waiting &&
	    exchange->reply.status == 0) {
		event = multipart_next(multipart, (const char *)data + used,
		    size - used, &n);
		used += n;
		if (event == MULTIPART_PART || event == MULTIPART_PART_END) {
			tell(exchange, event);
		} else if (event == MULTIPART_BAD) {
			refuse(exchange, 400, "invalid_argument",
			    multipart->problem);
		} else if (event == MULTIPART_BYTES) {
			room = multipart->bytes.size;
			n = exchange->parts.take(exchange->parts.arg,
			    multipart->bytes.data, room);
			used += multipart_take(multipart, n);
			if (n < room)
				break;
		}
	}
	return used;
}

static void
end(void *arg)
{
	struct exchange *exchange = arg;

	if (multipart_is_whole(exchange->multipart))
		exchange->parts.end(exchange->parts.arg);
	else
		refuse(exchange, 400, "invalid_argument",
		    "the body ends before its last part does");
}

static void
gone(void *arg)
{
	struct exchange *exchange = arg;

	exchange->parts.gone(exchange->parts.arg);
}

bool
exchange_has_parts(const struct exchange *exchange)
{
	return exchange->multipart != NULL;
}

void
exchange_set_parts(struct exchange *exchange,
    const struct exchange_parts *parts)
{
	exchange->parts = *parts;
	exchange->stream = (struct exchange_stream){.take = take, .end = end,
	    .gone = gone, .arg = exchange};
}
