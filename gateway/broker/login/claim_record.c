// SPDX-License-Identifier: Apache-2.0
/* What is told of a claim: to the audit log, to the log, and to the calls that
 * come after it. */
#include <stdio.h>

#include "common/log.h"
#include "gateway/broker/login/certificate_login.h"
#include "gateway/broker/login/claim_of.h"
#include "gateway/protocol/broker_calls.h"

void
claim_from(const struct connection *connection, char ret[FROM_SIZE])
{
	snprintf(ret, FROM_SIZE, "[%s]:%u", connection->peer_address,
	    connection->peer_port);
}

void
claim_audit(const struct claim *claim, char ret[CLAIM_AUDIT_SIZE])
{
	char from[FROM_SIZE];

	claim_from(claim->connection, from);
	snprintf(ret, CLAIM_AUDIT_SIZE, "%s@%s %s from %s", claim->asked.user,
	    claim->asked.org, claim->holders.credential, from);
}

enum broker_login
claim_login_kind(const struct claim *claim, int cap_fd)
{
	if (claim->holders.name.kind == USERNAME_LOBBY)
		return BROKER_LOGIN_LOBBY;
	return cap_fd >= 0 ? BROKER_LOGIN_SANDBOX : BROKER_LOGIN_FAILED;
}

void
claim_note_login(struct connection *connection, const struct claim *claim)
{
	struct connection_login *login = &connection->login;

	snprintf(login->org, sizeof login->org, "%s", claim->asked.org);
	snprintf(login->user, sizeof login->user, "%s", claim->asked.user);
	snprintf(login->login_user, sizeof login->login_user, "%s",
	    claim->holders.name.login_user);
	snprintf(login->sandbox_id, sizeof login->sandbox_id, "%s",
	    claim->holders.name.sandbox_id);
	login->user_id = claim->asked.user_id;
	login->credential = claim->asked.credential;
	login->credential_id = claim->asked.credential_id;
	login->is_recorded = claim->asked.is_recorded;
}

int
claim_record_login(const struct claim *claim, int cap_fd)
{
	struct broker *broker = claim->connection->broker;
	const struct username *name = &claim->holders.name;
	char from[FROM_SIZE], certificate[CERTIFICATE_LOGIN_TEXT_SIZE];
	int r;

	claim_from(claim->connection, from);
	certificate_login_describe(claim->holders.certificate, certificate);
	r = audit_write(&broker->audit,
	    claim_login_kind(claim, cap_fd) != BROKER_LOGIN_FAILED ? "login" :
	    name->kind == USERNAME_NEW ? "create_failed" : "login_crowded",
	    "from", from, "name", claim->user,
	    "org", claim->asked.org, "user", claim->asked.user, "sandbox",
	    name->sandbox_id, "login_user", name->login_user, "credential",
	    claim->holders.credential, "certificate", certificate, NULL);
	if (r < 0 && broker->settings.audit_required) {
		log_error("login refused, as it cannot be recorded: org=%s "
		    "user=%s from=%s", claim->asked.org, claim->asked.user,
		    from);
		return r;
	}
	log_info("login org=%s user=%s sandbox=%s from=%s%s", claim->asked.org,
	    claim->asked.user, name->sandbox_id, from,
	    r < 0 ? " NOT RECORDED" : "");
	return 0;
}
