// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/sandbase/sandbase.h"

#include "gateway/http/dialect/absent.h"
#include "gateway/http/dialect/e2b/e2b.h"
#include "gateway/http/dialect/native/native.h"

static json_t *
to_json(const struct failure *failure)
{
	return json_pack("{s:I, s:s, s:s*}", "code",
	    (json_int_t)failure->status, "message", failure->message,
	    "request_id", failure->request_id);
}

static const struct route routes[] = {
    {"POST", "/sandboxes/{id}/resume", e2b_connect_sandbox, ROUTE_BODY_JSON,
	&e2b_connect_wish},
    {"DELETE", "/sandboxes/{id}/shutdown", e2b_kill_sandbox},
    {"POST", "/sandboxes/{id}/shutdown", e2b_kill_sandbox},
    {"POST", "/sandboxes/{id}/processes", native_exec, ROUTE_BODY_JSON,
	&sandbase_process_wish, .about = &sandbase_process},
    {"GET", "/sandboxes/{id}/files", sandbase_read},
    {"POST", "/sandboxes/{id}/files", upload_file,
	ROUTE_BODY_STREAM_OR_MULTIPART, .about = &sandbase_upload},
    {"GET", "/sandboxes/{id}/filesystem/list", sandbase_list},
    {"POST", "/sandboxes/{id}/filesystem/upload", upload_file,
	ROUTE_BODY_STREAM_OR_MULTIPART, .about = &sandbase_upload},
    {"GET", "/sandboxes/{id}/filesystem/download", sandbase_download},
    {"DELETE", "/sandboxes/{id}/filesystem", native_remove_file},
    {"GET", "/sandboxes/{id}/filesystem", sandbase_read_content},
    {"POST", "/sandboxes/{id}/filesystem", sandbase_write_content,
	ROUTE_BODY_JSON, &sandbase_content_wish},
    {"GET", "/sandboxes/{id}/envs", sandbase_get_env},
    {"POST", "/sandboxes/{id}/refreshes", sandbase_refresh, ROUTE_BODY_JSON,
	&sandbase_refresh_wish},
    {"GET", "/sandboxes/{id}/filesystem/stat", sandbase_stat},
    {"POST", "/sandboxes/{id}/filesystem/mkdir", sandbase_make_folder,
	ROUTE_BODY_JSON, &sandbase_folder_wish},
    {"POST", "/sandboxes/{id}/filesystem/move", sandbase_move,
	ROUTE_BODY_JSON, &sandbase_move_wish},
    {"GET", "/sandboxes/{id}/health", sandbase_get_health},
    {"GET", "/templates", sandbase_list_templates},
    {"GET", "/events/sandboxes", sandbase_list_history},
    {"GET", "/events/sandboxes/{id}", sandbase_list_history},
    {"POST", "/events/webhooks", sandbase_add_webhook, ROUTE_BODY_JSON,
	&sandbase_webhook_wish},
    {"GET", "/events/webhooks", sandbase_list_webhooks},
    {"GET", "/events/webhooks/{id}", sandbase_get_webhook},
    {"DELETE", "/events/webhooks/{id}", sandbase_remove_webhook},
    {"POST", "/default/v1/agents", sandbase_add_agent, ROUTE_BODY_JSON,
	&sandbase_agent_wish},
    {"GET", "/default/v1/agents", sandbase_list_agents},
    {"GET", "/default/v1/agents/{id}", sandbase_get_agent},
    {"DELETE", "/default/v1/agents/{id}", sandbase_remove_agent},
    {"POST", "/default/v1/sessions", sandbase_create_session, ROUTE_BODY_JSON,
	&sandbase_session_wish},
    {"GET", "/default/v1/sessions", sandbase_list_sessions},
    {"GET", "/default/v1/sessions/{id}", sandbase_get_session},
    {"DELETE", "/default/v1/sessions/{id}", e2b_kill_sandbox},
    {"POST", "/default/v1/sessions/{id}/events", native_exec, ROUTE_BODY_JSON,
	&sandbase_event_wish, .about = &sandbase_say},
    {"GET", "/default/v1/sessions/{id}/events", native_exec,
	.about = &sandbase_events},
};

const struct dialect sandbase = {.name = "sandbase",
    .serves = "Sandbase's API, as its Quick Start and its documents have it",
    .prefixes = {"/templates", "/default/v1/", "/events/"},
    .routes = routes, .n_routes = sizeof routes / sizeof *routes,
    .adapt_failure = absent_hide, .failure_to_json = to_json};
