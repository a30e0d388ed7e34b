// SPDX-License-Identifier: Apache-2.0
/*
 * One SSH connection as the broker sees it: its address, and the claim socket
 * whose other end the jailed session holds. It ends when that end closes, so
 * sessions keep it open for as long as they live.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <systemd/sd-event.h>

#include "common/address.h"
#include "common/err.h"
#include "common/parse.h"
#include "common/rpc_server.h"
#include "gateway/broker/notes.h"
#include "gateway/protocol/broker_calls.h"
#include "gateway/protocol/handover.h"
#include "gateway/protocol/username.h"
#include "keys/revocation.h"
#include "keys/store.h"
#include "keys/verify.h"

#define CONNECTION_ACCEPT_BURST	   32
#define CONNECTION_ACCEPT_PAUSE_MS 1000

/* What may wait for one session: answers that come later, and its end. */
#define CONNECTION_QUEUE_MESSAGES_MAX 128
#define CONNECTION_QUEUE_BYTES_MAX    (64 * 1024)

/* How long after login_grace a session that is still there is dropped. */
#define CONNECTION_GRACE_SLACK_S 5

struct broker;
struct claim;
struct lobby;

/* Who logged in, for the audit log and for recordings. */
struct connection_login {
	char org[STORE_NAME_SIZE], user[STORE_NAME_SIZE], login_user[64];
	char sandbox_id[SANDBOX_ID_SIZE];
	int64_t user_id;
	enum credential credential; /* that it was by, and which */
	int64_t credential_id;
	uint64_t tag; /* cap_open's, of what it opens; 0 = nobody logs in */
	struct revocable revocable;
	bool is_recorded;
	uint32_t recording_connection; /* random, in the names of recordings */
	uint32_t n_recordings;
};

struct connection {
	TAILQ_ENTRY(connection) link;
	struct broker *broker;
	struct rpc_server server; /* of its claim socket */
	sd_event_source *io;
	char peer_address[HANDOVER_ADDRESS_SIZE];
	uint16_t peer_port;
	uint8_t source[ADDRESS_SOURCE_SIZE]; /* what counts as one source */
	bool is_exempt;	   /* from penalties */
	bool is_excused;   /* a refusal was our own fault */
	bool has_left;	   /* its session said that it ends */
	bool has_hung_up;  /* its session closed the claim socket */
	uint64_t since_ms; /* CLOCK_MONOTONIC */
	sd_event_source *deadline; /* to log in by */
	struct connection_login login; /* once it is */
	uint32_t n_failures;
	struct claim *claim; /* the one being decided, or NULL */
	struct lobby *lobby; /* after a login to it; lobby/lobby.c */
	struct broker_notes notes;
};

/*
 * Accepts up to CONNECTION_ACCEPT_BURST connections from listen_fd, drops
 * those over a limit and hands the rest to the zygote. Where there are too many
 * that have not logged in, one of those goes for each that comes.
 */
void connection_accept(struct broker *broker, int listen_fd);

/* Tries again what could not be handed over; call on a new zygote, or when
 * the present one has room. */
void connection_hand_over(struct broker *broker);

static inline bool
connection_is_authenticated(const struct connection *connection)
{
	return connection->server.who == BROKER_PEER_SESSION;
}

/* Notes whose login it is, or will be: what calls after it are decided by, and
 * what is counted by credential (login/crowd.h). */
void connection_note_login(struct connection *connection,
    const struct identity *who, const struct username *name);

/* Notes that the client has logged in; it waits for nothing any more. */
void connection_authenticated(struct connection *connection);

/* Forgets the connection and whatever it is waiting for. */
void connection_free(struct connection *connection);

/* Of its struct rpc_server_table; arg is the connection. */
void connection_drop(void *arg, const char *why);
void connection_watch(void *arg, uint32_t events);

/*
 * Answers a call with the one refusal there is, and counts it. 0, or -EACCES
 * after max_auth_tries of them: drop it then.
 */
int connection_refuse(struct connection *connection, uint16_t number,
    uint32_t id);

/* Whether its next claim is read; off while one is being decided. */
void connection_listen(struct connection *connection, bool should_listen);

/* Switches the listeners on or off, as there is a zygote to serve them. */
void connection_update_listeners(struct broker *broker);
