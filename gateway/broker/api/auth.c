// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/auth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway/broker/api/ending.h"
#include "gateway/broker/api/signature.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/ending.h"
#include "gateway/broker/lobby/lobby.h"
#include "gateway/broker/login/sandbox_index.h"
#include "gateway/broker/quota.h"
#include "gateway/protocol/broker_calls.h"
#include "keys/role.h"
#include "keys/sandbox_token.h"
#include "keys/user.h"
#include "keys/verify.h"

#define PEER_GROUPS_MAX 65536 /* the kernel's own NGROUPS_MAX */

/* An authentication while sandboxd opens the capability. */
struct request {
	struct broker *broker;
	uint64_t http_generation;
	const struct rpc_call *call;
	uint32_t id;
	struct api_identity who;
	struct identity used; /* noted where a token was */
};

/*
 * Whether who was let in while sandboxd was asked still is: what ended them
 * meanwhile told gateway-http of nobody it knew.
 */
static int
check_still(struct request *request, struct err *err)
{
	struct broker *broker = request->broker;
	struct api_identity *who = &request->who;
	const uint32_t rights = role_rights(&who->standing);
	int r;

	if (who->lobby != 0 && !broker_lobby_has(broker, who->lobby))
		return err_set(err, EACCES, "the login to the lobby is over");
	r = api_identity_check(who, broker->store, clock_unix_ms(), err);
	if (r == 0 && role_rights(&who->standing) != rights)
		return err_set(err, EAGAIN, "what you may do has just been "
		    "changed; try again");
	return r;
}

/* Who it is, as the call has it. */
static void
reply(struct request *request, uint64_t number, int cap_fd)
{
	const struct api_identity *who = &request->who;
	const struct rpc_caller caller = {.identity = number,
	    .org = who->org, .user = who->user,
	    .role = role_name(role_effective(&who->standing)),
	    .rights = role_rights(&who->standing),
	    .expires_ms = (uint64_t)who->expires_ms,
	    .token = (uint64_t)who->token_id,
	    .body_max_bytes = who->limits.body_max_bytes,
	    .time_max_s = who->limits.time_max_s,
	    .per_second_max = who->limits.per_second_max};
	const struct rpc_api_auth_signature_rep by_url = {caller.identity,
	    caller.org, caller.user, caller.role, caller.rights,
	    caller.expires_ms, caller.token, caller.body_max_bytes,
	    caller.time_max_s, caller.per_second_max, who->bound_id};
	bool is_url = request->call == &rpc_call_api_auth_signature;

	rpc_server_reply(&request->broker->http, request->call, request->id,
	    is_url ? (const void *)&by_url : &caller, &cap_fd,
	    cap_fd >= 0 ? 1 : 0);
}

static int
answer(struct request *request, int cap_fd, struct err *err)
{
	struct broker *broker = request->broker;
	const struct api_identity *who = &request->who;
	uint64_t number, forgotten;
	int r = check_still(request, err);

	if (r == 0)
		r = api_identity_add(&broker->identities, who, &number,
		    &forgotten, err);
	if (r < 0)
		return r;
	if (forgotten != 0)
		api_end_identity(broker, forgotten);
	reply(request, number, cap_fd);
	if (request->used.credential_id != 0)
		verify_note_use(broker->store, &request->used,
		    clock_unix_ms());
	return 0;
}

static void
on_capability(void *arg, int cap_fd, const struct err *failure)
{
	auto_free struct request *request = arg;
	auto_close int fd = cap_fd;
	struct broker *broker = request->broker;
	struct err err = {0};

	if (request->http_generation != broker->http_generation)
		return;
	if (failure != NULL)
		log_warn("capability for org=%s: %s", request->who.org,
		    failure->text);
	if (answer(request, fd, &err) < 0)
		rpc_server_error(&broker->http, request->call->number,
		    request->id, &err);
}

/* How they came in. */
static void
describe_entry(const struct api_identity *who, char *ret, size_t size)
{
	if (who->lobby != 0)
		snprintf(ret, size, "lobby");
	else if (who->bound_id[0] != '\0')
		snprintf(ret, size, "access of token %lld",
		    (long long)who->token_id);
	else if (who->token_id != 0)
		snprintf(ret, size, "token %lld", (long long)who->token_id);
	else
		snprintf(ret, size, "uid %u", (unsigned int)who->uid);
}

/* Who asks is known; answers once there is a capability for what they may. */
static int
open_organisation(struct request *asked, struct err *err)
{
	struct broker *broker = asked->broker;
	const struct api_identity *who = &asked->who;
	char how[64];
	char audit[sizeof who->actor + sizeof who->user + sizeof who->org +
	    sizeof how + sizeof " for @ "];
	struct rpc_cap_open_req cap = {.org = who->org,
	    .sandbox_id = who->sandbox_id,
	    .rights = role_rights(&who->standing), .audit = audit,
	    .ttl_ms = BROKER_API_CAP_TTL_MS, .owner = who->user,
	    .owner_id = (uint64_t)who->user_id,
	    .reach = role_reach(&who->standing),
	    .tag = broker_ending_identity_tag(who)};
	struct request *request;
	int r;

	/* One who may nothing there can still manage keys and tokens. */
	if (cap.rights == 0)
		return answer(asked, -1, err);
	request = malloc(sizeof *request);
	if (request == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*request = *asked;
	describe_entry(who, how, sizeof how);
	broker_quota_fill(broker, &cap);
	snprintf(audit, sizeof audit, "%s%s%s@%s %s", who->actor,
	    who->actor[0] != '\0' ? " for " : "", who->user, who->org, how);
	r = sandboxd_client_cap_open(broker->sandboxd, &cap,
	    BROKER_API_WAIT_MS, on_capability, request, err);
	if (r < 0)
		free(request);
	return r;
}

/* Fills in the rest of who asks, and for whom. */
static int
find_out(struct request *request, const char *org, const char *user,
    struct err *err)
{
	struct api_identity *who = &request->who;
	struct store *store = request->broker->store;
	struct user found;
	int r = user_get(store, who->user_id, &found, err);

	if (r < 0)
		return r;
	who->org_id = found.org_id;
	memcpy(who->org, found.org, sizeof who->org);
	memcpy(who->user, found.name, sizeof who->user);
	if (who->actor_id == 0)
		snprintf(who->actor, sizeof who->actor, "uid %u",
		    (unsigned int)who->uid);
	r = api_identity_check(who, store, clock_unix_ms(), err);
	if (r == 0)
		r = api_identity_act(who, store, org, user, err);
	if (r == 0 && who->actor_id != 0 && who->user_id != who->actor_id)
		snprintf(who->actor, sizeof who->actor, "%.60s@%.60s",
		    found.name, found.org);
	return r;
}

/*
 * Only what the API's own listener accepted counts: every other socket a
 * taken-over gateway-http holds, its claim socket first, was made by root and
 * would name root as its peer.
 */
static int
read_peer(const struct broker *broker, int fd, struct ucred *ret,
    struct err *err)
{
	struct sockaddr_un address = {0};
	socklen_t size = sizeof address - 1;
	socklen_t cred_size = sizeof *ret;

	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0 ||
	    address.sun_family != AF_UNIX ||
	    strcmp(address.sun_path, broker->api_path) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret, &cred_size) < 0 ||
	    cred_size != sizeof *ret)
		return err_set(err, EACCES, "not a connection to %s",
		    broker->api_path);
	/* Those are the lobby's: with a token, or nobody's. */
	if (ret->uid == geteuid())
		return err_set(err, EACCES, "the broker's own connections "
		    "speak for nobody without a token");
	return 0;
}

/*
 * Whether the peer is one of those whom the API's socket is for: its group is
 * admin_group. What groups the peer has is what the kernel noted as it
 * connected; to ask the host's user database here could take as long as an
 * LDAP server likes, and everybody's login with it.
 */
static int
check_group(const struct broker *broker, int fd, const struct ucred *peer,
    struct err *err)
{
	auto_free gid_t *groups = calloc(PEER_GROUPS_MAX, sizeof *groups);
	socklen_t size = PEER_GROUPS_MAX * sizeof *groups;
	struct stat socket;

	if (groups == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (stat(broker->api_path, &socket) < 0)
		return err_errno(err, "%s", broker->api_path);
	if (peer->gid == socket.st_gid)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return err_errno(err, "groups of user %u",
		    (unsigned int)peer->uid);
	for (size_t i = 0; i < size / sizeof *groups; i++)
		if (groups[i] == socket.st_gid)
			return 0;
	return err_set(err, EACCES, "user %u is neither root nor in group %s",
	    (unsigned int)peer->uid, broker->settings.admin_group);
}

int
api_auth_peer(struct broker *broker, const struct rpc_message *message,
    const struct rpc_api_auth_peer_req *asked, struct err *err)
{
	struct request request = {.broker = broker,
	    .http_generation = broker->http_generation,
	    .call = &rpc_call_api_auth_peer, .id = message->header.id};
	struct ucred peer;
	int r = read_peer(broker, message->fds[0], &peer, err);

	if (r == 0 && peer.uid != 0)
		r = check_group(broker, message->fds[0], &peer, err);
	if (r == 0)
		r = user_find(broker->store, STORE_DEFAULT_ORG,
		    STORE_DEFAULT_USER, &request.who.user_id, err);
	if (r < 0)
		return r;
	request.who.uid = peer.uid;
	r = find_out(&request, asked->org, asked->user, err);
	return r < 0 ? r : open_organisation(&request, err);
}

/* The user of what is for one sandbox, by his token: both have to be there
 * still. */
static int
find_bound(struct request *request, struct err *err)
{
	struct broker *broker = request->broker;
	struct api_identity *who = &request->who;
	struct token_terms_now terms;
	int r = verify_token_id(broker->store, who->token_id,
	    clock_unix_ms(), &terms, err);

	if (r < 0)
		return r;
	if (!sandbox_index_is_current(broker->sandboxes))
		return err_set(err, EAGAIN, "sandboxd is not running; try "
		    "again");
	if (sandbox_index_find(broker->sandboxes, who->bound_id) == NULL)
		return err_set(err, EIDRM, "%s: no such sandbox",
		    who->bound_id);
	who->user_id = terms.user_id;
	return 0;
}

static int
find_by_sandbox_token(struct request *request, const char *text,
    struct err *err)
{
	struct api_identity *who = &request->who;

	if (!sandbox_token_read(request->broker->store, text, who->bound_id,
	    &who->token_id))
		return err_set(err, EACCES, "no such access token");
	return find_bound(request, err);
}

/* The user whom a token lets in. */
static int
find_by_token(struct request *request, const char *token, struct err *err)
{
	struct broker *broker = request->broker;
	struct identities found = {0};
	const struct identity *row = &found.rows[0];
	int r;

	if (sandbox_token_is_one(token))
		return find_by_sandbox_token(request, token, err);
	if (broker_lobby_find_token(broker, token, &request->who))
		return 0;
	r = verify_token(broker->store, token, strlen(token), clock_unix_ms(),
	    &found, err);
	if (r < 0)
		return r;
	/* One for some rights of SSH, or for one sandbox without saying what
	 * for, is one for SSH. */
	if (found.n == 0 || row->rights != 0 ||
	    (row->sandbox_id[0] != '\0' && row->standing.scopes == 0))
		return err_set(err, EACCES, "no such token");
	request->who.user_id = row->user_id;
	request->who.token_id = row->credential_id;
	request->used = *row;
	return 0;
}

int
api_auth_token(struct broker *broker, const struct rpc_message *message,
    const struct rpc_api_auth_token_req *asked, struct err *err)
{
	struct request request = {.broker = broker,
	    .http_generation = broker->http_generation,
	    .call = &rpc_call_api_auth_token, .id = message->header.id};
	int r = find_by_token(&request, asked->token, err);

	request.who.actor_id = request.who.user_id;
	if (r == 0)
		r = find_out(&request, asked->org, asked->user, err);
	return r < 0 ? r : open_organisation(&request, err);
}

int
api_auth_signature(struct broker *broker, const struct rpc_message *message,
    const struct rpc_api_auth_signature_req *asked, struct err *err)
{
	struct request request = {.broker = broker,
	    .http_generation = broker->http_generation,
	    .call = &rpc_call_api_auth_signature, .id = message->header.id};
	int r = signature_find(broker, asked, clock_unix_ms(),
	    request.who.bound_id, &request.who.token_id, err);

	if (r == 0)
		r = find_bound(&request, err);
	request.who.actor_id = request.who.user_id;
	if (r == 0)
		r = find_out(&request, "", "", err);
	return r < 0 ? r : open_organisation(&request, err);
}

int
api_renew(struct broker *broker, const struct rpc_message *message,
    const struct rpc_api_renew_req *asked, struct err *err)
{
	struct request request = {.broker = broker,
	    .http_generation = broker->http_generation,
	    .call = &rpc_call_api_renew, .id = message->header.id};
	int r = api_identity_find(&broker->identities, broker->store,
	    asked->identity, clock_unix_ms(), &request.who, err);

	return r < 0 ? r : open_organisation(&request, err);
}
