// SPDX-License-Identifier: Apache-2.0
/*
 * One SSH connection, from the first byte to the last, in a process of its
 * own: forked from the zygote, jailed, on libssh as a transport. Its loop
 * waits for the client's socket, the capability, init, and every channel's
 * descriptors.
 */
#pragma once

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/parse.h"
#include "gateway/protocol/broker_calls.h"
#include "gateway/protocol/handover.h"
#include "gateway/settings/ssh_conf.h"
#include "gateway/ssh/broker_client.h"
#include "gateway/ssh/forward/global_request.h"
#include "gateway/ssh/init_client.h"
#include "gateway/ssh/libssh/packet_watch.h"

/* libssh takes 10 from the client's 32 768: more would become two packets. */
#define SESSION_PACKET_BYTES 32758
#define SESSION_CHUNK_BYTES  (8 * SESSION_PACKET_BYTES)
#define SESSION_USER_SIZE    128

/* A smaller maximum packet makes libssh, which takes 10 bytes from it, write
 * packets of nothing, for ever. */
#define SESSION_PACKET_MIN_BYTES 11

struct channel;
struct forward;
struct forward_listener;

/* What the broker said with its yes (auth_publickey of broker.def). */
struct login {
	enum broker_login kind;
	char sandbox_id[SANDBOX_ID_SIZE];
	char user[64];	   /* in the sandbox; "" = its default */
	char terminal[64]; /* that shells attach to; "" = their own */
	char notice[512];  /* for standard error, once; "" = none */
	uint32_t rights;   /* enum rpc_right */
	bool takes_over, is_recorded;
};

struct session {
	const struct ssh_conf *options;
	struct handover_session peer;
	ssh_session ssh;
	ssh_event event;
	struct ssh_server_callbacks_struct callbacks;
	struct packet_watch watch;
	const char *ending; /* words of the disconnect that is due, or NULL */

	/* auth.c */
	int claim_fd; /* owned; the broker client's once authenticated */
	char user[SESSION_USER_SIZE];
	bool has_user, asked_for_token, is_authenticated, tried_none;
	bool are_keys_announced; /* host_proof.c */
	uint32_t auth_failures;
	struct login login;

	struct broker_client broker;

	/* channel.c */
	struct init_client init;
	struct channel *channels;
	uint32_t n_channels;
	uint32_t baseline_id; /* of the sandbox_get that set oom_kills */
	uint32_t oom_kills;
	bool is_stalled; /* a key exchange: write no data until input came */

	/* forwards.c */
	struct forward *forwards;
	uint32_t n_forwards;
	struct recording *forwards_recording; /* owned; NULL = none yet */
	uint32_t n_forwards_recorded;
	struct forward_listener *listeners;
	uint32_t n_listeners;
	struct forward_listener *agent; /* of those; NULL = none wanted */
	struct global_requests global_requests;

	uint64_t now_ms; /* when this turn of the loop began */
	uint64_t heard_ms;
	uint64_t unused_ms; /* since when no channel is open */
	uint64_t alive_missed;
	uint8_t chunk[SESSION_CHUNK_BYTES];
};

/*
 * Runs the connection to its end and exits. `bind` is the zygote's; client_fd
 * and claim_fd are the session's now.
 */
void session_run(ssh_bind bind, const struct ssh_conf *options,
    const struct handover_session *peer, int client_fd, int claim_fd)
    __attribute__((noreturn));

/* Lowers *timeout_ms (-1 = none) to left_ms. */
void session_wake(int *timeout_ms, uint64_t left_ms);

/* Ends the connection, with these words, after what is being handled. */
void session_end(struct session *session, const char *words);
