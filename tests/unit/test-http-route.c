// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/route.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "gateway/http/dialect/native/native.h"

static const struct {
	const char *method, *path;
	int result;
	const char *pattern; /* or the Allow header */
	const char *param;
} rows[] = {
    {"GET", "/v1/sandboxes", 0, "/v1/sandboxes", ""},
    {"HEAD", "/v1/sandboxes", 0, "/v1/sandboxes", ""},
    {"DELETE", "/v1/sandboxes/sb_x", 0, "/v1/sandboxes/{id}", "sb_x"},
    {"POST", "/v1/sandboxes/sb_x/ssh-access", 0,
	"/v1/sandboxes/{id}/ssh-access", "sb_x"},
    {"PUT", "/v1/sandboxes", -EPERM, "POST, GET, HEAD", NULL},
    {"GET", "/v1/sandboxes/sb_x/ssh-access", -EPERM, "POST", NULL},
    {"BREW", "/v1/sandboxes/a", -EPERM, "GET, HEAD, PATCH, DELETE", NULL},
    {"GET", "/v1/sandboxes/", -ENOENT, NULL, NULL},
    {"GET", "/v1/sandboxes/a/", -ENOENT, NULL, NULL},
    {"GET", "/v1/sandboxes/a/b", -ENOENT, NULL, NULL},
    {"GET", "/v1/sandboxesx", -ENOENT, NULL, NULL},
    {"GET", "/v1", -ENOENT, NULL, NULL},
    {"GET", "/", -ENOENT, NULL, NULL},
    {"GET", "", -ENOENT, NULL, NULL},
    {"GET", "*", -ENOENT, NULL, NULL},
    {"GET", "/v1/sandboxes/0123456789012345678901234567890123456789"
	"01234567890123456789012345678901234567890123456789012345",
	-ENOENT, NULL, NULL},
    {"GET", "/healthz", 0, "/healthz", ""},
};

/* Several names in one path, and dialects beside each other. */
static const struct route deep_routes[] = {
    {"GET", "/x/{id}/files/{name}", NULL},
    {"PUT", "/x/{id}/files/{name}", NULL},
    {"GET", "/x/{id}/{what}/{a}-{b}", NULL},
};
static const struct dialect deep = {.name = "deep", .prefix = "/x/",
    .routes = deep_routes, .n_routes = 3};
static const struct dialect deeper = {.name = "deeper", .prefix = "/x/y/"};

static void
test_names(void)
{
	const struct dialect *const dialects[] = {&native, &deep, &deeper};
	const struct route *route = NULL;
	struct route_params params;
	char allow[ROUTE_ALLOW_SIZE];

	assert(route_find(&deep, "GET", "/x/17/files/a.txt", &route, &params,
	    allow) == 0);
	assert(params.n == 2);
	assert(strcmp(route_param(&params, "id"), "17") == 0);
	assert(strcmp(route_param(&params, "name"), "a.txt") == 0);
	assert(strcmp(route_param(&params, "nam"), "") == 0);
	assert(route_find(&deep, "POST", "/x/17/files/a", &route, &params,
	    allow) == -EPERM);
	assert(strcmp(allow, "GET, HEAD, PUT") == 0 && params.n == 0);
	assert(route_find(&deep, "GET", "/x/17/files/", &route, &params,
	    allow) == -ENOENT);
	/* A name takes its whole segment. */
	assert(route_find(&deep, "GET", "/x/1/2/3-4", &route, &params,
	    allow) == -ENOENT);

	assert(route_find_dialect(dialects, 3, "/x/1") == &deep);
	assert(route_find_dialect(dialects, 3, "/x/y/1") == &deeper);
	assert(route_find_dialect(dialects, 3, "/v1/x") == &native);
	assert(route_find_dialect(dialects, 3, "/nowhere") == &native);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char allow[ROUTE_ALLOW_SIZE];
		struct route_params params;
		const struct route *route = NULL;
		int r = route_find(&native, rows[i].method, rows[i].path,
		    &route, &params, allow);

		assert(r == rows[i].result);
		if (r == 0) {
			assert(strcmp(route->pattern, rows[i].pattern) == 0);
			assert(strcmp(route_param(&params, "id"),
			    rows[i].param) == 0);
		} else if (r == -EPERM) {
			assert(strcmp(allow, rows[i].pattern) == 0);
		}
	}
	for (size_t i = 0; i < native.n_routes; i++) {
		const struct route *route = &native.routes[i];

		assert(!route->is_public ||
		    strcmp(route->pattern, "/healthz") == 0);
		assert(route->text != NULL && route->replies[0].status != 0);
		assert((route->input != NULL) ==
		    (route->body == ROUTE_BODY_JSON));
	}
	test_names();
	return 0;
}
