// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/parse.h"
#include "common/rpc_calls.h"
#include "gateway/http/back/back_of.h"
#include "gateway/http/back/depot.h"
#include "gateway/protocol/broker_calls.h"

#define TOKEN_LENGTH_MAX 255
#define NAME_SIZE	 64
#define HASH_BYTES	 crypto_generichash_BYTES

/* Between two tries to have a capability while sandboxd is away; each waits
 * for it on its own. */
#define RENEW_AGAIN_MS 200

struct identity {
	LIST_ENTRY(identity) link;
	struct back *back;
	unsigned int references;
	bool is_good;
	uint64_t number;
	char org[NAME_SIZE], user[NAME_SIZE], role[16];
	uint32_t rights; /* of the capability */
	char words[2 * NAME_SIZE + 16];
	char sandbox_id[SANDBOX_ID_SIZE];
	LIST_HEAD(, identity_follower) followers;
	struct calls *sandboxd; /* on the capability; NULL: none was given */
	bool is_renewing;	/* another one is asked for, or will be */
	struct loop_timer again;
	struct depot_link *depot; /* back/depot.h's */
	uint64_t until_ms;	/* of the monotonic clock */
	uint64_t expires_ms;	/* Unix; 0 = does not */
	struct identity_limits limits;
};

struct identity_kept {
	uint8_t credential[HASH_BYTES]; /* of what it showed */
	struct identity *who;
};

/* The broker being asked for a connection. */
struct asking {
	struct back *back;
	struct identity_kept **kept;
	uint8_t credential[HASH_BYTES];
	identity_done *done;
	void *arg;
};

/* From now on it is found by nobody new; who has it ends their request. */
static void
spoil(struct identity *who)
{
	who->is_good = false;
}

void
identity_end(struct back *back, uint64_t number)
{
	struct identity *who;

	LIST_FOREACH(who, &back->identities, link)
		if (who->number == number)
			spoil(who);
}

/* What is asked of sandboxd for them ends when that hangs up, as it is told to;
 * what goes on without it is cut by whoever goes on with it. */
void
identity_cut(struct back *back, uint64_t number)
{
	struct identity *who, *next;

	identity_end(back, number);
	for (who = LIST_FIRST(&back->identities); who != NULL; who = next) {
		next = LIST_NEXT(who, link);
		if (who->number == number && back->on_cut != NULL)
			back->on_cut(back->cut_arg, who);
	}
}

void
identity_release(struct identity *who)
{
	if (who == NULL || --who->references > 0)
		return;
	LIST_REMOVE(who, link);
	loop_stop_timer(who->back->loop, &who->again);
	calls_free(who->sandboxd);
	depot_link_free(who->depot);
	free(who);
}

void
identity_hold(struct identity *who)
{
	who->references++;
}

struct depot_link **
identity_depot(struct identity *who)
{
	return &who->depot;
}

void
identity_forget(struct identity_kept *kept)
{
	if (kept == NULL)
		return;
	identity_release(kept->who);
	free(kept);
}

/* What waits for a capability goes on, fails, or waits on. */
static void
take_renewed(struct identity *who, const struct rpc_caller *reply,
    struct rpc_message *message, const struct err *failure)
{
	const struct err changed = {EAGAIN, "what you may do has just been "
	    "changed; try again"};
	struct err err;

	if (failure != NULL)
		calls_fail(who->sandboxd, failure);
	else if (reply->rights != who->rights)
		calls_fail(who->sandboxd, &changed);
	else if (message->n_fds > 0 && calls_connect(who->sandboxd,
	    take_fd(&message->fds[0]), &err) < 0)
		calls_fail(who->sandboxd, &err);
}

static void
on_renewed(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	struct identity *who = arg;

	take_renewed(who, reply, message, err);
	who->is_renewing = calls_are_waiting(who->sandboxd);
	if (who->is_renewing)
		loop_set_timer(who->back->loop, &who->again, RENEW_AGAIN_MS);
	identity_release(who);
}

static void
ask_again(struct identity *who)
{
	const struct rpc_api_renew_req request = {.identity = who->number};

	who->references++; /* until it is answered */
	back_ask_broker(who->back, &rpc_call_api_renew, &request, -1,
	    on_renewed, who);
}

static void
on_again(struct loop_timer *timer)
{
	struct identity *who = (struct identity *)((char *)timer -
	    offsetof(struct identity, again));

	who->is_renewing = calls_are_waiting(who->sandboxd);
	if (who->is_renewing)
		ask_again(who);
}

/*
 * sandboxd never saw a call that was not sent: that waits for another
 * capability, as long as a call may take. What was sent has failed.
 */
static void
renew(struct identity *who)
{
	if (who->is_renewing || !calls_are_waiting(who->sandboxd))
		return;
	who->is_renewing = true;
	ask_again(who);
}

static void
tell_followers(struct identity *who)
{
	struct identity_follower *follower, *next;

	for (follower = LIST_FIRST(&who->followers); follower != NULL;
	    follower = next) {
		next = LIST_NEXT(follower, link);
		follower->news(follower);
	}
}

static void
on_sandboxd_event(void *arg, const struct rpc_message *message)
{
	if (message->header.number == rpc_call_event_news.number)
		tell_followers(arg);
}

/* sandboxd was restarted, or ended the capability: it is asked for anew. */
static void
on_capability_end(void *arg)
{
	struct identity *who = arg;

	spoil(who);
	/* Not at once: those that fail by this are still among those that
	 * wait. */
	who->is_renewing = true;
	loop_set_timer(who->back->loop, &who->again, 0);
	tell_followers(who);
}

/* Looked at when a request begins, and in time: it lasts until that is over. */
static bool
is_usable(const struct identity *who)
{
	return who->is_good && who->sandboxd != NULL &&
	    clock_monotonic_ms() < who->until_ms &&
	    (who->expires_ms == 0 || clock_unix_ms() < who->expires_ms) &&
	    !calls_have_ended(who->sandboxd);
}

/*
 * One that holds what the answer says. sandboxd's being away is no reason to
 * know nobody: keys and tokens can be managed without it.
 */
static struct identity *
make(struct back *back, const struct rpc_caller *rep,
    struct rpc_message *message, struct err *err)
{
	struct identity *who = calloc(1, sizeof *who);
	struct calls_options options = {.loop = back->loop, .fd = -1,
	    .timeout_ms = back->timeout_ms, .on_event = on_sandboxd_event,
	    .on_end = on_capability_end, .arg = who, .keeps_unsent = true,
	    .hangup = "sandboxd hung up"};

	if (who == NULL) {
		err_set(err, ENOMEM, "out of memory");
		return NULL;
	}
	who->back = back;
	who->again.due = on_again;
	who->number = rep->identity;
	who->expires_ms = rep->expires_ms;
	who->until_ms = clock_monotonic_ms() + BROKER_API_CAP_TTL_MS / 2;
	snprintf(who->org, sizeof who->org, "%s", rep->org);
	snprintf(who->user, sizeof who->user, "%s", rep->user);
	snprintf(who->role, sizeof who->role, "%s", rep->role);
	who->rights = rep->rights;
	who->limits = (struct identity_limits){rep->token,
	    rep->body_max_bytes, rep->time_max_s, rep->per_second_max};
	options.timeout_ms = identity_time_ms(&who->limits, back->timeout_ms);
	snprintf(who->words, sizeof who->words, "org=%s user=%s", who->org,
	    who->user);
	if (message->n_fds > 0) {
		options.fd = take_fd(&message->fds[0]);
		if (calls_new(&options, &who->sandboxd, err) < 0) {
			free(who);
			return NULL;
		}
	}
	who->is_good = true;
	LIST_INSERT_HEAD(&back->identities, who, link);
	return who;
}

/* One that is this already; then the capability that came is not needed. */
static struct identity *
find(struct back *back, const struct rpc_caller *rep,
    struct rpc_message *message, struct err *err)
{
	struct identity *who;

	LIST_FOREACH(who, &back->identities, link)
		if (who->number == rep->identity && is_usable(who))
			return who;
	return make(back, rep, message, err);
}

static void
keep(struct asking *asking, struct identity *who)
{
	struct identity_kept *kept = *asking->kept;

	if (kept == NULL) {
		kept = calloc(1, sizeof *kept);
		if (kept == NULL)
			return; /* the broker will be asked again */
		*asking->kept = kept;
	}
	memcpy(kept->credential, asking->credential, HASH_BYTES);
	kept->who = who;
	who->references++;
}

static void
take_answer(void *arg, const void *reply, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct asking *asking = arg;
	struct err err = {0};
	struct identity *who;

	if (reply == NULL) {
		asking->done(asking->arg, NULL, failure);
		return;
	}
	who = find(asking->back, reply, message, &err);
	if (who == NULL) {
		asking->done(asking->arg, NULL, &err);
		return;
	}
	who->references++;
	keep(asking, who);
	asking->done(asking->arg, who, NULL);
}

static void
ask(struct asking *asking, const char *token, int peer_fd,
    struct identity_acting acting)
{
	const struct rpc_api_auth_token_req by_token = {.token = token,
	    .org = acting.org, .user = acting.user};
	const struct rpc_api_auth_peer_req by_peer = {.org = acting.org,
	    .user = acting.user};

	if (token != NULL)
		back_ask_broker(asking->back, &rpc_call_api_auth_token,
		    &by_token, -1, take_answer, asking);
	else
		back_ask_broker(asking->back, &rpc_call_api_auth_peer,
		    &by_peer, peer_fd, take_answer, asking);
}

/* Who the connection is known as, by this credential; else it is forgotten. */
static struct identity *
find_kept(struct identity_kept **kept, const uint8_t credential[HASH_BYTES])
{
	if (*kept == NULL)
		return NULL;
	if (is_usable((*kept)->who) && sodium_memcmp((*kept)->credential,
	    credential, HASH_BYTES) == 0)
		return (*kept)->who;
	identity_forget(*kept);
	*kept = NULL;
	return NULL;
}

static bool
is_name(const char *text)
{
	return text == NULL || *text == '\0' || name_is_valid(text);
}

static int
check(const char *token, int peer_fd, struct identity_acting acting,
    struct err *err)
{
	if (token == NULL && peer_fd < 0)
		return err_set(err, EACCES, "give a token: "
		    "\"Authorization: Bearer TOKEN\"");
	if (token != NULL && (*token == '\0' ||
	    strlen(token) > TOKEN_LENGTH_MAX))
		return err_set(err, EACCES, "this is not a valid token");
	if (!is_name(acting.org))
		return err_set(err, EINVAL, IDENTITY_ORG ": not the name of "
		    "an organisation");
	if (!is_name(acting.user))
		return err_set(err, EINVAL, IDENTITY_USER ": not the name of "
		    "a user");
	return 0;
}

/* Of all that decides who is asking; a name has no "/". */
static void
hash(const struct back *back, const char *token,
    struct identity_acting acting, uint8_t ret[HASH_BYTES])
{
	char text[TOKEN_LENGTH_MAX + 2 * NAME_SIZE + 4];

	snprintf(text, sizeof text, "%s/%s/%c%s",
	    acting.org != NULL ? acting.org : "",
	    acting.user != NULL ? acting.user : "", token != NULL ? 't' : 'p',
	    token != NULL ? token : "");
	crypto_generichash(ret, HASH_BYTES, (const uint8_t *)text,
	    strlen(text), back->hash_key, sizeof back->hash_key);
	sodium_memzero(text, sizeof text);
}

void
identity_find(struct back *back, struct identity_kept **kept,
    const char *token, int peer_fd, struct identity_acting acting,
    identity_done *done, void *arg)
{
	uint8_t credential[HASH_BYTES];
	struct asking *asking;
	struct identity *who;
	struct err err = {0};

	if (check(token, peer_fd, acting, &err) < 0) {
		done(arg, NULL, &err);
		return;
	}
	hash(back, token, acting, credential);
	who = find_kept(kept, credential);
	if (who != NULL) {
		who->references++;
		done(arg, who, NULL);
		return;
	}
	asking = malloc(sizeof *asking);
	if (asking == NULL) {
		err_set(&err, ENOMEM, "out of memory");
		done(arg, NULL, &err);
		return;
	}
	*asking = (struct asking){.back = back, .kept = kept, .done = done,
	    .arg = arg};
	memcpy(asking->credential, credential, HASH_BYTES);
	ask(asking, token, peer_fd, acting);
}

/* Each is one of its own, so that it tells its sandbox. */
static void
take_signed(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	const struct rpc_api_auth_signature_rep *reply = data;
	auto_free struct asking *asking = arg;
	struct identity *who = NULL;
	struct rpc_caller caller;
	struct err err = {0};

	if (reply != NULL) {
		caller = (struct rpc_caller){reply->identity, reply->org,
		    reply->user, reply->role, reply->rights,
		    reply->expires_ms, reply->token, reply->body_max_bytes,
		    reply->time_max_s, reply->per_second_max};
		who = make(asking->back, &caller, message, &err);
	}
	if (who != NULL) {
		snprintf(who->sandbox_id, sizeof who->sandbox_id, "%s",
		    reply->sandbox_id);
		who->references++;
	}
	asking->done(asking->arg, who, who != NULL ? NULL : reply != NULL ?
	    &err : failure);
}

void
identity_find_signed(struct back *back, const struct identity_signed *url,
    identity_done *done, void *arg)
{
	const struct rpc_api_auth_signature_req request = {url->sandbox_id,
	    url->path, url->operation, url->user, url->expires,
	    url->signature};
	const struct err err = {ENOMEM, "out of memory"};
	struct asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, &err);
		return;
	}
	*asking = (struct asking){.back = back, .done = done, .arg = arg};
	back_ask_broker(back, &rpc_call_api_auth_signature, &request, -1,
	    take_signed, asking);
}

const char *
identity_sandbox(const struct identity *who)
{
	return who->sandbox_id;
}

struct back *
identity_back(const struct identity *who)
{
	return who->back;
}

uint64_t
identity_number(const struct identity *who)
{
	return who->number;
}

const char *
identity_org(const struct identity *who)
{
	return who->org;
}

const char *
identity_user(const struct identity *who)
{
	return who->user;
}

const struct identity_limits *
identity_limits(const struct identity *who)
{
	return &who->limits;
}

const char *
identity_role(const struct identity *who)
{
	return who->role;
}

const char *
identity_describe(const struct identity *who)
{
	return who->words;
}

void
identity_ask_broker(struct identity *who, const struct rpc_call *call,
    const void *request, rpc_client_done *done, void *arg)
{
	back_ask_broker(who->back, call, request, -1, done, arg);
}

/* sandboxd, which would hang up, is asked nothing that the capability is not
 * for. */
static int
check_rights(const struct identity *who, const struct rpc_call *call,
    struct err *err)
{
	if (!rpc_permits(call, RPC_PEER_CAPABILITY, who->rights))
		return err_set(err, EACCES, "permission denied: %s@%s is "
		    "asking as %s, or with a token whose scope leaves this "
		    "out", who->user, who->org, who->role);
	if (who->sandboxd == NULL)
		return err_set(err, EPIPE, "sandboxd is not running");
	return 0;
}

void
identity_ask_sandboxd(struct identity *who, const struct rpc_call *call,
    const void *request, rpc_client_done *done, void *arg)
{
	struct err err;

	if (check_rights(who, call, &err) < 0) {
		done(arg, NULL, NULL, &err);
		return;
	}
	calls_make(who->sandboxd, call, request, -1, done, arg);
	renew(who);
}

void
identity_tell_sandboxd(struct identity *who, const struct rpc_call *call,
    const void *event)
{
	struct err err;

	if (check_rights(who, call, &err) == 0)
		calls_tell(who->sandboxd, call, event);
}

void
identity_follow(struct identity *who, struct identity_follower *follower)
{
	LIST_INSERT_HEAD(&who->followers, follower, link);
	follower->is_linked = true;
}

void
identity_unfollow(struct identity_follower *follower)
{
	if (follower->is_linked)
		LIST_REMOVE(follower, link);
	follower->is_linked = false;
}
