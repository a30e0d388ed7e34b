// SPDX-License-Identifier: Apache-2.0
/* What gateway-http reads beyond HTTP itself: "METHOD path\nbody". */
#include <stdio.h>
#include <string.h>

#include "gateway/http/engine/input.h"
#include "gateway/http/engine/routes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_route(const uint8_t *data, size_t size)
{
	char line[512], param[REQUEST_PARAM_SIZE], allow[64];
	const struct route *route;
	char *path;
	uint64_t id;

	snprintf(line, sizeof line, "%.*s", (int)size, (const char *)data);
	path = strchr(line, ' ');
	if (path == NULL)
		return;
	*path++ = '\0';
	param[0] = '\0';
	if (routes_find(&routes_native, line, path, &route, param, allow) == 0)
		(void)input_path_id(param, &id, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *body = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t n_line = body != NULL ? (size_t)(body - data) : size;
	struct input_sandbox input;
	struct reply reply = {0};
	struct err err = {0};
	json_t *object;

	try_route(data, n_line < 500 ? n_line : 500);
	if (body == NULL)
		return 0;
	if (input_parse((const char *)body + 1, size - n_line - 1, &object,
	    &err) == 0) {
		(void)input_sandbox_init(object, &input, &err);
		input_sandbox_fini(&input);
		json_decref(object);
	}
	if (err.code != 0) {
		reply_set_error(&reply, &err);
		json_decref(reply.body);
	}
	return 0;
}
