// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/acontext/acontext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/native.h"

#define PAGE	 20
#define PAGE_MAX 200

static json_t *
to_json(const struct failure *failure)
{
	return json_pack("{s:I, s:s, s:s, s:s*}", "code",
	    (json_int_t)failure->status, "msg", failure->message, "error",
	    failure->code, "request_id", failure->request_id);
}

/* What was destroyed is not there. */
static void
adapt(struct failure *failure)
{
	if (strcmp(failure->code, "gone") == 0) {
		failure->status = 404;
		failure->code = "not_found";
	}
}

void
acontext_reply(struct exchange *exchange, unsigned int status, json_t *data)
{
	exchange_reply(exchange, status, data == NULL ? NULL :
	    json_pack("{s:i, s:o, s:s}", "code", 0, "data", data, "msg", ""));
}

void
acontext_done(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		acontext_reply(arg, 200, json_null());
}

void
acontext_ping(struct exchange *exchange)
{
	exchange_reply(exchange, 200, json_pack("{s:i, s:s}", "code", 0,
	    "msg", "pong"));
}

bool
acontext_read_limit(struct exchange *exchange, uint32_t *ret)
{
	const char *text = exchange_query(exchange, "limit");
	struct failure failure;
	uint64_t limit = PAGE;

	if (*text != '\0' && (parse_u64(text, &limit) < 0 || limit == 0 ||
	    limit > PAGE_MAX)) {
		failure_of_field(&failure, "limit", "must be from 1 to %d",
		    PAGE_MAX);
		exchange_fail(exchange, &failure);
		return false;
	}
	*ret = (uint32_t)limit;
	return true;
}

#define SANDBOX	  "/api/v1/sandbox"
#define DISK	  "/api/v1/disk"
#define ARTIFACT  DISK "/{id}/artifact"

static const struct route routes[] = {
    {"GET", "/api/v1/ping", acontext_ping, .is_public = true},
    {"POST", SANDBOX, acontext_create_sandbox},
    {"GET", SANDBOX "/logs", acontext_list_logs},
    {"POST", SANDBOX "/{id}/exec", native_exec, ROUTE_BODY_JSON,
	&acontext_exec_wish, .about = &acontext_exec},
    {"DELETE", SANDBOX "/{id}", acontext_remove_sandbox},
    {"POST", DISK, acontext_create_disk, ROUTE_BODY_JSON,
	&acontext_disk_wish},
    {"GET", DISK, acontext_list_disks},
    {"DELETE", DISK "/{id}", acontext_remove_disk},
    {"POST", ARTIFACT, acontext_upsert, ROUTE_BODY_MULTIPART},
    {"GET", ARTIFACT, acontext_get},
    {"PUT", ARTIFACT, acontext_update, ROUTE_BODY_JSON,
	&acontext_update_wish},
    {"DELETE", ARTIFACT, acontext_remove},
    {"GET", ARTIFACT "/ls", acontext_list},
    {"GET", ARTIFACT "/grep", acontext_grep},
    {"GET", ARTIFACT "/glob", acontext_glob},
    {"GET", ARTIFACT "/download", acontext_download},
    {"POST", ARTIFACT "/download_to_sandbox", acontext_to_sandbox,
	ROUTE_BODY_JSON, &acontext_to_sandbox_wish},
    {"POST", ARTIFACT "/upload_from_sandbox", acontext_from_sandbox,
	ROUTE_BODY_JSON, &acontext_from_sandbox_wish},
};

const struct dialect acontext = {.name = "acontext",
    .serves = "Acontext's API, as npm @acontext/acontext 0.0.16 asks for it",
    .prefixes = {"/api/v1/sandbox", "/api/v1/disk", "/api/v1/ping",
	"/api/v1/session", "/api/v1/space", "/api/v1/tool"},
    .routes = routes,
    .n_routes = sizeof routes / sizeof *routes,
    .adapt_failure = adapt,
    .failure_to_json = to_json};
