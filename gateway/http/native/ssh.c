// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/native/ssh.h"

#include <errno.h>
#include <stdio.h>

#include "common/parse.h"
#include "gateway/http/engine/input.h"
#include "gateway/http/native/sshfp.h"
#include "gateway/protocol/broker_calls.h"

#define ACCESS_TTL_S	 300 /* where the request names none */
#define ACCESS_TTL_MAX_S 86400
#define SCOPE_MAX	 63
#define TOKEN_NAME_MAX	 63
#define SSH_PORT	 22
#define LINE_SIZE	 16384

static json_t *
host_key_to_json(const char *line, const char *host, struct err *err)
{
	char record[512];
	struct sshfp key;

	if (sshfp_compute(line, &key, err) < 0)
		return NULL;
	/* As ssh-keygen -r prints it. */
	snprintf(record, sizeof record, "%s IN SSHFP %u %d %s", host,
	    key.number, SSHFP_TYPE_SHA256, key.digest);
	return json_pack("{s:s, s:s, s:s, s:s}", "algorithm", key.algorithm,
	    "public_key", line, "fingerprint", key.fingerprint, "sshfp",
	    record);
}

/* A line of a known_hosts file. */
static json_t *
known_host(const char *line, const char *host, uint32_t port)
{
	char text[LINE_SIZE];

	if (port == SSH_PORT)
		snprintf(text, sizeof text, "%s %s", host, line);
	else
		snprintf(text, sizeof text, "[%s]:%u %s", host, port, line);
	return json_string(text);
}

int
ssh_get(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_gateway_status_req req = {};
	struct rpc_gateway_status_rep rep;
	json_t *keys, *known;
	struct rpc_strv left;
	const char *line;
	int r = request_ask_broker(request, &rpc_call_gateway_status, &req,
	    &rep, &message, err);

	if (r < 0)
		return r;
	keys = json_array();
	known = json_array();
	for (left = rep.host_keys; (line = rpc_strv_next(&left)) != NULL;) {
		/* What fails to be appended makes the arrays too short, and
		 * both calls free what they are given. */
		(void)json_array_append_new(keys, host_key_to_json(line,
		    rep.ssh_host, err));
		(void)json_array_append_new(known, known_host(line,
		    rep.ssh_host, rep.ssh_port));
	}
	if (json_array_size(keys) != rep.host_keys.count) {
		json_decref(keys);
		json_decref(known);
		return err_set(err, EBADMSG, "malformed host keys");
	}
	return reply_set(reply, 200, json_pack("{s:s, s:I, s:o, s:o}",
	    "host", rep.ssh_host, "port", (json_int_t)rep.ssh_port,
	    "host_keys", keys, "known_hosts", known), err);
}

static json_t *
access_to_json(const struct rpc_ssh_access_rep *access, const char *id)
{
	json_t *answer = json_pack("{s:s, s:I, s:s, s:o, s:o, s:o}",
	    "host", access->host, "port", (json_int_t)access->port,
	    "username", id, "host_keys", json_strv(access->host_keys),
	    "expires_at", json_timestamp(access->expires_ms),
	    "scope", json_string_or_null(access->scope));

	if (answer == NULL || *access->token == '\0')
		return answer;
	(void)json_object_set_new(answer, "token_id",
	    json_integer((json_int_t)access->token_id));
	if (json_object_set_new(answer, "token",
	    json_string(access->token)) < 0) {
		json_decref(answer);
		return NULL;
	}
	return answer;
}

int
ssh_grant(struct request *request, struct reply *reply, struct err *err)
{
	static const char *const names[] = {"public_key", "ttl_seconds",
	    "scope", "name"};
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_ssh_access_req access = {.identity = request->identity,
	    .sandbox_id = request->param};
	struct rpc_ssh_access_rep granted;
	uint64_t ttl_s;
	int r;

	if (!sandbox_id_is_valid(request->param))
		return err_set(err, ENOENT, "%s: no such sandbox",
		    request->param);
	if ((r = input_check_names(request->body, names, 4, err)) < 0 ||
	    (r = input_string(request->body, "public_key",
	    INPUT_KEY_SIZE_MAX - 1, &access.line, err)) < 0 ||
	    (r = input_number(request->body, "ttl_seconds", 1,
	    ACCESS_TTL_MAX_S, &ttl_s, err)) < 0 ||
	    (r = input_string(request->body, "scope", SCOPE_MAX,
	    &access.scope, err)) < 0 ||
	    (r = input_string(request->body, "name", TOKEN_NAME_MAX,
	    &access.name, err)) < 0)
		return r;
	if (access.line != NULL && (access.name != NULL ||
	    *access.line == '\0'))
		return err_set(err, EINVAL, *access.line == '\0' ?
		    "public_key: a line such as \"ssh-ed25519 AAAA...\", or "
		    "left out for a token" :
		    "name: only of a token, which is made without public_key");
	if (access.line == NULL)
		access.line = "";
	if (access.scope == NULL)
		access.scope = "";
	if (access.name == NULL || *access.name == '\0')
		access.name = request->param;
	access.ttl_ms = (ttl_s != 0 ? ttl_s : ACCESS_TTL_S) * 1000;
	r = request_ask_broker(request, &rpc_call_ssh_access, &access,
	    &granted, &message, err);
	if (r < 0)
		return r;
	return reply_set(reply, 200, access_to_json(&granted, request->param),
	    err);
}
