// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/access.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/parse.h"
#include "common/scope.h"
#include "gateway/broker/api/tokens.h"
#include "gateway/broker/audit.h"
#include "keys/access.h"
#include "keys/token.h"

/* An access call while sandboxd is asked whose sandbox it is. */
struct access {
	struct broker *broker;
	uint64_t http_generation;
	uint32_t id;
	struct api_identity who;
	struct rpc_message message; /* what request points into */
	struct rpc_ssh_access_req request;
};

/* A key is let in, or a token made: fills the answer, and text with a token. */
static int
open_sandbox(struct access *access, uint32_t rights,
    struct rpc_ssh_access_rep *answer, char text[TOKEN_SIZE], struct err *err)
{
	const struct rpc_ssh_access_req *request = &access->request;
	struct store *store = access->broker->store;
	const struct token_terms terms = {.name = request->name,
	    .sandbox_id = request->sandbox_id, .rights = rights,
	    .ttl_ms = request->ttl_ms};
	int64_t expires_ms, now_ms = clock_unix_ms();
	struct token token;
	int r;

	if (*request->line != '\0') {
		r = access_grant(store, access->who.user_id,
		    request->sandbox_id, request->line, rights,
		    request->ttl_ms, now_ms, &expires_ms, err);
		answer->expires_ms = r < 0 ? 0 : (uint64_t)expires_ms;
		return r;
	}
	r = token_create(store, access->who.user_id, &terms, now_ms, text,
	    &token, err);
	if (r < 0)
		return r;
	answer->expires_ms = (uint64_t)token.expires_ms;
	answer->token_id = (uint64_t)token.id;
	return 0;
}

static int
grant(struct access *access, struct err *err)
{
	struct broker *broker = access->broker;
	char text[TOKEN_SIZE] = "";
	struct rpc_ssh_access_rep answer = {
	    .host = broker->settings.ssh_host, .port = broker->ssh_port,
	    .host_keys = api_host_keys(broker), .token = text};
	uint32_t rights = 0;
	int r = scope_parse(access->request.scope, &rights, err);

	if (r == 0)
		r = open_sandbox(access, rights, &answer, text, err);
	if (r < 0)
		return r;
	answer.scope = scope_name(rights);
	(void)audit_write(&broker->audit, "ssh_access", "org",
	    access->who.org, "user", access->who.user, "sandbox",
	    access->request.sandbox_id, "scope", answer.scope, "credential",
	    *text != '\0' ? "token" : "key", NULL);
	rpc_server_reply(&broker->http, &rpc_call_ssh_access, access->id,
	    &answer, NULL, 0);
	sodium_memzero(text, sizeof text);
	return 0;
}

static void
on_access_checked(void *arg, int cap_fd, const struct err *failure)
{
	struct access *access = arg;
	struct err err = {0};
	int r = 0;

	fd_close(&cap_fd); /* that it opened was the question */
	if (access->http_generation == access->broker->http_generation) {
		if (failure != NULL)
			err = *failure;
		else
			r = grant(access, &err);
		if (failure != NULL || r < 0)
			rpc_server_error(&access->broker->http,
			    rpc_call_ssh_access.number, access->id, &err);
	}
	rpc_message_free(&access->message);
	free(access);
}

int
api_ssh_access(struct api_context *context, const void *data)
{
	const struct rpc_ssh_access_req *request = data;
	struct broker *broker = context->broker;
	struct rpc_cap_open_req cap = {.sandbox_id = request->sandbox_id,
	    .rights = RPC_RIGHT_LIST, .audit = "ssh_access"};
	struct access *access;
	int r = api_permit_own(context, request->identity,
	    ACTION_CREDENTIALS);

	if (r == 0)
		r = role_check(&context->who.standing, ACTION_EXEC,
		    &context->err);
	if (r == 0)
		r = role_check(&context->who.standing, ACTION_FILES,
		    &context->err);
	if (r < 0)
		return r;
	if (!sandbox_id_is_valid(request->sandbox_id))
		return err_set(&context->err, ENOENT, "no such sandbox");
	access = calloc(1, sizeof *access);
	if (access == NULL)
		return err_set(&context->err, ENOMEM, "out of memory");
	*access = (struct access){.broker = broker,
	    .http_generation = broker->http_generation,
	    .id = context->message->header.id, .who = context->who,
	    .message = *context->message, .request = *request};
	cap.org = access->who.org;
	cap.owner_id = (uint64_t)access->who.user_id;
	cap.reach = role_reach(&access->who.standing);
	r = sandboxd_client_cap_open(broker->sandboxd, &cap,
	    BROKER_API_WAIT_MS, on_access_checked, access, &context->err);
	if (r < 0) {
		free(access);
		return r;
	}
	memset(context->message, 0, sizeof *context->message);
	return 0;
}
