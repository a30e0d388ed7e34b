// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/claim.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
#include "gateway/broker/login/claim_of.h"
#include "gateway/broker/login/claim_record.h"
#include "gateway/broker/login/crowd.h"
#include "gateway/broker/login/holders.h"
#include "gateway/broker/login/possession.h"
#include "gateway/broker/quota.h"
#include "gateway/protocol/broker_calls.h"

void
claim_abandon(struct connection *connection)
{
	struct claim *claim = connection->claim;

	if (claim == NULL)
		return;
	connection->claim = NULL;
	sandboxd_client_forget(connection->broker->sandboxd, claim);
	sd_event_source_disable_unref(claim->timer);
	holders_fini(&claim->holders);
	creation_undo(claim->creation, &connection->broker->unwanted);
	sodium_memzero(claim->shown, claim->question.size);
	free(claim->shown);
	free(claim);
}

/* The claim is answered; r < 0 = and its connection is to go with it. */
static void
end(struct connection *connection, int r)
{
	claim_abandon(connection);
	if (r < 0)
		connection_free(connection);
	else
		connection_listen(connection, true);
}

/* The connection may be gone afterwards. */
static void
refuse(struct claim *claim)
{
	struct connection *connection = claim->connection;

	connection->login = (struct connection_login){0};
	claim_record_refusal(claim);
	end(connection, connection_refuse(connection, claim->call->number,
	    claim->id));
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

	claim->is_refused = true;
	claim->timer = sd_event_source_disable_unref(claim->timer);
	if (sd_event_add_time(broker->event, &claim->timer, CLOCK_MONOTONIC,
	    claim->started_us + broker->settings.auth_failure_ms * 1000, 1,
	    on_refusal_due, claim) < 0)
		refuse(claim);
}

static enum broker_login
login_kind(const struct claim *claim, int cap_fd)
{
	if (claim->holders.name.kind == USERNAME_LOBBY)
		return BROKER_LOGIN_LOBBY;
	return cap_fd >= 0 ? BROKER_LOGIN_SANDBOX : BROKER_LOGIN_FAILED;
}

static void
send_acceptance(const struct claim *claim, int cap_fd)
{
	struct rpc_login reply = {.sandbox_id = "",
	    .login_user = "", .terminal = "", .notice = ""};
	const struct username *name = &claim->holders.name;

	if (!claim->is_offer)
		reply = (struct rpc_login){
		    .kind = login_kind(claim, cap_fd),
		    .sandbox_id = name->sandbox_id,
		    .login_user = name->login_user,
		    .rights = cap_fd >= 0 ? candidate_rights(&claim->asked) :
			0,
		    .terminal = name->terminal,
		    .takes_over = name->takes_over,
		    .is_recorded = claim->asked.is_recorded,
		    .is_why = name->is_why,
		    .notice = claim->notice};
	rpc_server_reply(&claim->connection->server, claim->call, claim->id,
	    &reply, &cap_fd, claim->is_offer || cap_fd < 0 ? 0 : 1);
}

/*
 * Asks once more whether the one to let in still is, now that all else is
 * known: revoked, removed or expired meanwhile, he is refused like anybody.
 */
static bool
is_still_good(struct claim *claim)
{
	const struct identity *again;
	struct holders holders;
	struct err err = {0};

	if (holders_find(claim->connection->broker->store, &claim->question,
	    &holders, &err) < 0)
		log_error("keys: %s", err.text);
	again = candidates_again(&holders.identities, &claim->asked);
	if (again != NULL)
		claim->asked = *again;
	holders_fini(&holders);
	return again != NULL;
}

/* Refuses it after all, and takes back what was made for it. */
static void
undo(struct claim *claim)
{
	struct broker *broker = claim->connection->broker;

	sandboxd_client_forget(broker->sandboxd, claim);
	creation_undo(claim->creation, &broker->unwanted);
	claim->creation = NULL;
	refuse_later(claim);
}

/* The credential ended while the claim was decided. */
static void
give_up(struct claim *claim)
{
	log_warn("credential ended during its login: %s user=%s@%s",
	    claim->holders.credential, claim->asked.user, claim->asked.org);
	undo(claim);
}

/* The client is who it says; cap_fd -1 = nothing to hand over, by its kind. */
static void
let_in(struct claim *claim, int cap_fd)
{
	struct connection *connection = claim->connection;
	struct broker *broker = connection->broker;
	int r = 0;

	if (!is_still_good(claim)) {
		give_up(claim);
		return;
	}
	/* Before it happens: what cannot be recorded must not. */
	if (claim_record_login(claim, login_kind(claim, cap_fd)) < 0) {
		connection->is_excused = true;
		undo(claim);
		return;
	}
	if (claim->holders.name.kind == USERNAME_LOBBY)
		r = broker_lobby_open(connection, &claim->asked);
	if (r == 0)
		send_acceptance(claim, cap_fd);
	/* From here on it stays: it is somebody's, and that is on record. */
	creation_free(claim->creation);
	claim->creation = NULL;
	verify_note_use(broker->store, &claim->asked, clock_unix_ms());
	connection_note_login(connection, &claim->asked, &claim->holders.name);
	holders_revocable(&claim->holders, &claim->question,
	    &connection->login.revocable);
	connection_authenticated(connection);
	end(connection, r);
}

/* The client is known, so it may know why it gets nothing; by our own words
 * alone, as others may name what is no client's business. */
static void
fail_new(struct claim *claim, const struct err *err)
{
	bool is_ours = err->code == EINVAL || err->code == ENOENT ||
	    err->code == ENOSPC || err->code == EAGAIN ||
	    err->code == EDQUOT ||
	    err->code == EBUSY || err->code == ETIMEDOUT;

	log_warn("create on connect user=%s org=%s: %s", claim->asked.user,
	    claim->asked.org, err->text);
	creation_undo(claim->creation, &claim->connection->broker->unwanted);
	claim->creation = NULL;
	snprintf(claim->notice, sizeof claim->notice,
	    "sandgate: no sandbox was made: %s", is_ours ? err->text :
	    "internal error; the log of the service says more");
	let_in(claim, -1);
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
	if (fd >= 0 && claim->holders.certificate != NULL &&
	    certificate_login_restrict(claim->holders.certificate, fd) < 0)
		fd_close(&fd);
	if (fd >= 0)
		let_in(claim, fd);
	else if (err != NULL && claim->notice[0] != '\0')
		fail_new(claim, err); /* made, and gone already */
	else
		refuse_later(claim);
}

/* The one capability of a login; the only call it makes to sandboxd, but for
 * those that make a new sandbox. */
static void
open_capability(struct claim *claim)
{
	char audit[CLAIM_AUDIT_SIZE];
	struct broker *broker = claim->connection->broker;
	struct rpc_cap_open_req request = {.org = claim->asked.org,
	    .sandbox_id = claim->holders.name.sandbox_id,
	    .rights = candidate_rights(&claim->asked), .audit = audit,
	    .owner = claim->asked.user,
	    .owner_id = (uint64_t)claim->asked.user_id,
	    .reach = role_reach(&claim->asked.standing),
	    .tag = claim->connection->login.tag};
	struct err err = {0};

	claim_format_audit(claim, audit);
	broker_quota_fill(broker, &request);
	if (sandboxd_client_cap_open(broker->sandboxd, &request,
	    BROKER_LOGIN_WAIT_MS, on_capability, claim, &err) < 0) {
		log_error("cap_open: %s", err.text);
		refuse_later(claim);
	}
}

static void
on_created(void *arg, const struct rpc_sandbox_info *info,
    const struct err *err)
{
	struct claim *claim = arg;
	struct username *name = &claim->holders.name;

	if (err != NULL) {
		fail_new(claim, err);
		return;
	}
	snprintf(name->sandbox_id, sizeof name->sandbox_id, "%s", info->id);
	snprintf(claim->notice, sizeof claim->notice,
	    "sandgate: %s: new, from template %s; %s", info->id,
	    info->template_name, name->is_kept ?
	    "stays until it is destroyed" : "ends when you disconnect");
	open_capability(claim);
}

static void
create(struct claim *claim)
{
	struct broker *broker = claim->connection->broker;
	char audit[CLAIM_AUDIT_SIZE];
	struct creation_order order = {
	    .cap = {.org = claim->asked.org, .sandbox_id = "",
		.audit = audit, .owner = claim->asked.user,
		.owner_id = (uint64_t)claim->asked.user_id,
		.reach = RPC_REACH_ALL,
		.tag = claim->connection->login.tag},
	    .template_name = claim->holders.name.template_name,
	    .is_ephemeral = !claim->holders.name.is_kept};
	struct err err = {0};

	claim_format_audit(claim, audit);
	broker_quota_fill(broker, &order.cap);
	if (creation_new(broker->event, broker->sandboxd, &order,
	    BROKER_CREATE_WAIT_MS, on_created, claim, &claim->creation,
	    &err) < 0)
		fail_new(claim, &err);
}

/* The client is known, so it may know why; the lobby has no words for it. */
static void
fail_crowded(struct claim *claim)
{
	log_warn("user=%s: %s", claim->asked.user, claim->notice);
	claim->connection->is_excused = true;
	if (claim->holders.name.kind == USERNAME_LOBBY)
		refuse_later(claim);
	else
		let_in(claim, -1);
}

/* Does what is asked for, in the name of one who may; NULL = nobody may. */
static void
settle(struct claim *claim, const struct identity *who)
{
	if (who == NULL) {
		refuse_later(claim);
		return;
	}
	claim->asked = *who;
	if (claim->is_offer) {
		send_acceptance(claim, -1);
		end(claim->connection, 0);
		return;
	}
	/* It counts from here on. */
	connection_note_login(claim->connection, who, &claim->holders.name);
	if (crowd_is_full(claim->connection, claim->notice,
	    sizeof claim->notice))
		fail_crowded(claim);
	else if (certificate_login_enrol(claim->connection->broker->store,
	    claim->holders.certificate, &claim->asked) < 0)
		refuse_later(claim);
	else if (claim->holders.name.kind == USERNAME_LOBBY)
		let_in(claim, -1);
	else if (claim->holders.name.kind == USERNAME_NEW)
		create(claim);
	else
		open_capability(claim);
}

/* Of those who may, who is of the sandbox's organisation and reaches it. */
static void
settle_by_index(struct claim *claim)
{
	const struct sandbox_owner *owner = sandbox_index_find(
	    claim->connection->broker->sandboxes,
	    claim->holders.name.sandbox_id);

	claim->is_index_awaited = false;
	claim->timer = sd_event_source_disable_unref(claim->timer);
	settle(claim, owner == NULL ? NULL : candidates_for_sandbox(
	    &claim->holders.identities, owner));
}

static int
on_index_late(sd_event_source *source, uint64_t usec, void *arg)
{
	struct claim *claim = arg;

	(void)source;
	(void)usec;
	log_error("login refused: sandboxd does not tell whose sandboxes are");
	claim->is_index_awaited = false;
	claim->connection->is_excused = true;
	refuse_later(claim);
	return 0;
}

/* While sandboxd is away every login waits, also one that nobody may have. */
static void
await_index(struct claim *claim)
{
	claim->is_index_awaited = true;
	if (sd_event_add_time_relative(claim->connection->broker->event,
	    &claim->timer, CLOCK_MONOTONIC, BROKER_LOGIN_WAIT_MS * 1000ull, 0,
	    on_index_late, claim) < 0)
		refuse_later(claim);
}

/* Calls each(claim) for all there are; it may end the claim's connection. */
static void
for_each_claim(struct broker *broker, void (*each)(struct claim *claim))
{
	struct connection *next;

	for (struct connection *c = TAILQ_FIRST(&broker->connections);
	    c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->claim != NULL && !c->claim->is_refused)
			each(c->claim);
	}
}

static void
resume(struct claim *claim)
{
	if (claim->is_index_awaited)
		settle_by_index(claim);
}

void
claims_resume(struct broker *broker)
{
	for_each_claim(broker, resume);
}

static void
review(struct claim *claim)
{
	if (claim->asked.org[0] != '\0' && !is_still_good(claim))
		give_up(claim);
}

void
claims_review(struct broker *broker)
{
	for_each_claim(broker, review);
}

static int
begin(struct connection *connection, const struct rpc_call *call, uint32_t id,
    const struct holders_question *question, struct claim **ret)
{
	struct claim *claim = calloc(1, sizeof *claim);
	uint8_t *shown = malloc(question->size + 1);

	if (claim == NULL || shown == NULL) {
		free(claim);
		free(shown);
		return -ENOMEM;
	}
	memcpy(shown, question->data, question->size);
	claim->connection = connection;
	claim->call = call;
	claim->id = id;
	claim->shown = shown;
	(void)sd_event_now(connection->broker->event, CLOCK_MONOTONIC,
	    &claim->started_us);
	snprintf(claim->user, sizeof claim->user, "%s", question->user);
	claim->question = (struct holders_question){.user = claim->user,
	    .address = connection->peer_address,
	    .is_token = question->is_token, .data = shown,
	    .size = question->size};
	connection->claim = claim;
	connection_listen(connection, false);
	*ret = claim;
	return 0;
}

/* Who may; an error is nobody's. */
static void
find_holders(struct claim *claim)
{
	struct err err = {0};

	if (holders_find(claim->connection->broker->store, &claim->question,
	    &claim->holders, &err) < 0)
		log_error("keys: %s", err.text);
}

/* It is known who may, by the keys alone. */
static void
decide(struct claim *claim)
{
	const struct holders *holders = &claim->holders;

	if (holders->identities.n > 0 &&
	    holders->name.kind != USERNAME_SANDBOX)
		settle(claim, &holders->identities.rows[0]);
	else if (sandbox_index_is_current(claim->connection->broker->sandboxes))
		settle_by_index(claim);
	else
		await_index(claim);
}

int
claim_publickey(struct connection *connection, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_auth_publickey_req *request = data;
	const struct holders_question question = {.user = request->user,
	    .data = request->key.data, .size = request->key.size};
	struct claim *claim;

	if (begin(connection, &rpc_call_auth_publickey, id, &question,
	    &claim) < 0)
		return err_set(err, ENOMEM, "out of memory");
	claim->is_offer = request->signature.size == 0;
	find_holders(claim);
	if (claim->holders.identities.n > 0 && !claim->is_offer &&
	    !possession_is_proved(connection, request,
	    claim->holders.certificate))
		claim->holders.identities.n = 0;
	decide(claim);
	return 0;
}

int
claim_secret(struct connection *connection, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_auth_secret_req *request = data;
	const struct holders_question question = {.user = request->user,
	    .is_token = true, .data = request->secret.data,
	    .size = request->secret.size};
	struct claim *claim;

	if (begin(connection, &rpc_call_auth_secret, id, &question,
	    &claim) < 0)
		return err_set(err, ENOMEM, "out of memory");
	find_holders(claim);
	decide(claim);
	return 0;
}
