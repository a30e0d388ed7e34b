// SPDX-License-Identifier: Apache-2.0
/*
 * One connection that makes calls: to sandboxd's own socket, or the far end of
 * a capability. A peer that misbehaves or does not read is dropped; the
 * others never notice.
 */
#pragma once

#include <stdbool.h>

#include "common/rpc_server.h"
#include "sandboxd/daemon.h"
#include "sandboxd/door/capability.h"

/* Connections at once; each costs a descriptor and about 1 KiB. */
#define PEERS_MAX 32768

/* What may wait for one of them: a page of a list, and what comes later. */
#define PEER_QUEUE_MESSAGES_MAX 64
#define PEER_QUEUE_BYTES_MAX	(256 * 1024)

/* What a holder may still tell of what befell. */
struct event_budget {
	uint64_t at_ms; /* 0 = it has told nothing yet */
	unsigned left, n_dropped;
};

struct peer {
	struct daemon *daemon;
	struct peer *next, *previous;
	struct rpc_server server;
	bool is_using; /* its sandbox, until it says otherwise */
	bool is_connected; /* a login that is in, as the log says */
	bool is_told_why;  /* what its sandbox is refused */
	bool is_follower;  /* to be told once the log has grown */
	struct event_budget notes;
	bool is_dead; /* dropped; freed with its last reference */
	bool is_revoked; /* by cap_end: what it waits for is not wanted */
	unsigned references;
	struct capability capability; /* unless it is an admin */
	sd_event_source *source, *expiry;
};

/*
 * Serves fd, which it owns from now on, also on failure; `capability` is NULL
 * for an admin. ttl_ms 0 = until it hangs up.
 */
int peer_add(struct daemon *daemon, int fd,
    const struct capability *capability, uint64_t ttl_ms, struct err *err);

/* A peer somebody will answer later is kept in memory until they let go. */
void peer_ref(struct peer *peer);
void peer_unref(struct peer *peer);

/* Hangs up, with the reason in the log. */
void peer_drop(struct peer *peer, const char *why);

/* As rpc_server_reply and its like; a peer that is dead is not answered. */
void peer_reply(struct peer *peer, const struct rpc_call *call, uint32_t id,
    const void *reply, const int *fds, size_t n_fds);
void peer_error(struct peer *peer, const struct rpc_call *call, uint32_t id,
    const struct err *err);

/* Sends it an event; what holds for replies holds here. */
void peer_tell(struct peer *peer, const struct rpc_call *call,
    const void *event);

/* Who it is, for the log: its audit name, or "admin". */
const char *peer_audit(const struct peer *peer);
