// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/routes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/http/native/recordings.h"
#include "gateway/http/native/sandboxes.h"
#include "gateway/http/native/ssh.h"
#include "gateway/http/native/ssh_cas.h"
#include "gateway/http/native/ssh_keys.h"
#include "gateway/http/native/status.h"
#include "gateway/http/native/tokens.h"

#define ALLOW_SIZE 64

static const struct route native[] = {
    {"POST", "/v1/sandboxes", sandboxes_create, false, "create"},
    {"GET", "/v1/sandboxes", sandboxes_list, false, "list"},
    {"GET", "/v1/sandboxes/{id}", sandboxes_get, false, "list"},
    {"DELETE", "/v1/sandboxes/{id}", sandboxes_destroy, false, "destroy"},
    {"POST", "/v1/sandboxes/{id}/ssh-access", ssh_grant, false,
	"attach"},
    {"GET", "/v1/ssh-keys", collection_list, false, "own keys",
	&ssh_keys},
    {"POST", "/v1/ssh-keys", ssh_keys_add, false, "own keys"},
    {"DELETE", "/v1/ssh-keys/{id}", collection_remove, false, "own keys",
	&ssh_keys},
    {"GET", "/v1/tokens", collection_list, false, "own tokens",
	&tokens},
    {"POST", "/v1/tokens", tokens_create, false, "own tokens"},
    {"DELETE", "/v1/tokens/{id}", collection_remove, false, "own tokens",
	&tokens},
    {"GET", "/v1/ssh-cas", collection_list, false, "the organisation",
	&ssh_cas},
    {"POST", "/v1/ssh-cas", ssh_cas_add, false, "the organisation"},
    {"DELETE", "/v1/ssh-cas/{id}", collection_remove, false,
	"the organisation", &ssh_cas},
    {"GET", "/v1/ssh-revocations", collection_list, false,
	"the organisation", &ssh_revocations},
    {"POST", "/v1/ssh-revocations", ssh_revocations_add, false,
	"the organisation"},
    {"DELETE", "/v1/ssh-revocations/{id}", collection_remove, false,
	"the organisation", &ssh_revocations},
    {"GET", "/v1/ssh", ssh_get, false, "an identity"},
    {"GET", "/v1/organisation", recordings_get_organisation, false, "list"},
    {"PATCH", "/v1/organisation", recordings_set_organisation, false, "list"},
    {"GET", "/v1/recordings", recordings_list, false, "list"},
    {"GET", "/v1/recordings/{id}", recordings_get, false, "list"},
    {"GET", "/v1/templates", status_templates, false, "list"},
    {"GET", "/v1/status", status_get, false, "an identity"},
    {"GET", "/healthz", status_health, true, "nothing"},
};
const struct route_table routes_native = {native,
    sizeof native / sizeof *native};

/* Whether path fits pattern; what {id} stood for goes to param. */
static bool
fits(const char *pattern, const char *path, char param[REQUEST_PARAM_SIZE])
{
	while (*pattern != '\0') {
		size_t n;

		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		n = strcspn(path, "/");
		if (n == 0 || n >= REQUEST_PARAM_SIZE)
			return false;
		memcpy(param, path, n);
		param[n] = '\0';
		path += n;
		pattern = strchr(pattern, '}') + 1;
	}
	return *path == '\0';
}

static void
add_allowed(char allow[ALLOW_SIZE], const char *method)
{
	size_t used = strlen(allow);

	snprintf(allow + used, ALLOW_SIZE - used, "%s%s",
	    used > 0 ? ", " : "", method);
}

int
routes_find(const struct route_table *table, const char *method,
    const char *path, const struct route **ret,
    char param[REQUEST_PARAM_SIZE], char ret_allow[ALLOW_SIZE])
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	ret_allow[0] = '\0';
	for (size_t i = 0; i < table->n_routes; i++) {
		const struct route *route = &table->routes[i];

		if (!fits(route->pattern, path, param))
			continue;
		if (strcmp(route->method, method) == 0) {
			*ret = route;
			return 0;
		}
		add_allowed(ret_allow, route->method);
		if (strcmp(route->method, "GET") == 0)
			add_allowed(ret_allow, "HEAD");
	}
	return ret_allow[0] != '\0' ? -EPERM : -ENOENT;
}
