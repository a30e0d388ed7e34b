// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/e2b/connect.h"

#include <errno.h>
#include <string.h>

int
connect_unwrap(const void *data, size_t size, const char **ret,
    size_t *ret_size, struct err *err)
{
	const uint8_t *head = data;
	size_t n;

	if (size < CONNECT_HEAD_SIZE)
		return err_set(err, EINVAL, "the request has no message");
	if (head[0] != 0)
		return err_set(err, EINVAL, "the message has flags 0x%02x: it "
		    "must be neither compressed nor the end", head[0]);
	n = (size_t)head[1] << 24 | (size_t)head[2] << 16 |
	    (size_t)head[3] << 8 | head[4];
	if (n > CONNECT_MESSAGE_MAX)
		return err_set(err, EINVAL, "the message is longer than %zu "
		    "bytes", CONNECT_MESSAGE_MAX);
	if (size - CONNECT_HEAD_SIZE != n)
		return err_set(err, EINVAL, "the message is to have %zu bytes, "
		    "and %zu follow", n, size - CONNECT_HEAD_SIZE);
	*ret = (const char *)data + CONNECT_HEAD_SIZE;
	*ret_size = n;
	return 0;
}

void
connect_put_head(uint8_t ret[CONNECT_HEAD_SIZE], unsigned int flags,
    uint32_t size)
{
	ret[0] = (uint8_t)flags;
	ret[1] = (uint8_t)(size >> 24);
	ret[2] = (uint8_t)(size >> 16);
	ret[3] = (uint8_t)(size >> 8);
	ret[4] = (uint8_t)size;
}

/* From our words to Connect's. Clients replace the words of `unavailable` by
 * their own, so that it is for what they are right about. */
static const char *const codes[][2] = {
    {"invalid_argument", "invalid_argument"},
    {"unsupported_type", "invalid_argument"},
    {"unauthenticated", "unauthenticated"},
    {"permission_denied", "permission_denied"},
    {"not_found", "not_found"},
    {"gone", "unavailable"},
    {"already_exists", "already_exists"},
    {"conflict", "failed_precondition"},
    {"unsupported", "failed_precondition"},
    {"too_large", "out_of_range"},
    {"limit_exceeded", "resource_exhausted"},
    {"out_of_resources", "resource_exhausted"},
    {"disk_full", "resource_exhausted"},
    {"unavailable", "aborted"},
    {"method_not_allowed", "unimplemented"},
    {"deadline_exceeded", "deadline_exceeded"},
};

const char *
connect_code(const struct failure *failure)
{
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (strcmp(codes[i][0], failure->code) == 0)
			return codes[i][1];
	return "internal";
}

static const struct {
	const char *code;
	unsigned int status;
} statuses[] = {
    {"invalid_argument", 400},
    {"failed_precondition", 400},
    {"out_of_range", 400},
    {"unauthenticated", 401},
    {"permission_denied", 403},
    {"not_found", 404},
    {"already_exists", 409},
    {"aborted", 409},
    {"resource_exhausted", 429},
    {"unimplemented", 501},
    {"unavailable", 503},
    {"deadline_exceeded", 504},
};

unsigned int
connect_status(const char *code)
{
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (strcmp(statuses[i].code, code) == 0)
			return statuses[i].status;
	return 500;
}
