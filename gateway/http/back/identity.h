// SPDX-License-Identifier: Apache-2.0
/*
 * Who is asking, and what sandboxd lets them: asked of the broker with the
 * first request of a connection, then kept for as long as that shows the same
 * credential, until the broker says that it is over, the capability ends, half
 * of the capability's time is gone or the credential expires. One identity is
 * shared by all connections that are it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "gateway/http/back/calls.h"

struct back;
struct identity;
struct identity_kept; /* a connection's: NULL at first */

/* who is the callee's to identity_release; NULL: err says why not, -EACCES
 * where the broker knows nobody so. */
typedef void identity_done(void *arg, struct identity *who,
    const struct err *err);

/* For whom a caller acts, by the headers IDENTITY_ORG and IDENTITY_USER; NULL
 * or "" = himself. */
#define IDENTITY_ORG  "Sandgate-Org"
#define IDENTITY_USER "Sandgate-User"
struct identity_acting {
	const char *org, *user;
};

/*
 * By `token`, or where it is NULL by the peer of peer_fd, a Unix socket; -1 for
 * any other. done is called once, maybe before this returns; *kept and peer_fd
 * have to stay until then.
 */
void identity_find(struct back *back, struct identity_kept **kept,
    const char *token, int peer_fd, struct identity_acting acting,
    identity_done *done, void *arg);

/* What a URL says that somebody signed (broker.def's api_auth_signature). */
struct identity_signed {
	const char *sandbox_id, *path, *operation, *user, *expires,
	    *signature;
};

/* By that; what it finds is for this one request. Otherwise as identity_find;
 * strings may go once this returns. */
void identity_find_signed(struct back *back,
    const struct identity_signed *url, identity_done *done, void *arg);

/* Either does nothing with NULL. */
void identity_forget(struct identity_kept *kept);
void identity_release(struct identity *who);

/* Of one by a signed URL: the sandbox that it is for; else "". */
const char *identity_sandbox(const struct identity *who);

struct back *identity_back(const struct identity *who);

/* The number that stands for them in calls to the broker. */
uint64_t identity_number(const struct identity *who);
const char *identity_org(const struct identity *who);
const char *identity_user(const struct identity *who);
const char *identity_describe(const struct identity *who); /* for the log */

const char *identity_role(const struct identity *who);

/* What one request of theirs may be, by the token that they came in by; 0 = no
 * limit of its own. */
struct identity_limits {
	uint64_t token; /* its number; 0 = there is none */
	uint64_t body_max_bytes, time_max_s, per_second_max;
};
const struct identity_limits *identity_limits(const struct identity *who);

/* How long a call for them may take: no longer than their request. */
uint64_t identity_time_ms(const struct identity_limits *limits,
    uint64_t otherwise_ms);

/* As calls_make, to the broker, and to sandboxd on the capability: EPIPE where
 * sandboxd is away, EACCES where the caller may not. */
void identity_ask_broker(struct identity *who, const struct rpc_call *call,
    const void *request, rpc_client_done *done, void *arg);
void identity_ask_sandboxd(struct identity *who, const struct rpc_call *call,
    const void *request, rpc_client_done *done, void *arg);

/* Tells sandboxd an event, on the capability, where it may. */
void identity_tell_sandboxd(struct identity *who, const struct rpc_call *call,
    const void *event);

/* Keeps it as long as something is under way for it: identity_release. */
void identity_hold(struct identity *who);

/* What it has of gateway-depot, back/depot.c's own; NULL at first. */
struct depot_link;
struct depot_link **identity_depot(struct identity *who);

/* Who is called whenever sandboxd says that the log has grown, and at the end
 * of the capability. */
struct identity_follower {
	LIST_ENTRY(identity_follower) link;
	void (*news)(struct identity_follower *follower);
	bool is_linked;
};
void identity_follow(struct identity *who, struct identity_follower *follower);
void identity_unfollow(struct identity_follower *follower);

/*
 * The token in the values of an Authorization, an X-API-Key and an
 * X-Access-Token header, any of which may be NULL; the first wins. But a name
 * ("Basic") beside an X-Access-Token claims nothing: it says whom to be in the
 * sandbox. An X-API-Key may have "e2b_" before it, which some of E2B's clients
 * look for. NULL where there is none.
 */
const char *identity_find_token(const char *authorization,
    const char *api_key, const char *access_token);
