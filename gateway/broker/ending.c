// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/ending.h"

#include <stdbool.h>
#include <string.h>

#include "common/log.h"
#include "gateway/broker/api/ending.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/connection.h"
#include "gateway/broker/login/claim.h"
#include "gateway/protocol/broker_calls.h"

#define TAG_KIND_SHIFT 56 /* the kind of credential above its number */

uint64_t
broker_ending_tag(int64_t user_id, enum credential credential,
    int64_t credential_id)
{
	if (credential_id != 0)
		return ((uint64_t)credential + 1) << TAG_KIND_SHIFT |
		    (uint64_t)credential_id;
	return (uint64_t)user_id;
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
is_meant_login(const struct broker_ending *ending,
    const struct connection_login *login)
{
	return is_meant_org(ending, login->org) &&
	    (ending->user_id == 0 || ending->user_id == login->user_id) &&
	    (ending->credential_id == 0 ||
	    (ending->credential == login->credential &&
	    ending->credential_id == login->credential_id));
}

static void
end_identities(struct broker *broker, const struct broker_ending *ending)
{
	const struct api_identities *identities = &broker->identities;

	for (size_t i = 0; i < identities->n; i++)
		if (is_meant_identity(ending, &identities->rows[i]))
			api_end_identity(broker, identities->rows[i].number);
}

static void
end_sessions(struct broker *broker, const struct broker_ending *ending)
{
	const struct rpc_session_end_event event = {.words = ending->words};
	struct connection *connection;

	TAILQ_FOREACH(connection, &broker->connections, link)
		if (connection_is_authenticated(connection) &&
		    is_meant_login(ending, &connection->login))
			rpc_server_tell(&connection->server,
			    &rpc_call_session_end, &event);
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

void
broker_end(struct broker *broker, const struct broker_ending *ending)
{
	const char *org = ending->org != NULL ? ending->org : "";
	const uint64_t user_id = (uint64_t)ending->user_id;

	end_identities(broker, ending);
	end_sessions(broker, ending);
	claims_review(broker);
	if (ending->credential_id != 0) {
		end_capabilities(broker, 0, broker_ending_tag(0,
		    ending->credential, ending->credential_id), org);
		return;
	}
	end_capabilities(broker, user_id, 0, org);
	if (user_id != 0)
		end_capabilities(broker, 0, user_id, org);
}
