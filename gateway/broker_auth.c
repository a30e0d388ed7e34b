// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker_auth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/log.h"
#include "common/rpc_calls.h"
#include "gateway/audit.h"
#include "gateway/broker.h"
#include "gateway/broker_calls.h"
#include "gateway/connection.h"
#include "gateway/username.h"
#include "keys/signature.h"
#include "keys/ssh_key.h"
#include "keys/verify.h"

/* What is asked for when nobody may: an id of a length that is never made. */
#define NOWHERE_ORG	STORE_DEFAULT_ORG
#define NOWHERE_SANDBOX "sb_0000000000000"

#define REFUSAL_TEXT "permission denied"

/* Room for "[address]:port". */
#define FROM_SIZE (HANDOVER_ADDRESS_SIZE + 8)

/* A claim while it is being decided. */
struct claim {
	struct connection *connection;
	const struct rpc_call *call;
	uint32_t id;
	bool is_offer; /* nothing was proved: nothing may be opened */
	uint64_t started_us;
	sd_event_source *timer;
	char user[128]; /* as the client wrote it */
	struct username username;
	char credential[SSH_KEY_FINGERPRINT_SIZE]; /* "token", or a key's */
	struct identities candidates;
	size_t next; /* the candidate to ask for next */
	const struct identity *asked; /* NULL = nowhere */
};

static void ask_next(struct claim *claim);

static void
format_from(const struct connection *connection, char ret[FROM_SIZE])
{
	snprintf(ret, FROM_SIZE, "[%s]:%u", connection->peer_address,
	    connection->peer_port);
}

void
broker_auth_abandon(struct connection *connection)
{
	struct claim *claim = connection->claim;

	if (claim == NULL)
		return;
	connection->claim = NULL;
	sandboxd_client_forget(connection->broker->sandboxd, claim);
	sd_event_source_disable_unref(claim->timer);
	free(claim);
}

static int
send_refusal(struct connection *connection, uint16_t number, uint32_t id)
{
	struct err err = {0};

	err_set(&err, EACCES, REFUSAL_TEXT);
	return rpc_send_error(connection->claim_fd, number, id, &err,
	    MSG_DONTWAIT);
}

/* Counts a failure; the connection may be gone afterwards. */
static void
refuse(struct claim *claim)
{
	struct connection *connection = claim->connection;
	struct broker *broker = connection->broker;
	char from[FROM_SIZE];
	int r;

	format_from(connection, from);
	(void)audit_write(broker->audit_fd,
	    claim->is_offer ? "offer_refused" : "login_refused",
	    "from", from, "name", claim->user, "credential",
	    claim->credential, NULL);
	r = send_refusal(connection, claim->call->number, claim->id);
	broker_auth_abandon(connection);
	connection->n_failures++;
	if (r < 0 ||
	    connection->n_failures >= broker->settings.max_auth_tries)
		connection_free(connection);
	else
		connection_listen(connection, true);
}

static uint32_t
rights_of(const struct identity *identity)
{
	return identity->rights != 0 ? identity->rights & RPC_RIGHTS_SSH :
	    RPC_RIGHTS_SSH;
}

/* Credentials for one sandbox are good for no other. */
static void
drop_other_sandboxes(struct identities *candidates, const char *sandbox_id)
{
	size_t n = 0;

	for (size_t i = 0; i < candidates->n; i++)
		if (candidates->rows[i].sandbox_id[0] == '\0' ||
		    strcmp(candidates->rows[i].sandbox_id, sandbox_id) == 0)
			candidates->rows[n++] = candidates->rows[i];
	candidates->n = n;
}

static int
on_refusal_due(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)source;
	(void)usec;
	refuse(arg);
	return 0;
}

/* Every refusal is answered at the same time after its request. */
static void
refuse_later(struct claim *claim)
{
	struct broker *broker = claim->connection->broker;

	if (sd_event_add_time(broker->event, &claim->timer, CLOCK_MONOTONIC,
	    claim->started_us + broker->settings.auth_failure_ms * 1000, 1,
	    on_refusal_due, claim) < 0)
		refuse(claim);
}

/* The two calls answer with the same fields, so that one struct is both. */
_Static_assert(sizeof(struct rpc_auth_publickey_rep) ==
    sizeof(struct rpc_auth_secret_rep), "logins answer alike");

static int
send_acceptance(const struct claim *claim, int cap_fd)
{
	struct rpc_auth_publickey_rep reply = {.sandbox_id = "",
	    .login_user = "", .terminal = "", .notice = ""};

	if (!claim->is_offer)
		reply = (struct rpc_auth_publickey_rep){
		    .kind = BROKER_LOGIN_SANDBOX,
		    .sandbox_id = claim->username.sandbox_id,
		    .login_user = claim->username.login_user,
		    .rights = rights_of(claim->asked),
		    .terminal = claim->username.terminal,
		    .takes_over = claim->username.takes_over,
		    .is_recorded = claim->asked->is_recorded,
		    .notice = ""};
	return rpc_send_reply(claim->connection->claim_fd, claim->call,
	    claim->id, &reply, &cap_fd, claim->is_offer ? 0 : 1,
	    MSG_DONTWAIT);
}

static void
accept_claim(struct claim *claim, int cap_fd)
{
	struct connection *connection = claim->connection;
	struct broker *broker = connection->broker;
	char from[FROM_SIZE];
	int r = send_acceptance(claim, cap_fd);

	if (!claim->is_offer) {
		format_from(connection, from);
		(void)audit_write(broker->audit_fd, "login", "from", from,
		    "org", claim->asked->org, "user", claim->asked->user,
		    "sandbox", claim->username.sandbox_id, "login_user",
		    claim->username.login_user, "credential",
		    claim->credential, NULL);
		log_info("login org=%s user=%s sandbox=%s from=%s",
		    claim->asked->org, claim->asked->user,
		    claim->username.sandbox_id, from);
		verify_note_use(broker->store, claim->asked, broker_now_ms());
		connection->is_authenticated = true;
		broker->n_startups--;
	}
	broker_auth_abandon(connection);
	if (r < 0)
		connection_free(connection);
	else
		connection_listen(connection, true);
}

static void
on_capability(void *arg, int cap_fd, const struct err *err)
{
	struct claim *claim = arg;
	auto_close int fd = cap_fd;

	if (err != NULL && err->code != ENOENT)
		log_error("cap_open: %s", err->text);
	/* A capability for nowhere cannot be; if it is, nobody gets it. */
	if (fd >= 0 && claim->asked != NULL)
		accept_claim(claim, fd);
	else if (claim->next < claim->candidates.n)
		ask_next(claim);
	else
		refuse_later(claim);
}

/* Asks sandboxd for the next candidate, or for nowhere if there is none. */
static void
ask_next(struct claim *claim)
{
	struct broker *broker = claim->connection->broker;
	struct rpc_cap_open_req request = {.org = NOWHERE_ORG,
	    .sandbox_id = NOWHERE_SANDBOX, .rights = RPC_RIGHTS_SSH};
	char audit[384], from[FROM_SIZE];
	struct err err = {0};

	format_from(claim->connection, from);
	claim->asked = NULL;
	snprintf(audit, sizeof audit, "nobody from %s", from);
	if (claim->next < claim->candidates.n) {
		claim->asked = &claim->candidates.rows[claim->next++];
		request.org = claim->asked->org;
		request.sandbox_id = claim->username.sandbox_id;
		request.rights = rights_of(claim->asked);
		snprintf(audit, sizeof audit, "%s@%s %s from %s",
		    claim->asked->user, claim->asked->org, claim->credential,
		    from);
	}
	request.audit = audit;
	if (sandboxd_client_cap_open(broker->sandboxd, &request,
	    BROKER_LOGIN_WAIT_MS, on_capability, claim, &err) < 0) {
		log_error("cap_open: %s", err.text);
		refuse_later(claim);
	}
}

static int
begin(struct connection *connection, const struct rpc_call *call, uint32_t id,
    const char *user, struct claim **ret)
{
	struct claim *claim = calloc(1, sizeof *claim);

	if (claim == NULL)
		return -ENOMEM;
	claim->connection = connection;
	claim->call = call;
	claim->id = id;
	(void)sd_event_now(connection->broker->event, CLOCK_MONOTONIC,
	    &claim->started_us);
	snprintf(claim->user, sizeof claim->user, "%s", user);
	connection->claim = claim;
	connection_listen(connection, false);
	*ret = claim;
	return 0;
}

/* The keys were looked up; a name that is none, or an error, is nobody's. */
static void
decide(struct claim *claim, int found, const struct err *err)
{
	if (found < 0)
		log_error("keys: %s", err->text);
	if (found < 0 || username_parse(claim->user, &claim->username) < 0 ||
	    claim->username.kind != USERNAME_SANDBOX)
		claim->candidates.n = 0;
	drop_other_sandboxes(&claim->candidates, claim->username.sandbox_id);
	ask_next(claim);
}

/*
 * Whether the client holds the key and signed for this user, just now. Asked
 * only of keys somebody has registered: to others the answer is no anyway.
 */
static bool
is_possessed(struct claim *claim, const struct rpc_auth_publickey_req *request)
{
	const struct range key = {request->key.data, request->key.size};
	const struct signature_proof proof = {key, key,
	    {request->signature.data, request->signature.size},
	    {request->signed_data.data, request->signed_data.size}};
	struct signature_claim signed_for;
	struct err err = {0};

	if (signature_verify_userauth(&proof, &signed_for, &err) < 0) {
		log_warn("signature refused: from=%s: %s",
		    claim->connection->peer_address, err.text);
		return false;
	}
	if (signed_for.user_size != strlen(request->user) ||
	    memcmp(signed_for.user, request->user, signed_for.user_size) != 0 ||
	    !replay_is_first(&claim->connection->broker->replay,
	    signed_for.session_id, signed_for.session_id_size)) {
		log_warn("signature refused: from=%s: for another user or used",
		    claim->connection->peer_address);
		return false;
	}
	return true;
}

static int
claim_publickey(struct connection *connection,
    const struct rpc_message *message)
{
	struct rpc_auth_publickey_req request;
	struct username name = {0};
	struct err err = {0};
	struct claim *claim;
	int r = rpc_open_request(&rpc_call_auth_publickey, message, &request);

	if (r < 0)
		return r;
	r = begin(connection, &rpc_call_auth_publickey, message->header.id,
	    request.user, &claim);
	if (r < 0)
		return r;
	claim->is_offer = request.signature.size == 0;
	ssh_key_fingerprint(request.key.data, request.key.size,
	    claim->credential);
	/* A bad name is looked up too, with no sandbox at all. */
	if (username_parse(request.user, &name) < 0)
		snprintf(name.sandbox_id, sizeof name.sandbox_id, "%s",
		    NOWHERE_SANDBOX);
	r = verify_ssh_key(connection->broker->store, request.key.data,
	    request.key.size, name.sandbox_id, broker_now_ms(),
	    &claim->candidates, &err);
	if (r == 0 && claim->candidates.n > 0 && !claim->is_offer &&
	    !is_possessed(claim, &request))
		claim->candidates.n = 0;
	decide(claim, r, &err);
	return 0;
}

static int
claim_secret(struct connection *connection, const struct rpc_message *message)
{
	struct rpc_auth_secret_req request;
	struct err err = {0};
	struct claim *claim;
	int r = rpc_open_request(&rpc_call_auth_secret, message, &request);

	if (r < 0)
		return r;
	r = begin(connection, &rpc_call_auth_secret, message->header.id,
	    request.user, &claim);
	if (r < 0)
		return r;
	snprintf(claim->credential, sizeof claim->credential, "token");
	r = verify_token(connection->broker->store, request.secret.data,
	    request.secret.size, broker_now_ms(), &claim->candidates, &err);
	if (r == 0 && claim->candidates.n > 0)
		snprintf(claim->credential, sizeof claim->credential,
		    "token %lld",
		    (long long)claim->candidates.rows[0].credential_id);
	decide(claim, r, &err);
	return 0;
}

int
broker_auth_claim(struct connection *connection, struct rpc_message *message)
{
	const struct rpc_call *call =
	    rpc_find_broker_call(message->header.number);
	int r;

	if (call == NULL || !(call->who & BROKER_PEER_SSH) ||
	    message->header.kind != RPC_KIND_REQUEST)
		return -EBADMSG;
	if (connection->is_authenticated) {
		log_warn("claim after login refused: from=%s",
		    connection->peer_address);
		r = send_refusal(connection, call->number,
		    message->header.id);
		connection->n_failures++;
		return connection->n_failures >=
		    connection->broker->settings.max_auth_tries ? -EACCES : r;
	}
	if (call == &rpc_call_auth_publickey)
		return claim_publickey(connection, message);
	return claim_secret(connection, message);
}
