// SPDX-License-Identifier: Apache-2.0
/* An exchange that another route answers than its path's. */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/http/engine/exchange_of.h"
#include "gateway/http/engine/field.h"

const json_t *
exchange_object(const struct exchange *exchange)
{
	return exchange->object;
}

void
exchange_set_adapter(
    struct exchange *exchange, const struct exchange_adapter *adapter)
{
	exchange->adapter = *adapter;
}

void *
exchange_adapter_arg(const struct exchange *exchange)
{
	return exchange->adapter.arg;
}

void
exchange_adapt(struct exchange *exchange, unsigned int *status, json_t **body)
{
	if (exchange->adapter.adapt != NULL)
		exchange->adapter.adapt(exchange->adapter.arg, status, body);
}

static void
set_id(struct exchange *exchange, const char *id)
{
	struct route_params *params = &exchange->params;

	*params = (struct route_params){.n = *id != '\0' ? 1 : 0};
	snprintf(params->rows[0].name, sizeof params->rows[0].name, "id");
	snprintf(params->rows[0].value, sizeof params->rows[0].value, "%s", id);
	if (exchange->options->read_params != NULL)
		exchange->options->read_params(params);
}

/* In place of what the route of the path has read. */
static int
read_input(struct exchange *exchange, const struct route *route,
    const json_t *object, struct failure *failure)
{
	if (exchange->input != NULL)
		field_fini(exchange->route->input, exchange->input);
	free(exchange->input);
	exchange->input = NULL;
	exchange->route = route;
	if (route->input == NULL)
		return 0;
	exchange->input = calloc(1, route->input->struct_size);
	if (exchange->input == NULL)
		return failure_set(
		    failure, 503, "out_of_resources", NULL, "out of memory");
	return field_read(route->input, object, exchange->input, failure);
}

void
exchange_go_on_by(struct exchange *exchange, const struct route *route,
    const json_t *object, const char *id)
{
	struct failure failure;

	set_id(exchange, id);
	if (read_input(exchange, route, object, &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		route->answer(exchange);
}
