// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/claim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/rpc_calls.h"
#include "gateway/broker/audit.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/connection.h"
#include "gateway/broker/creation.h"
#include "gateway/broker/lobby/lobby.h"
#include "gateway/broker/login/candidates.h"
#include "gateway/broker/login/certificate_login.h"
#include "gateway/broker/login/possession.h"
#include "gateway/protocol/broker_calls.h"
#include "gateway/protocol/username.h"
#include "keys/ssh_key.h"
#include "keys/verify.h"

/* What is asked for when nobody may: an id of a length that is never made. */
#define NOWHERE_ORG	STORE_DEFAULT_ORG
#define NOWHERE_SANDBOX "sb_0000000000000"

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
	struct certificate *certificate; /* NULL = none; its ranges are gone */
	struct creation *creation;    /* under way, or NULL */
	char notice[512];	      /* what the user is to be told */
};

static void ask_next(struct claim *claim);

static void
format_from(const struct connection *connection, char ret[FROM_SIZE])
{
	snprintf(ret, FROM_SIZE, "[%s]:%u", connection->peer_address,
	    connection->peer_port);
}

void
claim_abandon(struct connection *connection)
{
	struct claim *claim = connection->claim;

	if (claim == NULL)
		return;
	connection->claim = NULL;
	sandboxd_client_forget(connection->broker->sandboxd, claim);
	sd_event_source_disable_unref(claim->timer);
	free(claim->certificate);
	creation_free(claim->creation);
	free(claim);
}

/* The connection may be gone afterwards. */
static void
refuse(struct claim *claim)
{
	struct connection *connection = claim->connection;
	struct broker *broker = connection->broker;
	char from[FROM_SIZE], certificate[CERTIFICATE_LOGIN_TEXT_SIZE];
	int r;

	format_from(connection, from);
	certificate_login_describe(claim->certificate, certificate);
	(void)audit_write(broker->audit_fd,
	    claim->is_offer ? "offer_refused" : "login_refused",
	    "from", from, "name", claim->user, "credential",
	    claim->credential, "certificate", certificate, NULL);
	r = connection_refuse(connection, claim->call->number, claim->id);
	claim_abandon(connection);
	if (r < 0)
		connection_free(connection);
	else
		connection_listen(connection, true);
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

static enum broker_login
login_kind(const struct claim *claim, int cap_fd)
{
	if (claim->username.kind == USERNAME_LOBBY)
		return BROKER_LOGIN_LOBBY;
	return cap_fd >= 0 ? BROKER_LOGIN_SANDBOX : BROKER_LOGIN_FAILED;
}

static int
send_acceptance(const struct claim *claim, int cap_fd)
{
	struct rpc_auth_publickey_rep reply = {.sandbox_id = "",
	    .login_user = "", .terminal = "", .notice = ""};

	if (!claim->is_offer)
		reply = (struct rpc_auth_publickey_rep){
		    .kind = login_kind(claim, cap_fd),
		    .sandbox_id = claim->username.sandbox_id,
		    .login_user = claim->username.login_user,
		    .rights = cap_fd >= 0 ? candidate_rights(claim->asked) : 0,
		    .terminal = claim->username.terminal,
		    .takes_over = claim->username.takes_over,
		    .is_recorded = claim->asked->is_recorded,
		    .notice = claim->notice};
	return rpc_send_reply(claim->connection->claim_fd, claim->call,
	    claim->id, &reply, &cap_fd, claim->is_offer || cap_fd < 0 ? 0 : 1,
	    MSG_DONTWAIT);
}

/* What calls after the login are decided by. */
static void
note_login(struct connection *connection, const struct claim *claim)
{
	struct connection_login *login = &connection->login;

	snprintf(login->org, sizeof login->org, "%s", claim->asked->org);
	snprintf(login->user, sizeof login->user, "%s", claim->asked->user);
	snprintf(login->login_user, sizeof login->login_user, "%s",
	    claim->username.login_user);
	snprintf(login->sandbox_id, sizeof login->sandbox_id, "%s",
	    claim->username.sandbox_id);
	login->user_id = claim->asked->user_id;
	login->is_recorded = claim->asked->is_recorded;
	if (claim->asked->credential == CREDENTIAL_TOKEN)
		login->token_id = claim->asked->credential_id;
}

/* The client is who it says; cap_fd -1 = nothing to hand over, by its kind. */
static void
accept_claim(struct claim *claim, int cap_fd)
{
	struct connection *connection = claim->connection;
	struct broker *broker = connection->broker;
	char from[FROM_SIZE], certificate[CERTIFICATE_LOGIN_TEXT_SIZE];
	int r = 0;

	if (!claim->is_offer && claim->username.kind == USERNAME_LOBBY)
		r = broker_lobby_open(connection, claim->asked);
	if (r == 0)
		r = send_acceptance(claim, cap_fd);
	if (!claim->is_offer) {
		format_from(connection, from);
		certificate_login_describe(claim->certificate, certificate);
		(void)audit_write(broker->audit_fd,
		    login_kind(claim, cap_fd) == BROKER_LOGIN_FAILED ?
		    "create_failed" : "login", "from", from, "name",
		    claim->user, "org", claim->asked->org, "user",
		    claim->asked->user, "sandbox",
		    claim->username.sandbox_id, "login_user",
		    claim->username.login_user, "credential",
		    claim->credential, "certificate", certificate, NULL);
		log_info("login org=%s user=%s sandbox=%s from=%s",
		    claim->asked->org, claim->asked->user,
		    claim->username.sandbox_id, from);
		verify_note_use(broker->store, claim->asked, clock_unix_ms());
		note_login(connection, claim);
		connection_authenticated(connection);
	}
	claim_abandon(connection);
	if (r < 0)
		connection_free(connection);
	else
		connection_listen(connection, true);
}

/* The client is known, so it may know why it gets nothing; by our own words
 * alone, as others may name what is no client's business. */
static void
fail_new(struct claim *claim, const struct err *err)
{
	bool is_ours = err->code == EINVAL || err->code == ENOENT ||
	    err->code == ENOSPC || err->code == EAGAIN ||
	    err->code == EBUSY || err->code == ETIMEDOUT;

	log_warn("create on connect user=%s org=%s: %s", claim->asked->user,
	    claim->asked->org, err->text);
	snprintf(claim->notice, sizeof claim->notice,
	    "sandgate: no sandbox was made: %s", is_ours ? err->text :
	    "internal error; the log of the service says more");
	accept_claim(claim, -1);
}

static void
on_capability(void *arg, int cap_fd, const struct err *err)
{
	struct claim *claim = arg;
	auto_close int fd = cap_fd;

	if (err != NULL && err->code != ENOENT) {
		log_error("cap_open: %s", err->text);
		claim->connection->is_excused = true;
	}
	if (fd >= 0 && claim->certificate != NULL &&
	    certificate_login_restrict(claim->certificate, fd) < 0)
		fd_close(&fd);
	/* A capability for nowhere cannot be; if it is, nobody gets it. */
	if (fd >= 0 && claim->asked != NULL)
		accept_claim(claim, fd);
	else if (err != NULL && claim->notice[0] != '\0')
		fail_new(claim, err); /* made, and gone already */
	else if (claim->next < claim->candidates.n)
		ask_next(claim);
	else
		refuse_later(claim);
}

static void
open_capability(struct claim *claim, const struct rpc_cap_open_req *request)
{
	struct err err = {0};

	if (sandboxd_client_cap_open(claim->connection->broker->sandboxd,
	    request, BROKER_LOGIN_WAIT_MS, on_capability, claim, &err) < 0) {
		log_error("cap_open: %s", err.text);
		refuse_later(claim);
	}
}

#define AUDIT_SIZE 384

static void
format_audit(const struct claim *claim, char ret[AUDIT_SIZE])
{
	char from[FROM_SIZE];

	format_from(claim->connection, from);
	if (claim->asked == NULL)
		snprintf(ret, AUDIT_SIZE, "nobody from %s", from);
	else
		snprintf(ret, AUDIT_SIZE, "%s@%s %s from %s",
		    claim->asked->user, claim->asked->org, claim->credential,
		    from);
}

static void
on_created(void *arg, const struct rpc_sandbox_info *info,
    const struct err *err)
{
	struct claim *claim = arg;
	char audit[AUDIT_SIZE];

	claim->creation = NULL;
	if (err != NULL) {
		fail_new(claim, err);
		return;
	}
	snprintf(claim->username.sandbox_id,
	    sizeof claim->username.sandbox_id, "%s", info->id);
	snprintf(claim->notice, sizeof claim->notice,
	    "sandgate: %s: new, from template %s; %s", info->id,
	    info->template_name, claim->username.is_kept ?
	    "stays until it is destroyed" : "ends when you disconnect");
	format_audit(claim, audit);
	open_capability(claim, &(struct rpc_cap_open_req){
	    .org = claim->asked->org,
	    .sandbox_id = claim->username.sandbox_id,
	    .rights = candidate_rights(claim->asked), .audit = audit});
}

static void
create(struct claim *claim)
{
	struct broker *broker = claim->connection->broker;
	char audit[AUDIT_SIZE];
	const struct creation_order order = {.org = claim->asked->org,
	    .audit = audit, .template_name = claim->username.template_name,
	    .is_ephemeral = !claim->username.is_kept};
	struct err err = {0};

	format_audit(claim, audit);
	if (creation_new(broker->event, broker->sandboxd, &order,
	    BROKER_CREATE_WAIT_MS, on_created, claim, &claim->creation,
	    &err) < 0)
		fail_new(claim, &err);
}

/* Asks sandboxd for the next candidate, or for nowhere if there is none. */
static void
ask_next(struct claim *claim)
{
	struct rpc_cap_open_req request = {.org = NOWHERE_ORG,
	    .sandbox_id = NOWHERE_SANDBOX, .rights = RPC_RIGHTS_SSH};
	bool is_new = claim->username.kind == USERNAME_NEW;
	char audit[AUDIT_SIZE];

	claim->asked = NULL;
	if (claim->next < claim->candidates.n) {
		claim->asked = &claim->candidates.rows[claim->next++];
		request.org = claim->asked->org;
		request.sandbox_id = claim->username.sandbox_id;
		request.rights = is_new ? RPC_RIGHT_CREATE :
		    candidate_rights(claim->asked);
		if (claim->username.kind == USERNAME_LOBBY) {
			accept_claim(claim, -1);
			return;
		}
		if (is_new && !claim->is_offer) {
			create(claim);
			return;
		}
	}
	format_audit(claim, audit);
	request.audit = audit;
	open_capability(claim, &request);
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
	if (found < 0 || username_parse(claim->user, &claim->username) < 0)
		claim->candidates.n = 0;
	if (claim->certificate != NULL &&
	    !certificate_login_permits(claim->certificate, &claim->username))
		claim->candidates.n = 0;
	if (candidates_narrow(&claim->candidates, &claim->username) < 0)
		log_warn("%s is of several organisations: name=%s",
		    claim->credential, claim->user);
	ask_next(claim);
}

/* Who may come in with what the request offers; fills the claim. */
static int
find_holders(struct claim *claim, const struct rpc_auth_publickey_req *request,
    const char *sandbox_id, struct err *err)
{
	struct store *store = claim->connection->broker->store;
	const struct certificate_use use = {sandbox_id,
	    claim->connection->peer_address, clock_unix_ms()};
	int r;

	ssh_key_fingerprint(request->key.data, request->key.size,
	    claim->credential);
	if (!certificate_is_one(request->key.data, request->key.size))
		return verify_ssh_key(store, request->key.data,
		    request->key.size, sandbox_id, use.now_ms,
		    &claim->candidates, err);
	r = certificate_login_find(store, &request->key, &use,
	    &claim->certificate, &claim->candidates, err);
	if (claim->certificate != NULL)
		ssh_key_fingerprint(claim->certificate->key,
		    claim->certificate->key_size, claim->credential);
	return r;
}

int
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
	/* A bad name is looked up too, with no sandbox at all. */
	if (username_parse(request.user, &name) < 0)
		snprintf(name.sandbox_id, sizeof name.sandbox_id, "%s",
		    NOWHERE_SANDBOX);
	r = find_holders(claim, &request, name.sandbox_id, &err);
	if (r == 0 && claim->candidates.n > 0 && !claim->is_offer &&
	    !possession_is_proved(connection, &request,
	    claim->certificate))
		claim->candidates.n = 0;
	if (r == 0 && claim->certificate != NULL && !claim->is_offer)
		certificate_login_enrol(connection->broker->store,
		    &claim->candidates, clock_unix_ms());
	decide(claim, r, &err);
	return 0;
}

int
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
	    request.secret.size, clock_unix_ms(), &claim->candidates, &err);
	if (r == 0 && claim->candidates.n > 0)
		snprintf(claim->credential, sizeof claim->credential,
		    "token %lld",
		    (long long)claim->candidates.rows[0].credential_id);
	decide(claim, r, &err);
	return 0;
}
