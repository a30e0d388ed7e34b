// SPDX-License-Identifier: Apache-2.0
/*
 * One SSH connection, from the first byte to the last, in a process of its
 * own: forked from the zygote, jailed, on libssh as a transport. What the loop
 * (loop.h), authentication and channels share; what carries bytes is given its
 * turn alone (turn.h).
 */
#pragma once

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/protocol/handover.h"
#include "gateway/ssh/broker_client.h"
#include "gateway/ssh/forward/forwarding.h"
#include "gateway/ssh/init_client.h"
#include "gateway/ssh/libssh/packet_watch.h"
#include "gateway/ssh/login.h"
#include "gateway/ssh/turn.h"
#include "gateway/ssh/why.h"

#define SESSION_USER_SIZE 128

struct channel;

struct session {
	struct turn turn;
	struct handover_session peer;
	ssh_event event;
	struct ssh_server_callbacks_struct callbacks;
	struct packet_watch watch;

	/* auth.c */
	int claim_fd; /* owned; the broker client's once authenticated */
	char user[SESSION_USER_SIZE];
	bool has_user, asked_for_token, is_authenticated, tried_none;
	uint32_t auth_failures;
	struct login login;

	struct broker_client broker;

	/* channel.c */
	struct init_client init;
	struct channel *channels;
	uint32_t n_channels;
	uint32_t baseline_id; /* of the sandbox_get that set oom_kills */
	uint32_t oom_kills;
	/* activity.c: what sandboxd has been told, and when. */
	bool is_use_held;
	uint64_t use_told_ms, use_bytes_ms;

	struct why why;
	bool was_paused; /* and whoever is connected has been told */
	uint64_t gone_ms; /* since when the sandbox is destroyed; 0 = not */
	char gone[ERR_TEXT_SIZE + 32]; /* by whom */

	struct forwarding forwarding;

	uint64_t heard_ms;
	uint64_t unused_ms; /* since when no channel is open */
	uint64_t alive_missed;
};
