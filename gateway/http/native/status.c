// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/native/status.h"

#include <errno.h>

#include "common/rpc_calls.h"
#include "gateway/protocol/broker_calls.h"

int
status_templates(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_template_list_req req = {};
	struct rpc_template_list_rep rep;
	int r = request_ask_sandboxd(request, &rpc_call_template_list, &req,
	    &rep, &message, err);

	if (r < 0)
		return r;
	return reply_set(reply, 200, json_pack("{s:o}", "templates",
	    json_strv(rep.names)), err);
}

/* null where sandboxd does not answer: the status is to say so, not to fail. */
static json_t *
sandboxd_status(struct request *request)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_host_status_req req = {};
	struct rpc_host_status_rep rep;

	if (request_ask_sandboxd(request, &rpc_call_host_status, &req, &rep,
	    &message, NULL) < 0)
		return json_null();
	return json_pack("{s:s, s:o, s:I, s:I, s:s, s:s, s:I, s:I}",
	    "version", rep.version,
	    "started_at", json_timestamp(rep.started_ms),
	    "sandboxes", (json_int_t)rep.sandboxes,
	    "sandboxes_max", (json_int_t)rep.sandboxes_max,
	    "cgroup_backend", rep.cgroup_backend,
	    "disk_backend", rep.disk_backend,
	    "disk_total_bytes", (json_int_t)rep.disk_total_bytes,
	    "disk_free_bytes", (json_int_t)rep.disk_free_bytes);
}

int
status_get(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_gateway_status_req req = {};
	struct rpc_gateway_status_rep rep;
	int r = request_ask_broker(request, &rpc_call_gateway_status, &req,
	    &rep, &message, err);

	if (r < 0)
		return r;
	return reply_set(reply, 200, json_pack(
	    "{s:{s:s, s:s}, s:{s:s, s:o, s:I, s:{s:s, s:I, s:o}}, s:o}",
	    "identity", "org", request->org, "user", request->user,
	    "gateway", "version", rep.version,
	    "started_at", json_timestamp(rep.started_ms),
	    "connections", (json_int_t)rep.connections,
	    "ssh", "host", rep.ssh_host, "port", (json_int_t)rep.ssh_port,
	    "host_keys", json_strv(rep.host_keys),
	    "sandboxd", sandboxd_status(request)), err);
}

int
status_health(struct request *request, struct reply *reply, struct err *err)
{
	(void)request;
	return reply_set(reply, 200, json_pack("{s:s}", "status", "ok"), err);
}
