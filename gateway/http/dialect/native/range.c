// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/range.h"

#include <inttypes.h>
#include <string.h>

#include "common/parse.h"

enum range { RANGE_NONE, RANGE_GOOD, RANGE_BAD };

/* Whether a list of entity tags has this one, or is "*". */
static bool
has_tag(const char *list, const char *etag)
{
	return list != NULL && (strcmp(list, "*") == 0 ||
	    strstr(list, etag) != NULL);
}

static bool
read_digits(const char **text, uint64_t *ret)
{
	char digits[21];
	size_t n = strspn(*text, "0123456789");

	if (n == 0 || n >= sizeof digits)
		return false;
	memcpy(digits, *text, n);
	digits[n] = '\0';
	*text += n;
	return parse_u64(digits, ret) == 0;
}

/*
 * "bytes=A-B", "bytes=A-" or "bytes=-N". Anything else, several ranges too, is
 * answered by the whole file.
 */
static enum range
find_range(const char *text, uint64_t size, uint64_t *offset, uint64_t *n)
{
	uint64_t first = 0, last = size - 1;
	bool has_first, has_last;

	if (text == NULL || strncmp(text, "bytes=", 6) != 0)
		return RANGE_NONE;
	text += 6;
	has_first = read_digits(&text, &first);
	if (*text++ != '-')
		return RANGE_NONE;
	has_last = read_digits(&text, &last);
	if (*text != '\0' || (!has_first && !has_last) ||
	    (has_first && has_last && last < first))
		return RANGE_NONE;
	if (!has_first) {
		if (last == 0 || size == 0)
			return RANGE_BAD;
		first = last < size ? size - last : 0;
		last = size - 1;
	}
	if (first >= size)
		return RANGE_BAD;
	if (last > size - 1)
		last = size - 1;
	*offset = first;
	*n = last - first + 1;
	return RANGE_GOOD;
}

static void
refuse(struct exchange *exchange, uint64_t size)
{
	struct failure failure;

	exchange_add_header(exchange, "Content-Range",
	    "bytes */%" PRIu64, size);
	failure_set(&failure, 416, "invalid_range", NULL,
	    "Range: there are %" PRIu64 " bytes", size);
	exchange_fail(exchange, &failure);
}

unsigned int
range_choose(struct exchange *exchange, const char *etag, uint64_t size,
    uint64_t *ret_offset, uint64_t *ret_n)
{
	const char *if_range = exchange_header(exchange, "If-Range");
	enum range range = RANGE_NONE;

	*ret_offset = 0;
	*ret_n = size;
	exchange_add_header(exchange, "ETag", "%s", etag);
	exchange_add_header(exchange, "Accept-Ranges", "bytes");
	if (has_tag(exchange_header(exchange, "If-None-Match"), etag)) {
		exchange_reply(exchange, 304, NULL);
		return 0;
	}
	if (if_range == NULL || strcmp(if_range, etag) == 0)
		range = find_range(exchange_header(exchange, "Range"), size,
		    ret_offset, ret_n);
	if (range == RANGE_BAD) {
		refuse(exchange, size);
		return 0;
	}
	if (range == RANGE_GOOD)
		exchange_add_header(exchange, "Content-Range", "bytes %" PRIu64
		    "-%" PRIu64 "/%" PRIu64, *ret_offset,
		    *ret_offset + *ret_n - 1, size);
	return range == RANGE_GOOD ? 206 : 200;
}
