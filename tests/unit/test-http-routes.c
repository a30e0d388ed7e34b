// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/routes.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

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
    {"BREW", "/v1/sandboxes/a", -EPERM, "GET, HEAD, DELETE", NULL},
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

int
main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char param[REQUEST_PARAM_SIZE] = "", allow[64];
		const struct route *route = NULL;
		int r = routes_find(&routes_native, rows[i].method,
		    rows[i].path, &route, param, allow);

		assert(r == rows[i].result);
		if (r == 0) {
			assert(strcmp(route->pattern, rows[i].pattern) == 0);
			assert(strcmp(param, rows[i].param) == 0);
		} else if (r == -EPERM) {
			assert(strcmp(allow, rows[i].pattern) == 0);
		}
	}
	for (size_t i = 0; i < routes_native.n_routes; i++)
		assert(!routes_native.routes[i].is_public ||
		    strcmp(routes_native.routes[i].pattern, "/healthz") == 0);
	return 0;
}
