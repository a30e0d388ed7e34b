// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/sandbox0/sandbox0.h"

#include <string.h>

/* From our words to its own; others are left as they are. */
static const char *const codes[][2] = {
    {"invalid_argument", "bad_request"},
    {"unsupported_type", "bad_request"},
    {"unauthenticated", "unauthorized"},
    {"permission_denied", "forbidden"},
    {"already_exists", "conflict"},
    {"unsupported", "conflict"},
    {"limit_exceeded", "quota_exceeded"},
    {"out_of_resources", "unavailable"},
    {"disk_full", "quota_exceeded"},
    {"internal", "internal_error"},
};

/* What was destroyed is not there. */
static void
adapt(struct failure *failure)
{
	if (strcmp(failure->code, "gone") == 0) {
		failure->status = 404;
		failure->code = "not_found";
	}
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (strcmp(codes[i][0], failure->code) == 0) {
			failure->code = codes[i][1];
			break;
		}
}

static json_t *
to_json(const struct failure *failure)
{
	return json_pack("{s:b, s:{s:s, s:s, s:{s:s*, s:s*, s:s*}}}", "success",
	    0, "error", "code", failure->code, "message", failure->message,
	    "details", "field",
	    failure->field[0] != '\0' ? failure->field : NULL, "hint",
	    failure->hint, "request_id", failure->request_id);
}

void
sandbox0_reply(struct exchange *exchange, unsigned int status, json_t *data)
{
	exchange_reply(exchange, status,
	    data == NULL ? NULL
			 : json_pack("{s:b, s:o}", "success", 1, "data", data));
}

void
sandbox0_reply_message(struct exchange *exchange, const char *message)
{
	sandbox0_reply(exchange, 200, json_pack("{s:s}", "message", message));
}

#define SANDBOXES "/api/v1/sandboxes"
#define SANDBOX	  SANDBOXES "/{id}"

static const struct route routes[] = {
    {"POST", SANDBOXES, sandbox0_claim, ROUTE_BODY_JSON, &sandbox0_claim_wish},
    {"GET", SANDBOXES, sandbox0_list},
    {"GET", SANDBOX, sandbox0_get},
    {"PUT", SANDBOX, sandbox0_update, ROUTE_BODY_JSON, &sandbox0_update_wish},
    {"DELETE", SANDBOX, sandbox0_remove},
    {"GET", SANDBOX "/status", sandbox0_get_status},
    {"POST", SANDBOX "/refresh", sandbox0_refresh, ROUTE_BODY_JSON,
	&sandbox0_refresh_wish},
    {"POST", SANDBOX "/pause", sandbox0_pause},
    {"POST", SANDBOX "/resume", sandbox0_resume},
};

const struct dialect sandbox0 = {.name = "sandbox0",
    .prefixes = {"/api/v1/sandboxes", "/api/v1/sandbox-rootfs-snapshots",
	"/api/v1/templates", "/api/v1/quotas", "/api/v1/usage/",
	"/api/v1/sandboxvolumes", "/users/", "/api-keys"},
    .routes = routes,
    .n_routes = sizeof routes / sizeof *routes,
    .adapt_failure = adapt,
    .failure_to_json = to_json};
