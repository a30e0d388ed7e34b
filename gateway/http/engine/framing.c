// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/framing.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define TOKEN_BYTES \
	"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct framing {
	unsigned n_lengths, n_encodings;
	bool is_chunked;
	const char *problem; /* NULL = none */
};

static bool
has_control(const char *value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (((unsigned char)value[i] < ' ' && value[i] != '\t') ||
		    value[i] == 0x7f)
			return true;
	return false;
}

static enum MHD_Result
look(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_size,
    const char *value, size_t value_size)
{
	struct framing *framing = arg;

	(void)kind;
	if (name_size == 0 || strspn(name, TOKEN_BYTES) != name_size)
		framing->problem = "a header's name is no token";
	else if (value != NULL && has_control(value, value_size))
		framing->problem = "a header has control characters";
	else if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0)
		framing->n_lengths++;
	else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
		framing->n_encodings++;
		framing->is_chunked = value != NULL &&
		    strcasecmp(value, "chunked") == 0;
	}
	return framing->problem == NULL ? MHD_YES : MHD_NO;
}

int
framing_check(struct MHD_Connection *connection, struct err *err)
{
	struct framing framing = {0};

	(void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, look,
	    &framing);
	if (framing.problem == NULL &&
	    framing.n_lengths + framing.n_encodings > 1)
		framing.problem = "more than one header says where the body "
		    "ends";
	if (framing.problem == NULL && framing.n_encodings > 0 &&
	    !framing.is_chunked)
		framing.problem = "Transfer-Encoding: must be \"chunked\"";
	return framing.problem == NULL ? 0 :
	    err_set(err, EINVAL, "%s", framing.problem);
}
