// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/login/claim_record.h"

#include <stdio.h>

#include "common/log.h"
#include "gateway/broker/audit.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/connection.h"
#include "gateway/broker/login/certificate_login.h"
#include "gateway/broker/login/claim_of.h"

/* Room for "[address]:port". */
#define FROM_SIZE (HANDOVER_ADDRESS_SIZE + 8)

static void
format_from(const struct connection *connection, char ret[FROM_SIZE])
{
	snprintf(ret, FROM_SIZE, "[%s]:%u", connection->peer_address,
	    connection->peer_port);
}

void
claim_record_refusal(const struct claim *claim)
{
	char from[FROM_SIZE], certificate[CERTIFICATE_LOGIN_TEXT_SIZE];

	format_from(claim->connection, from);
	certificate_login_describe(claim->holders.certificate, certificate);
	audit_note(&claim->connection->broker->audit,
	    claim->is_offer ? "offer_refused" : "login_refused",
	    "from", from, "name", claim->user, "credential",
	    claim->holders.credential, "certificate", certificate, NULL);
}

int
claim_record_login(const struct claim *claim, enum broker_login kind)
{
	struct broker *broker = claim->connection->broker;
	const struct username *name = &claim->holders.name;
	char from[FROM_SIZE], certificate[CERTIFICATE_LOGIN_TEXT_SIZE];
	int r;

	format_from(claim->connection, from);
	certificate_login_describe(claim->holders.certificate, certificate);
	r = audit_write(&broker->audit,
	    kind != BROKER_LOGIN_FAILED ? "login" :
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

void
claim_format_audit(const struct claim *claim, char ret[CLAIM_AUDIT_SIZE])
{
	char from[FROM_SIZE];

	format_from(claim->connection, from);
	snprintf(ret, CLAIM_AUDIT_SIZE, "%s@%s %s from %s", claim->asked.user,
	    claim->asked.org, claim->holders.credential, from);
}
