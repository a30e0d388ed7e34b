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
#include "gateway/broker/broker.h"
#include "gateway/broker/lobby/lobby.h"
#include "gateway/protocol/broker_calls.h"
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

static void
send_answer(const struct request *request, uint64_t number,
    int64_t expires_ms, int cap_fd)
{
	struct rpc_server *http = &request->broker->http;
	size_t n_fds = cap_fd >= 0 ? 1 : 0;

	if (request->call == &rpc_call_api_auth_peer) {
		struct rpc_api_auth_peer_rep reply = {number,
		    request->who.org, request->who.user};

		rpc_server_reply(http, request->call, request->id, &reply,
		    &cap_fd, n_fds);
		return;
	}
	struct rpc_api_auth_token_rep reply = {number, request->who.org,
	    request->who.user, (uint64_t)expires_ms};

	rpc_server_reply(http, request->call, request->id, &reply, &cap_fd,
	    n_fds);
}

/*
 * Whether who was let in while sandboxd was asked still is: what ended them
 * meanwhile told gateway-http of nobody it knew.
 */
static int
check_still(const struct request *request, int64_t *ret_expires_ms,
    struct err *err)
{
	struct broker *broker = request->broker;
	const struct api_identity *who = &request->who;

	if (who->lobby != 0 && !broker_lobby_has(broker, who->lobby))
		return err_set(err, EACCES, "the login to the lobby is over");
	return api_identity_check(who, broker->store, clock_unix_ms(),
	    ret_expires_ms, err);
}

static int
answer(const struct request *request, int cap_fd, struct err *err)
{
	struct broker *broker = request->broker;
	uint64_t number, forgotten;
	int64_t expires_ms;
	int r = check_still(request, &expires_ms, err);

	if (r == 0)
		r = api_identity_add(&broker->identities, &request->who,
		    &number, &forgotten, err);
	if (r < 0)
		return r;
	if (forgotten != 0)
		api_end_identity(broker, forgotten);
	send_answer(request, number, expires_ms, cap_fd);
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

static int
open_organisation(struct broker *broker, const struct rpc_call *call,
    uint32_t id, const struct api_identity *who, const struct identity *used,
    const char *how, struct err *err)
{
	char audit[192];
	struct rpc_cap_open_req cap = {.org = who->org, .sandbox_id = "",
	    .rights = RPC_RIGHTS_API, .audit = audit,
	    .ttl_ms = BROKER_API_CAP_TTL_MS};
	struct request *request = calloc(1, sizeof *request);
	int r;

	if (request == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*request = (struct request){.broker = broker,
	    .http_generation = broker->http_generation, .call = call, .id = id,
	    .who = *who, .used = *used};
	snprintf(audit, sizeof audit, "%s@%s %s", who->user, who->org, how);
	r = sandboxd_client_cap_open(broker->sandboxd, &cap,
	    BROKER_API_WAIT_MS, on_capability, request, err);
	if (r < 0)
		free(request);
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
    struct err *err)
{
	struct api_identity who = {.org = STORE_DEFAULT_ORG,
	    .user = STORE_DEFAULT_USER};
	struct identity used = {0};
	struct ucred peer;
	char how[64];
	int r = read_peer(broker, message->fds[0], &peer, err);

	if (r == 0 && peer.uid != 0)
		r = check_group(broker, message->fds[0], &peer, err);
	if (r == 0)
		r = user_find(broker->store, who.org, who.user, &who.user_id,
		    err);
	if (r < 0)
		return r;
	who.uid = peer.uid;
	snprintf(how, sizeof how, "uid %u", (unsigned int)peer.uid);
	return open_organisation(broker, &rpc_call_api_auth_peer,
	    message->header.id, &who, &used, how, err);
}

int
api_auth_token(struct broker *broker, const struct rpc_message *message,
    const struct rpc_api_auth_token_req *request, struct err *err)
{
	struct api_identity who = {0};
	struct identities found = {0};
	const struct identity *row = &found.rows[0];
	char how[64];
	int r;

	if (broker_lobby_find_token(broker, request->token, &who))
		return open_organisation(broker, &rpc_call_api_auth_token,
		    message->header.id, &who, row, "lobby", err);
	r = verify_token(broker->store, request->token,
	    strlen(request->token), clock_unix_ms(), &found, err);
	if (r < 0)
		return r;
	/* A token for one sandbox, or for some rights, is one for SSH. */
	if (found.n == 0 || row->sandbox_id[0] != '\0' || row->rights != 0)
		return err_set(err, EACCES, "no such token");
	who.user_id = row->user_id;
	who.token_id = row->credential_id;
	memcpy(who.org, row->org, sizeof who.org);
	memcpy(who.user, row->user, sizeof who.user);
	snprintf(how, sizeof how, "token %lld", (long long)who.token_id);
	return open_organisation(broker, &rpc_call_api_auth_token,
	    message->header.id, &who, row, how, err);
}
