// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The bytes of its longest prefix that the path begins with; 0: of none. */
static size_t
count_common(const struct dialect *dialect, const char *path)
{
	size_t longest = 0;

	for (size_t i = 0; i < ROUTE_PREFIXES_MAX &&
	    dialect->prefixes[i] != NULL; i++) {
		size_t size = strlen(dialect->prefixes[i]);

		if (size > longest &&
		    strncmp(path, dialect->prefixes[i], size) == 0)
			longest = size;
	}
	return longest;
}

const struct dialect *
route_find_dialect(const struct dialect *const *dialects, size_t n,
    const char *path)
{
	const struct dialect *found = dialects[0];
	size_t longest = 0;

	for (size_t i = 0; i < n; i++) {
		size_t size = count_common(dialects[i], path);

		if (size > longest) {
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
	size_t used = strlen(allow), n = strlen(method);

	for (const char *p = allow; *p != '\0'; p += strspn(p, ", ")) {
		if (strcspn(p, ",") == n && strncmp(p, method, n) == 0)
			return;
		p += strcspn(p, ",");
	}
	snprintf(allow + used, ROUTE_ALLOW_SIZE - used, "%s%s",
	    used > 0 ? ", " : "", method);
}

/* The same as route_find, and what is allowed is added to what was. */
static int
find(const struct dialect *dialect, const char *method, const char *path,
    const struct route **ret, struct route_params *params,
    char allow[ROUTE_ALLOW_SIZE])
{
	int r = -ENOENT;

	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (size_t i = 0; i < dialect->n_routes; i++) {
		const struct route *route = &dialect->routes[i];

		if (!fits(route->pattern, path, params))
			continue;
		if (strcmp(route->method, method) == 0) {
			*ret = route;
			allow[0] = '\0';
			return 0;
		}
		add_allowed(allow, route->method);
		if (strcmp(route->method, "GET") == 0)
			add_allowed(allow, "HEAD");
		r = -EPERM;
	}
	params->n = 0;
	return r;
}

int
route_find(const struct dialect *dialect, const char *method,
    const char *path, const struct route **ret,
    struct route_params *ret_params, char ret_allow[ROUTE_ALLOW_SIZE])
{
	ret_allow[0] = '\0';
	return find(dialect, method, path, ret, ret_params, ret_allow);
}

int
route_find_among(const struct dialect *const *dialects, size_t n,
    const struct exchange *exchange, const char *method, const char *path,
    struct route_found *ret)
{
	*ret = (struct route_found){0};
	for (size_t i = 0; i < n; i++) {
		const struct dialect *dialect = dialects[i];
		int r;

		if (exchange != NULL && dialect->is_meant != NULL &&
		    !dialect->is_meant(exchange))
			continue;
		r = find(dialect, method, path, &ret->route, &ret->params,
		    ret->allow);
		if (r == 0 || (r == -EPERM && ret->dialect == NULL))
			ret->dialect = dialect;
		if (r == 0)
			return 0;
	}
	if (ret->dialect != NULL)
		return -EPERM;
	ret->dialect = route_find_dialect(dialects, n, path);
	return -ENOENT;
}

const char *
route_param(const struct route_params *params, const char *name)
{
	for (size_t i = 0; i < params->n; i++)
		if (strcmp(params->rows[i].name, name) == 0)
			return params->rows[i].value;
	return "";
}
