// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "gateway/http/back/mux.h"
#include "gateway/protocol/broker_calls.h"

#define TOKEN_LENGTH_MAX 255

const char *
identity_find_token(const char *authorization, const char *api_key)
{
	static const char scheme[] = "Bearer ";
	const size_t n = sizeof scheme - 1;

	if (authorization == NULL)
		return api_key;
	if (strncasecmp(authorization, scheme, n) != 0)
		return ""; /* somebody claimed something: never ignore it */
	return authorization + n + strspn(authorization + n, " ");
}

/*
 * Keeps what the answer says, and the capability that came with it. sandboxd's
 * being away is no reason to know nobody: keys and tokens can be managed
 * without it.
 */
static void
keep(struct request *request, uint64_t identity, const char *org,
    const char *user, struct rpc_message *message, uint64_t timeout_ms)
{
	struct timeval timeout = {(time_t)(timeout_ms / 1000),
	    (suseconds_t)(timeout_ms % 1000) * 1000};

	request->identity = identity;
	snprintf(request->org, sizeof request->org, "%s", org);
	snprintf(request->user, sizeof request->user, "%s", user);
	if (message->n_fds == 0)
		return;
	request->capability_fd = take_fd(&message->fds[0]);
	(void)setsockopt(request->capability_fd, SOL_SOCKET, SO_RCVTIMEO,
	    &timeout, sizeof timeout);
	(void)setsockopt(request->capability_fd, SOL_SOCKET, SO_SNDTIMEO,
	    &timeout, sizeof timeout);
}

static int
claim_token(struct request *request, const char *token, uint64_t timeout_ms,
    struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_api_auth_token_req req = {.token = token};
	struct rpc_api_auth_token_rep rep;
	int r;

	if (*token == '\0' || strlen(token) > TOKEN_LENGTH_MAX)
		return err_set(err, EACCES, "this is not a valid token");
	r = mux_call(request->broker, &rpc_call_api_auth_token, &req, NULL, 0,
	    &rep, &message, err);
	if (r < 0)
		return r;
	keep(request, rep.identity, rep.org, rep.user, &message, timeout_ms);
	return 0;
}

int
identity_claim(struct request *request, const char *token, int peer_fd,
    uint64_t timeout_ms, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_api_auth_peer_req req = {};
	struct rpc_api_auth_peer_rep rep;
	int r;

	if (token != NULL)
		return claim_token(request, token, timeout_ms, err);
	if (peer_fd < 0)
		return err_set(err, EACCES, "give a token: "
		    "\"Authorization: Bearer TOKEN\"");
	r = mux_call(request->broker, &rpc_call_api_auth_peer, &req, &peer_fd,
	    1, &rep, &message, err);
	if (r < 0)
		return r;
	keep(request, rep.identity, rep.org, rep.user, &message, timeout_ms);
	return 0;
}
