// SPDX-License-Identifier: Apache-2.0
/*
 * A broker without its process: the real one's struct, key database, audit log,
 * listener and loop, with a client that is a TCP connection here, a session and
 * a zygote that are sockets here, and a sandboxd that is answered by hand. One
 * thread; world_turn lets each do what it can.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/rpc.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/connection.h"
#include "keys/token.h"

#define WORLD_SANDBOX "sb_0123456789ab" /* of the default organisation */
#define WORLD_FOREIGN "sb_0123456789cd" /* of another one */
#define WORLD_MADE    "sb_0123456789ef" /* by a create */
#define WORLD_FDS_MAX 16

/* What sandboxd does, and has been asked. */
struct world_sandboxd {
	bool hides_index; /* does not tell whose sandboxes are */
	bool holds_opens, holds_creates; /* does not answer these */
	unsigned n_opens, n_creates, n_destroys;
	int listen_fd;
	int fds[WORLD_FDS_MAX]; /* connections and capabilities; -1 = free */
	uint32_t index_id, open_id, create_id; /* last held; 0 = none */
	int index_fd, open_fd, create_fd;
};

struct world {
	struct broker broker;
	struct world_sandboxd sandboxd;
	int zygote_fd; /* what is handed over comes out here */
	uint16_t port;
	char token[TOKEN_SIZE];
	int64_t token_id, user_id;
};

extern struct world world;

/* Called with true before the broker's own turns and with false after them;
 * NULL = nobody wants to know. */
extern void (*world_arm)(bool is_on);

/* Makes it all, under /dev/shm; the index is current unless it is hidden. */
void world_begin(bool hides_index);
void world_end(void);

/* One turn of the broker, waiting most_ms at most, and of sandboxd. */
void world_turn(unsigned most_ms);

/* Turns until it is so; a minute without it ends the test. */
void world_until(bool (*is_so)(void));

/* sandboxd answers what it held back. */
void world_tell_index(void);
void world_answer_open(void);
void world_answer_create(int code); /* 0 = made */

/* A TCP connection to the broker. The caller's to close. */
int world_dial(void);

/* What the zygote was handed: the session's end of the claim socket, with the
 * frame; the client's socket is closed. -1 = nothing within a few turns. */
int world_take_session(struct handover_session *ret);

/* The session's claim by a token, and its answer: 0 and *ret, whose capability
 * is *ret_cap_fd or -1; -errno; -EPIPE where the broker hung up. */
void world_claim(int session_fd, const char *user, const char *secret);
bool world_is_answered(int session_fd);
int world_take_answer(int session_fd, struct rpc_login *ret,
    struct rpc_message *ret_message);

/* How many lines of the audit log have this event. */
unsigned world_count_audit(const char *event);

/* The token was revoked, in the database alone. */
void world_revoke(void);
