// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/e2b/e2b.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/parse.h"
#include "gateway/http/dialect/absent.h"
#include "gateway/http/dialect/e2b/connect.h"
#include "gateway/http/dialect/native/native.h"

static json_t *
to_json(const struct failure *failure)
{
	return json_pack("{s:I, s:s}", "code", (json_int_t)failure->status,
	    "message", failure->message);
}

static json_t *
to_connect_json(const struct failure *failure)
{
	return json_pack("{s:s, s:s}", "code", connect_code(failure),
	    "message", failure->message);
}

/* What is said of a sandbox that is no more: 502, by which clients know it. */
static void
adapt_data(struct failure *failure)
{
	if (strcmp(failure->code, "gone") == 0)
		failure->status = 502;
	else
		absent_hide(failure);
}

static void
adapt_rpc(struct failure *failure)
{
	const bool is_gone = strcmp(failure->code, "gone") == 0;

	if (!is_gone)
		absent_hide(failure);
	failure->status = is_gone ? 502 :
	    connect_status(connect_code(failure));
}

/*
 * Which sandbox a request is for where its path does not say: by a header, or
 * by the name of the host, PORT-ID.DOMAIN.
 */
static void
find_sandbox(const struct exchange *exchange, struct route_params *params)
{
	const char *id = exchange_header(exchange, "E2b-Sandbox-Id");
	const char *host = exchange_header(exchange, "Host");
	char text[SANDBOX_ID_SIZE] = "";
	size_t n;

	if (params->n == ROUTE_PARAMS_MAX)
		return;
	if (id != NULL) {
		snprintf(text, sizeof text, "%s", id);
	} else if (host != NULL) {
		n = strspn(host, "0123456789");
		if (n > 0 && host[n] == '-')
			snprintf(text, sizeof text, "%.*s",
			    (int)strcspn(host + n + 1, ".:"), host + n + 1);
	}
	strcpy(params->rows[params->n].name, "id");
	strcpy(params->rows[params->n++].value, text);
}

static bool
is_octets(const struct exchange *exchange)
{
	static const char octets[] = "application/octet-stream";
	const char *type = exchange_header(exchange, "Content-Type");

	return type != NULL &&
	    strncasecmp(type, octets, sizeof octets - 1) == 0;
}

static const struct route control_routes[] = {
    {"POST", "/v2/sandboxes", e2b_create_sandbox, ROUTE_BODY_JSON,
	&e2b_sandbox_wish, .is_repeatable = true},
    {"POST", "/sandboxes", e2b_create_sandbox, ROUTE_BODY_JSON,
	&e2b_sandbox_wish, .is_repeatable = true},
    {"GET", "/v2/sandboxes", e2b_list_sandboxes},
    {"GET", "/sandboxes", e2b_list_sandboxes},
    {"GET", "/sandboxes/metrics", e2b_list_last_metrics},
    {"GET", "/sandboxes/{id}", e2b_get_sandbox},
    {"GET", "/sandboxes/{id}/metrics", e2b_list_metrics},
    {"DELETE", "/sandboxes/{id}", e2b_kill_sandbox},
    {"POST", "/v2/sandboxes/{id}/connect", e2b_connect_sandbox,
	ROUTE_BODY_JSON, &e2b_connect_wish},
    {"POST", "/sandboxes/{id}/connect", e2b_connect_sandbox,
	ROUTE_BODY_JSON, &e2b_connect_wish},
    {"POST", "/sandboxes/{id}/pause", e2b_pause_sandbox, ROUTE_BODY_JSON,
	&e2b_pause_wish},
    {"POST", "/sandboxes/{id}/timeout", e2b_set_timeout, ROUTE_BODY_JSON,
	&e2b_timeout_wish},
    {"PUT", "/sandboxes/{id}/network", e2b_set_network, ROUTE_BODY_JSON,
	&e2b_network_wish},
    {"POST", "/sandboxes/{id}/fork", e2b_fork_sandbox, ROUTE_BODY_JSON,
	&e2b_fork_wish},
    {"POST", "/sandboxes/{id}/snapshots", e2b_create_snapshot,
	ROUTE_BODY_JSON, &e2b_snapshot_wish},
    {"GET", "/snapshots", e2b_list_snapshots},
    {"POST", "/templates/tags", e2b_refuse_tags},
    {"DELETE", "/templates/tags", e2b_refuse_tags},
    {"DELETE", "/templates/{template}", e2b_remove_snapshot},
    {"GET", "/templates/aliases/{alias}", e2b_find_alias},
};

static const struct route data_routes[] = {
    {"GET", "/health", e2b_get_health},
    {"GET", "/files", e2b_read_file},
    {"POST", "/files", e2b_upload_files, ROUTE_BODY_MULTIPART},
    {"POST", "/execute", e2b_execute, ROUTE_BODY_JSON, &e2b_execute_wish},
    {"POST", "/contexts", e2b_create_context, ROUTE_BODY_JSON,
	&e2b_context_wish},
    {"GET", "/contexts", e2b_list_contexts},
    {"DELETE", "/contexts/{ctx}", native_remove_context},
    {"POST", "/contexts/{ctx}/restart", e2b_restart_context},
};

/* Of bytes as they are. */
static const struct route upload_routes[] = {
    {"POST", "/files", e2b_write_file, ROUTE_BODY_STREAM},
};

static const struct route rpc_routes[] = {
    {"POST", "/process.Process/Start", e2b_start, ROUTE_BODY_STREAM},
    {"POST", "/process.Process/Connect", e2b_connect, ROUTE_BODY_STREAM},
    {"POST", "/process.Process/List", e2b_list_processes, ROUTE_BODY_JSON},
    {"POST", "/process.Process/SendInput", e2b_send_input,
	ROUTE_BODY_JSON, &e2b_input_wish},
    {"POST", "/process.Process/SendSignal", e2b_send_signal,
	ROUTE_BODY_JSON, &e2b_signal_wish},
    {"POST", "/process.Process/Update", e2b_update, ROUTE_BODY_JSON,
	&e2b_update_wish},
    {"POST", "/process.Process/CloseStdin", e2b_close_input,
	ROUTE_BODY_JSON, &e2b_select_wish},
    {"POST", "/filesystem.Filesystem/Stat", e2b_stat, ROUTE_BODY_JSON,
	&e2b_path_wish},
    {"POST", "/filesystem.Filesystem/ListDir", e2b_list_folder,
	ROUTE_BODY_JSON, &e2b_list_wish},
    {"POST", "/filesystem.Filesystem/MakeDir", e2b_make_folder,
	ROUTE_BODY_JSON, &e2b_path_wish},
    {"POST", "/filesystem.Filesystem/Move", e2b_move, ROUTE_BODY_JSON,
	&e2b_move_wish},
    {"POST", "/filesystem.Filesystem/WatchDir", e2b_watch_folder,
	ROUTE_BODY_STREAM},
    {"POST", "/filesystem.Filesystem/CreateWatcher", e2b_create_watcher,
	ROUTE_BODY_JSON, &e2b_watch_wish},
    {"POST", "/filesystem.Filesystem/GetWatcherEvents", e2b_poll_watcher,
	ROUTE_BODY_JSON, &e2b_watcher_wish},
    {"POST", "/filesystem.Filesystem/RemoveWatcher", e2b_remove_watcher,
	ROUTE_BODY_JSON, &e2b_watcher_wish},
    {"POST", "/filesystem.Filesystem/Remove", e2b_remove, ROUTE_BODY_JSON,
	&e2b_path_wish},
};

#define SERVES "E2B's API, as npm e2b 2.51.0 asks for it"

#define ROUTES(rows) .routes = rows, .n_routes = sizeof rows / sizeof *rows

const struct dialect e2b_control = {.name = "e2b", .serves = SERVES,
    .prefixes = {"/v2/", "/v3/", "/sandboxes", "/snapshots", "/templates/",
	"/volumes", "/secrets"},
    ROUTES(control_routes), .adapt_failure = absent_hide,
    .failure_to_json = to_json};
const struct dialect e2b_data = {.name = "e2b", .serves = SERVES,
    .prefixes = {"/files", "/health", "/execute", "/contexts"},
    ROUTES(data_routes), .adapt_failure = adapt_data,
    .failure_to_json = to_json, .add_params = find_sandbox};
const struct dialect e2b_upload = {.name = "e2b", .serves = SERVES,
    ROUTES(upload_routes),
    .is_meant = is_octets, .adapt_failure = adapt_data,
    .failure_to_json = to_json, .add_params = find_sandbox};
const struct dialect e2b_rpc = {.name = "e2b", .serves = SERVES,
    .prefixes = {"/process.Process/", "/filesystem.Filesystem/"},
    ROUTES(rpc_routes), .adapt_failure = adapt_rpc,
    .failure_to_json = to_connect_json, .add_params = find_sandbox};
