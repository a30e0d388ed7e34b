// SPDX-License-Identifier: Apache-2.0
/* Private to login/: a claim while it is being decided, and what is told of
 * it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "gateway/broker/broker.h"
#include "gateway/broker/connection.h"
#include "gateway/broker/creation.h"
#include "gateway/broker/login/holders.h"

/* Room for "[address]:port". */
#define FROM_SIZE (HANDOVER_ADDRESS_SIZE + 8)

/* A claim while it is being decided. */
struct claim {
	struct connection *connection;
	const struct rpc_call *call;
	uint32_t id;
	bool is_offer; /* nothing was proved: nothing may be opened */
	bool is_index_awaited;
	bool is_refused; /* but the refusal is not due yet */
	uint64_t started_us;
	sd_event_source *timer;
	char user[128]; /* as the client wrote it */
	uint8_t *shown; /* what the client shows, to ask about it again */
	struct holders_question question; /* points to the two above */
	struct holders holders;
	struct identity asked;	   /* the one to let in; org "" = nobody yet */
	struct creation *creation; /* of a login by "new", or NULL */
	char notice[512];	   /* what the user is to be told */
};

#define CLAIM_AUDIT_SIZE 384

/* "[address]:port" of the client. */
void claim_from(const struct connection *connection, char ret[FROM_SIZE]);

/* Who it is and from where, for sandboxd's log and tombstones. */
void claim_audit(const struct claim *claim, char ret[CLAIM_AUDIT_SIZE]);

/* What the login is for, where cap_fd is what comes with it; -1 = nothing. */
enum broker_login claim_login_kind(const struct claim *claim, int cap_fd);

/* Notes in connection->login what calls after the login are decided by. */
void claim_note_login(struct connection *connection,
    const struct claim *claim);

/* 0, or -errno where the login is not on record, and may not be. */
int claim_record_login(const struct claim *claim, int cap_fd);

/* Whether the credential has as many connections as one may; then the notice
 * says which limit it is, and whose. */
bool claim_is_crowded(struct claim *claim);
