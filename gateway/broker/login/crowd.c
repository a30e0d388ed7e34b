// SPDX-License-Identifier: Apache-2.0
/* How many connections one credential has. */
#include <stdio.h>
#include <string.h>

#include "gateway/broker/login/claim_of.h"

/* Whether a connection is by the credential that a claim is by; one whose claim
 * is being decided will be. */
static bool
is_by_same(const struct connection *connection, const struct identity *who)
{
	const struct connection_login *login = &connection->login;
	const struct claim *claim = connection->claim;

	if (claim != NULL)
		return !claim->is_offer && !claim->is_refused &&
		    claim->asked.org[0] != '\0' &&
		    claim->asked.credential == who->credential &&
		    claim->asked.credential_id == who->credential_id &&
		    strcmp(claim->asked.user, who->user) == 0;
	return connection_is_authenticated(connection) &&
	    login->credential == who->credential &&
	    login->credential_id == who->credential_id &&
	    strcmp(login->user, who->user) == 0 &&
	    strcmp(login->org, who->org) == 0;
}

static const char *
sandbox_of(const struct connection *connection)
{
	return connection->claim != NULL ?
	    connection->claim->holders.name.sandbox_id :
	    connection->login.sandbox_id;
}

bool
claim_is_crowded(struct claim *claim)
{
	const struct broker *broker = claim->connection->broker;
	const char *sandbox_id = claim->holders.name.sandbox_id;
	uint64_t most = broker->settings.max_connections_per_credential;
	uint64_t most_there = broker->settings.max_connections_per_sandbox;
	const struct connection *connection;
	uint64_t n = 0, n_there = 0;

	TAILQ_FOREACH(connection, &broker->connections, link) {
		if (!is_by_same(connection, &claim->asked))
			continue;
		n++;
		n_there += sandbox_id[0] != '\0' &&
		    strcmp(sandbox_of(connection), sandbox_id) == 0;
	}
	if (n <= most && n_there <= most_there)
		return false;
	snprintf(claim->notice, sizeof claim->notice,
	    "sandgate: too many connections by this credential: %llu%s at once "
	    "(%s of this host)", (unsigned long long)(n > most ? most :
	    most_there), n > most ? "" : " to one sandbox", n > most ?
	    "max_connections_per_credential" : "max_connections_per_sandbox");
	return true;
}
