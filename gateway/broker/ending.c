// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/ending.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "common/log.h"
#include "gateway/broker/api/ending.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/connection.h"
#include "gateway/broker/lobby/lobby.h"
#include "gateway/broker/login/claim.h"
#include "gateway/protocol/broker_calls.h"

#define TAG_KIND_SHIFT	56 /* the kind of credential above its number */
#define TAG_NUMBER_MASK ((1ull << TAG_KIND_SHIFT) - 1)

static uint64_t
tag_of(enum credential credential, uint64_t number)
{
	return ((uint64_t)credential + 1) << TAG_KIND_SHIFT |
	    (number & TAG_NUMBER_MASK);
}

uint64_t
broker_ending_login_tag(const struct identity *who)
{
	uint64_t random;

	if (who->credential != CREDENTIAL_CERTIFICATE)
		return tag_of(who->credential, (uint64_t)who->credential_id);
	randombytes_buf(&random, sizeof random);
	return tag_of(who->credential, random);
}

uint64_t
broker_ending_identity_tag(const struct api_identity *who)
{
	if (who->tag != 0)
		return who->tag;
	return who->token_id == 0 ? (uint64_t)who->actor_id :
	    tag_of(CREDENTIAL_TOKEN, (uint64_t)who->token_id);
}

static bool
is_meant_org(const struct broker_ending *ending, const char *org)
{
	return ending->org == NULL || strcmp(ending->org, org) == 0;
}

/* Also who came in as that user and acts for somebody else. */
static bool
is_meant_identity(const struct broker_ending *ending,
    const struct api_identity *identity)
{
	const bool is_token = ending->credential == CREDENTIAL_TOKEN;

	return is_meant_org(ending, identity->org) &&
	    (ending->user_id == 0 || ending->user_id == identity->user_id ||
	    ending->user_id == identity->actor_id) &&
	    (ending->credential_id == 0 || (is_token &&
	    ending->credential_id == identity->token_id));
}

static bool
is_meant_login(const void *arg, const struct connection *connection)
{
	const struct broker_ending *ending = arg;
	const struct connection_login *login = &connection->login;

	return is_meant_org(ending, login->org) &&
	    (ending->user_id == 0 || ending->user_id == login->user_id) &&
	    (ending->credential_id == 0 ||
	    (ending->credential == login->credential &&
	    ending->credential_id == login->credential_id));
}

static void
end_capabilities(struct broker *broker, uint64_t owner_id, uint64_t tag,
    const char *org)
{
	const struct rpc_cap_end_req request = {.org = org,
	    .owner_id = owner_id, .tag = tag};
	struct err err = {0};

	if (sandboxd_client_cap_end(broker->sandboxd, &request, &err) < 0)
		log_error("cap_end: %s", err.text);
}

/* Whose capability is another's, for whom he acts, has it under his tag. */
static void
end_identities(struct broker *broker, const struct broker_ending *ending)
{
	const struct api_identities *identities = &broker->identities;

	for (size_t i = 0; i < identities->n; i++) {
		const struct api_identity *who = &identities->rows[i];

		if (!is_meant_identity(ending, who))
			continue;
		if (ending->user_id != 0 && who->actor_id ==
		    ending->user_id && who->user_id != ending->user_id)
			end_capabilities(broker, 0,
			    broker_ending_identity_tag(who), who->org);
		api_cut_identity(broker, who->number);
	}
}

/* Its process is told, and whatever it opened is taken from it. */
static void
end_login(struct connection *connection, const char *words)
{
	const struct rpc_session_end_event event = {.words = words};

	rpc_server_tell(&connection->server, &rpc_call_session_end, &event);
	if (connection->lobby != NULL ||
	    connection->login.credential == CREDENTIAL_CERTIFICATE)
		end_capabilities(connection->broker, 0,
		    connection->login.tag, "");
	broker_lobby_close(connection);
}

/* Those that is_meant(arg, connection) says. */
static void
end_logins(struct broker *broker, const char *words,
    bool (*is_meant)(const void *arg, const struct connection *connection),
    const void *arg)
{
	struct connection *connection;

	TAILQ_FOREACH(connection, &broker->connections, link)
		if (connection_is_authenticated(connection) &&
		    is_meant(arg, connection))
			end_login(connection, words);
}

void
broker_end(struct broker *broker, const struct broker_ending *ending)
{
	const char *org = ending->org != NULL ? ending->org : "";
	const uint64_t user_id = (uint64_t)ending->user_id;

	end_identities(broker, ending);
	end_logins(broker, ending->words, is_meant_login, ending);
	claims_review(broker);
	if (ending->credential_id != 0) {
		end_capabilities(broker, 0, tag_of(ending->credential,
		    (uint64_t)ending->credential_id), org);
		return;
	}
	end_capabilities(broker, user_id, 0, org);
	if (user_id != 0)
		end_capabilities(broker, 0, user_id, org);
}

/* Also where that cannot be told. */
static bool
is_revoked(const void *arg, const struct connection *connection)
{
	const struct connection_login *login = &connection->login;
	struct err err = {0};
	int r;

	if (strcmp(login->org, arg) != 0)
		return false;
	r = revocation_has(connection->broker->store, login->org,
	    &login->revocable, &err);
	if (r < 0)
		log_error("revocations: %s", err.text);
	return r != 0;
}

void
broker_end_revoked(struct broker *broker, const char *org, const char *words)
{
	end_logins(broker, words, is_revoked, org);
	claims_review(broker);
}
