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
static const struct dialect deep = {.name = "deep", .prefixes = {"/x/"},
    .routes = deep_routes, .n_routes = 3};
static bool is_deeper_meant;

static bool
is_meant(const struct exchange *exchange)
{
	(void)exchange;
	return is_deeper_meant;
}

static const struct route deeper_routes[] = {
    {"GET", "/x/{id}/files/{name}", NULL},
    {"DELETE", "/x/{id}/files/{name}", NULL},
};
static const struct dialect deeper = {.name = "deeper",
    .prefixes = {"/x/y/", "/y/"}, .routes = deeper_routes, .n_routes = 2,
    .is_meant = is_meant};

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
	assert(route_find_dialect(dialects, 3, "/y/1") == &deeper);
	assert(route_find_dialect(dialects, 3, "/nowhere") == &native);
}

/* Two dialects that have the same path: the first that is meant answers. */
static void
test_shared(void)
{
	const struct dialect *const dialects[] = {&native, &deeper, &deep};
	const struct {
		bool is_meant;
		const char *method, *path;
		int result;
		const struct dialect *dialect;
		const char *allow;
	} asked[] = {
	    {true, "GET", "/x/1/files/a", 0, &deeper, ""},
	    {false, "GET", "/x/1/files/a", 0, &deep, ""},
	    {true, "PUT", "/x/1/files/a", 0, &deep, ""},
	    {true, "DELETE", "/x/1/files/a", 0, &deeper, ""},
	    {false, "DELETE", "/x/1/files/a", -EPERM, &deep,
		"GET, HEAD, PUT"},
	    {true, "POST", "/x/1/files/a", -EPERM, &deeper,
		"GET, HEAD, DELETE, PUT"},
	    {true, "GET", "/y/1", -ENOENT, &deeper, ""},
	    {true, "GET", "/v1/sandboxes", 0, &native, ""},
	};

	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		struct route_found found;

		is_deeper_meant = asked[i].is_meant;
		assert(route_find_among(dialects, 3,
		    (const void *)asked,
		    asked[i].method, asked[i].path, &found) == asked[i].result);
		assert(found.dialect == asked[i].dialect);
		assert(strcmp(found.allow, asked[i].allow) == 0);
		assert((found.route != NULL) == (asked[i].result == 0));
	}
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
	test_shared();
	return 0;
}
