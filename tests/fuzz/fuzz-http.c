// SPDX-License-Identifier: Apache-2.0
/* What gateway-http reads beyond HTTP itself: "METHOD path\nbody". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/api.h"
#include "gateway/http/engine/field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The route's table of fields, where there is one. */
static const struct field_table *
try_route(const uint8_t *data, size_t size)
{
	struct route_found found;
	char line[512], *path;

	snprintf(line, sizeof line, "%.*s", (int)size, (const char *)data);
	path = strchr(line, ' ');
	if (path == NULL)
		return NULL;
	*path++ = '\0';
	if (route_find_among(api_dialects, n_api_dialects, NULL, line, path,
	    &found) < 0)
		return NULL;
	return found.route->input;
}

static void
read_object(const struct field_table *table, const json_t *object)
{
	struct failure failure;
	void *data = calloc(1, table->struct_size);

	if (data != NULL && field_read(table, object, data, &failure) < 0)
		json_decref(api_dialects[0]->failure_to_json(&failure));
	if (data != NULL)
		field_fini(table, data);
	free(data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *body = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t n_line = body != NULL ? (size_t)(body - data) : size;
	const struct field_table *table;
	struct failure failure;
	json_t *object;

	table = try_route(data, n_line < 500 ? n_line : 500);
	if (body == NULL)
		return 0;
	if (field_parse((const char *)body + 1, size - n_line - 1, &object,
	    &failure) < 0) {
		json_decref(api_dialects[0]->failure_to_json(&failure));
		return 0;
	}
	for (size_t i = 0; i < api_dialects[0]->n_routes; i++)
		if (api_dialects[0]->routes[i].input != NULL)
			read_object(api_dialects[0]->routes[i].input, object);
	if (table != NULL)
		read_object(table, object);
	json_decref(object);
	return 0;
}
