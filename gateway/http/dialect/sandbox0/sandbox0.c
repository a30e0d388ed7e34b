// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/sandbox0/sandbox0.h"

#include <string.h>

#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/sandbox0/contexts.h"
#include "gateway/http/dialect/sandbox0/files.h"
#include "gateway/http/dialect/sandbox0/more.h"
#include "gateway/http/dialect/sandbox0/network.h"
#include "gateway/http/dialect/sandbox0/observability.h"
#include "gateway/http/dialect/sandbox0/services.h"
#include "gateway/http/dialect/sandbox0/sessions.h"

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
#define CONTEXTS  SANDBOX "/contexts"
#define CONTEXT	  CONTEXTS "/{ctx}"
#define SESSIONS  SANDBOX "/sessions"
#define SESSION	  SESSIONS "/{ctx}"
#define PREVIEWS  SANDBOX "/previews"
#define OBSERVED  SANDBOX "/observability"
#define SNAPSHOT  "/api/v1/sandbox-rootfs-snapshots/{snapshot}"
#define TEMPLATES "/api/v1/templates"
#define KEYS	  "/users/me/ssh-keys"

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
    {"GET", SANDBOX "/logs", sandbox0_read_logs},
    {"GET", SANDBOX "/network", sandbox0_get_network},
    {"PUT", SANDBOX "/network", sandbox0_set_network, ROUTE_BODY_JSON,
	&sandbox0_network_wish},
    {"GET", SANDBOX "/services", sandbox0_get_services},
    {"PUT", SANDBOX "/services", sandbox0_set_services, ROUTE_BODY_JSON,
	&sandbox0_services_wish},
    {"POST", PREVIEWS, sandbox0_create_preview, ROUTE_BODY_JSON,
	&sandbox0_preview_wish},
    {"PUT", PREVIEWS "/{preview}", sandbox0_renew_preview,
	ROUTE_BODY_JSON, &sandbox0_preview_renewal},
    {"DELETE", PREVIEWS "/{preview}", sandbox0_remove_preview},
    {"POST", SANDBOX "/snapshots", sandbox0_create_snapshot,
	ROUTE_BODY_JSON, &sandbox0_snapshot_wish},
    {"GET", SANDBOX "/snapshots", sandbox0_list_snapshots},
    {"POST", SANDBOX "/rootfs/restore", sandbox0_restore, ROUTE_BODY_JSON,
	&sandbox0_restore_wish},
    {"POST", SANDBOX "/fork", sandbox0_fork, ROUTE_BODY_JSON,
	&sandbox0_fork_wish},
    {"GET", SNAPSHOT, sandbox0_get_snapshot},
    {"DELETE", SNAPSHOT, sandbox0_remove_snapshot},
    {"GET", TEMPLATES, sandbox0_list_templates},
    {"POST", TEMPLATES, sandbox0_refuse_template},
    {"POST", TEMPLATES "/from-sandbox", sandbox0_publish_template,
	ROUTE_BODY_JSON, &sandbox0_template_wish},
    {"GET", TEMPLATES "/{template}", sandbox0_get_template},
    {"PUT", TEMPLATES "/{template}", sandbox0_refuse_template},
    {"DELETE", TEMPLATES "/{template}", sandbox0_remove_template},
    {"GET", "/api/v1/quotas", sandbox0_list_quotas},
    {"GET", "/api/v1/quotas/{dimension}", sandbox0_get_quota},
    {"GET", "/api/v1/usage/windows", sandbox0_list_usage},
    {"GET", KEYS, sandbox0_list_keys},
    {"POST", KEYS, sandbox0_add_key, ROUTE_BODY_JSON, &native_key_wish},
    {"DELETE", KEYS "/{key}", sandbox0_remove_key},
    {"POST", CONTEXTS, sandbox0_create_context, ROUTE_BODY_JSON,
	&sandbox0_context_wish},
    {"GET", CONTEXTS, sandbox0_list_contexts},
    {"GET", CONTEXT, sandbox0_get_context},
    {"DELETE", CONTEXT, sandbox0_remove_context},
    {"POST", CONTEXT "/restart", sandbox0_restart_context},
    {"POST", CONTEXT "/exec", sandbox0_exec, ROUTE_BODY_JSON,
	&sandbox0_input_wish},
    {"POST", CONTEXT "/input", sandbox0_input, ROUTE_BODY_JSON,
	&sandbox0_input_wish},
    {"POST", CONTEXT "/resize", sandbox0_resize, ROUTE_BODY_JSON,
	&sandbox0_resize_wish},
    {"POST", CONTEXT "/signal", sandbox0_signal, ROUTE_BODY_JSON,
	&sandbox0_signal_wish},
    {"GET", CONTEXT "/stats", sandbox0_stats},
    {"GET", CONTEXT "/ws", sandbox0_connect_context, ROUTE_BODY_UPGRADE},
    {"POST", SESSIONS, sandbox0_create_session, ROUTE_BODY_JSON,
	&sandbox0_session_wish, .is_repeatable = true},
    {"GET", SANDBOX "/metrics", sandbox0_get_metrics},
    {"GET", SANDBOX "/metrics/catalog", sandbox0_list_metrics},
    {"GET", OBSERVED "/events", sandbox0_list_observed_events},
    {"GET", OBSERVED "/logs", sandbox0_list_observed_logs},
    {"GET", SESSIONS, sandbox0_list_sessions},
    {"GET", SESSION, sandbox0_get_session},
    {"PUT", SESSION, sandbox0_update_session, ROUTE_BODY_JSON,
	&sandbox0_session_wish},
    {"DELETE", SESSION, sandbox0_remove_context},
    {"PUT", SESSION "/desired-state", sandbox0_set_session_state,
	ROUTE_BODY_JSON, &sandbox0_state_wish},
    {"POST", SESSION "/attempts", sandbox0_create_attempt, ROUTE_BODY_JSON,
	&sandbox0_attempt_wish},
    {"POST", SESSION "/inputs", sandbox0_write_session, ROUTE_BODY_JSON,
	&sandbox0_session_input_wish},
    {"POST", SESSION "/signals", sandbox0_signal, ROUTE_BODY_JSON,
	&sandbox0_signal_wish},
    {"PUT", SESSION "/terminal", sandbox0_resize, ROUTE_BODY_JSON,
	&sandbox0_resize_wish},
    {"GET", SESSION "/events", sandbox0_list_session_events},
    {"GET", SESSION "/events/stream", sandbox0_watch_session},
    {"GET", SESSION "/ws", sandbox0_connect_session, ROUTE_BODY_UPGRADE},
    {"GET", SANDBOX "/files", native_read_file},
    {"POST", SANDBOX "/files", sandbox0_write_file, ROUTE_BODY_STREAM,
	.about = &sandbox0_upload},
    {"DELETE", SANDBOX "/files", sandbox0_remove_file},
    {"GET", SANDBOX "/files/stat", sandbox0_stat_file},
    {"GET", SANDBOX "/files/list", sandbox0_list_files},
    {"POST", SANDBOX "/files/move", sandbox0_move_file, ROUTE_BODY_JSON,
	&sandbox0_move_wish},
    {"GET", SANDBOX "/files/watch", sandbox0_watch_files,
	ROUTE_BODY_UPGRADE},
};

const struct dialect sandbox0 = {.name = "sandbox0",
    .serves = "Sandbox0's API, as npm sandbox0 0.9.5 asks for it",
    .prefixes = {"/api/v1/sandboxes", "/api/v1/sandbox-rootfs-snapshots",
	"/api/v1/templates", "/api/v1/quotas", "/api/v1/usage/",
	"/api/v1/sandboxvolumes", "/api/v1/credential-sources",
	"/api/v1/registry/", "/users/", "/api-keys", "/teams", "/auth/"},
    .routes = routes,
    .n_routes = sizeof routes / sizeof *routes,
    .adapt_failure = adapt,
    .failure_to_json = to_json};
