// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct dialect *
route_find_dialect(const struct dialect *const *dialects, size_t n,
    const char *path)
{
	const struct dialect *found = dialects[0];
	size_t longest = 0;

	for (size_t i = 0; i < n; i++) {
		size_t size = strlen(dialects[i]->prefix);

		if (size > longest &&
		    strncmp(path, dialects[i]->prefix, size) == 0) {
			found = dialects[i];
			longest = size;
		}
	}
	return found;
}

/* One {name} of a pattern and the segment for it; both are moved on. */
static bool
take_param(const char **pattern, const char **path,
    struct route_params *params)
{
	size_t n = strcspn(*path, "/"), name_size = strcspn(*pattern, "}");
	size_t i = params->n;

	if (n == 0 || n >= ROUTE_PARAM_SIZE || i == ROUTE_PARAMS_MAX ||
	    name_size > ROUTE_PARAM_NAME_MAX)
		return false;
	memcpy(params->rows[i].name, *pattern + 1, name_size - 1);
	params->rows[i].name[name_size - 1] = '\0';
	memcpy(params->rows[i].value, *path, n);
	params->rows[i].value[n] = '\0';
	params->n++;
	*path += n;
	*pattern += name_size + 1;
	return true;
}

static bool
fits(const char *pattern, const char *path, struct route_params *params)
{
	params->n = 0;
	while (*pattern != '\0') {
		if (*pattern == '{') {
			if (!take_param(&pattern, &path, params))
				return false;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

static void
add_allowed(char allow[ROUTE_ALLOW_SIZE], const char *method)
{
	size_t used = strlen(allow);

	snprintf(allow + used, ROUTE_ALLOW_SIZE - used, "%s%s",
	    used > 0 ? ", " : "", method);
}

int
route_find(const struct dialect *dialect, const char *method,
    const char *path, const struct route **ret,
    struct route_params *ret_params, char ret_allow[ROUTE_ALLOW_SIZE])
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	ret_allow[0] = '\0';
	for (size_t i = 0; i < dialect->n_routes; i++) {
		const struct route *route = &dialect->routes[i];

		if (!fits(route->pattern, path, ret_params))
			continue;
		if (strcmp(route->method, method) == 0) {
			*ret = route;
			ret_allow[0] = '\0';
			return 0;
		}
		add_allowed(ret_allow, route->method);
		if (strcmp(route->method, "GET") == 0)
			add_allowed(ret_allow, "HEAD");
	}
	ret_params->n = 0;
	return ret_allow[0] != '\0' ? -EPERM : -ENOENT;
}

const char *
route_param(const struct route_params *params, const char *name)
{
	for (size_t i = 0; i < params->n; i++)
		if (strcmp(params->rows[i].name, name) == 0)
			return params->rows[i].value;
	return "";
}
