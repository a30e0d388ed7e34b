// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/sandbox0/observability.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/parse.h"
#include "common/timestamp.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX     1000

static int
read_time(const struct exchange *exchange, const char *name, uint64_t *ret_ms,
    struct failure *failure)
{
	const char *text = exchange_query(exchange, name);

	if (*text == '\0' || timestamp_parse(text, ret_ms) == 0)
		return 0;
	return failure_of_field(failure, name,
	    "must be a time such as 2026-01-31T23:59:59Z");
}

int
sandbox0_read_range(const struct exchange *exchange,
    struct sandbox0_range *ret, struct failure *failure)
{
	const char *watch = exchange_query(exchange, "watch");
	const char *limit = exchange_query(exchange, "limit");

	*ret = (struct sandbox0_range){.to_ms = UINT64_MAX,
	    .limit = LIMIT_DEFAULT,
	    .cursor = exchange_query(exchange, "cursor"),
	    .is_watched = strcmp(watch, "true") == 0};
	if (!ret->is_watched && *watch != '\0' && strcmp(watch, "false") != 0)
		return failure_of_field(failure, "watch",
		    "must be true or false");
	if (*limit != '\0' && (parse_u64(limit, &ret->limit) < 0 ||
	    ret->limit == 0 || ret->limit > LIMIT_MAX))
		return failure_of_field(failure, "limit",
		    "must be from 1 to %d", LIMIT_MAX);
	if (read_time(exchange, "start_time", &ret->from_ms, failure) < 0 ||
	    read_time(exchange, "end_time", &ret->to_ms, failure) < 0)
		return -EINVAL;
	if (ret->is_watched && ret->to_ms != UINT64_MAX)
		return failure_of_field(failure, "end_time",
		    "must not be with watch: that has no end");
	return 0;
}

void
sandbox0_add_line(struct sandbox0_lines *lines, const char *type,
    json_t *data, const char *cursor)
{
	json_t *line = data != NULL ? json_pack("{s:s, s:o}", "type", type,
	    "data", data) : json_pack("{s:s, s:o, s:s*, s:s*}", "type", type,
	    "time", field_time(clock_unix_ms()), "cursor", cursor,
	    "watermark", cursor);
	char *text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;

	json_decref(line);
	if (text == NULL || outbox_add(&lines->out, text, strlen(text)) < 0 ||
	    outbox_add(&lines->out, "\n", 1) < 0)
		lines->failed = -ENOMEM;
	free(text);
}
