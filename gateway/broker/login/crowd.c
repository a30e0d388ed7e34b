// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/crowd.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/connection.h"
#include "keys/org.h"

/* Of a certificate, which is its authority's credential, the user tells. */
static bool
is_by_same(const struct connection_login *a, const struct connection_login *b)
{
	return a->credential == b->credential &&
	    a->credential_id == b->credential_id &&
	    strcmp(a->user, b->user) == 0 && strcmp(a->org, b->org) == 0;
}

static void
describe(uint64_t most, const char *where, const char *limit, char *words,
    size_t size)
{
	snprintf(words, size, "sandgate: too many connections by this "
	    "credential: %llu%s at once (%s of this host)",
	    (unsigned long long)most, where, limit);
}

/* What its admins and the operator let the organisation have; 0 = no limit.
 * One that cannot be looked up is not kept out for that. */
static uint64_t
most_sessions(const struct broker *broker, const char *name)
{
	struct err err = {0};
	struct org org;

	if (org_get(broker->store, name, &org, &err) == 0)
		return org_limit(&org, ORG_SESSIONS);
	log_error("max_sessions of org=%s: %s", name, err.text);
	return 0;
}

uint64_t
crowd_sessions(const struct broker *broker, const char *org)
{
	const struct connection *connection;
	uint64_t n = 0;

	TAILQ_FOREACH(connection, &broker->connections, link)
		n += strcmp(connection->login.org, org) == 0;
	return n;
}

static bool
is_organisation_full(const struct broker *broker,
    const struct connection_login *login, char *words, size_t size)
{
	const uint64_t most = most_sessions(broker, login->org);
	uint64_t n = 0;

	if (most != 0)
		n = crowd_sessions(broker, login->org);
	if (n <= most)
		return false;
	snprintf(words, size, "sandgate: max_sessions: organisation %s may "
	    "have %llu SSH connections at once and has %llu; try again when "
	    "one has ended", login->org, (unsigned long long)most,
	    (unsigned long long)n - 1);
	return true;
}

bool
crowd_is_full(const struct connection *connection, char *words, size_t size)
{
	const struct broker *broker = connection->broker;
	const struct connection_login *login = &connection->login;
	const struct gateway_conf *settings = &broker->settings;
	const struct connection *other;
	uint64_t n = 0, n_there = 0;

	TAILQ_FOREACH(other, &broker->connections, link) {
		/* Whoever nobody has been let in as has no organisation. */
		if (other->login.org[0] == '\0' ||
		    !is_by_same(&other->login, login))
			continue;
		n++;
		n_there += login->sandbox_id[0] != '\0' &&
		    strcmp(other->login.sandbox_id, login->sandbox_id) == 0;
	}
	if (n > settings->max_connections_per_credential)
		describe(settings->max_connections_per_credential, "",
		    "max_connections_per_credential", words, size);
	else if (n_there > settings->max_connections_per_sandbox)
		describe(settings->max_connections_per_sandbox,
		    " to one sandbox", "max_connections_per_sandbox", words,
		    size);
	else
		return is_organisation_full(broker, login, words, size);
	return true;
}
