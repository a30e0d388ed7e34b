// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "sandboxd/door/calls.h"
#include "sandboxd/door/denied.h"
#include "sandboxd/door/events.h"
#include "sandboxd/door/watch.h"

const char *
peer_audit(const struct peer *peer)
{
	return peer->server.who == RPC_PEER_ADMIN ? "admin" :
	    peer->capability.audit;
}

void
peer_ref(struct peer *peer)
{
	peer->references++;
}

void
peer_unref(struct peer *peer)
{
	if (--peer->references > 0)
		return;
	capability_fini(&peer->capability);
	free(peer);
}

void
peer_drop(struct peer *peer, const char *why)
{
	if (peer->is_dead)
		return;
	if (why != NULL)
		log_warn("peer dropped audit=%s reason=\"%s\"",
		    peer_audit(peer), why);
	peer->is_dead = true;
	events_disconnected(peer);
	events_forget(peer);
	denied_forget(peer);
	peer->source = sd_event_source_disable_unref(peer->source);
	peer->expiry = sd_event_source_disable_unref(peer->expiry);
	rpc_server_fini(&peer->server);
	watch_end(peer);
	if (peer->next != NULL)
		peer->next->previous = peer->previous;
	if (peer->previous != NULL)
		peer->previous->next = peer->next;
	else
		peer->daemon->peers = peer->next;
	peer->daemon->n_peers--;
	if (peer->is_using)
		peer->daemon->on_used(peer->daemon,
		    peer->capability.sandbox_id, "ssh", -1);
	peer->daemon->on_held(peer->daemon, peer->capability.sandbox_id, -1);
	peer_unref(peer);
}

/* One message a turn: no peer keeps the loop to itself. */
static int
on_ready(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct peer *peer = data;

	(void)source;
	(void)fd;
	peer_ref(peer);
	rpc_server_ready(&peer->server, events);
	peer_unref(peer);
	return 0;
}

static int
on_expired(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source;
	(void)usec;
	peer_drop(data, "expired");
	return 0;
}

static int
watch(struct peer *peer, uint64_t ttl_ms, struct err *err)
{
	sd_event *event = peer->daemon->event;
	int r = sd_event_add_io(event, &peer->source, peer->server.fd, EPOLLIN,
	    on_ready, peer);

	if (r >= 0 && ttl_ms > 0)
		r = sd_event_add_time_relative(event, &peer->expiry,
		    CLOCK_BOOTTIME, ttl_ms * 1000, 0, on_expired, peer);
	return r < 0 ? err_set(err, -r, "watch peer: %s", strerror(-r)) : 0;
}

int
peer_add(struct daemon *daemon, int fd, const struct capability *capability,
    uint64_t ttl_ms, struct err *err)
{
	auto_close int owned_fd = fd;
	struct peer *peer;
	int r;

	if (daemon->n_peers >= PEERS_MAX)
		return err_set(err, EAGAIN, "more than %d connections",
		    PEERS_MAX);
	if ((peer = calloc(1, sizeof *peer)) == NULL)
		return err_set(err, ENOMEM, "peer: no memory");
	peer->daemon = daemon;
	peer->references = 1;
	rpc_server_init(&peer->server, &calls_table, take_fd(&owned_fd),
	    capability != NULL ? RPC_PEER_CAPABILITY : RPC_PEER_ADMIN, peer);
	if (capability != NULL) {
		peer->capability = *capability;
		peer->server.rights = capability->rights;
	}
	peer->next = daemon->peers;
	if (peer->next != NULL)
		peer->next->previous = peer;
	daemon->peers = peer;
	daemon->n_peers++;
	daemon->on_held(daemon, peer->capability.sandbox_id, 1);
	r = watch(peer, ttl_ms, err);
	if (r < 0)
		peer_drop(peer, NULL);
	return r;
}

void
peer_reply(struct peer *peer, const struct rpc_call *call, uint32_t id,
    const void *reply, const int *fds, size_t n_fds)
{
	rpc_server_reply(&peer->server, call, id, reply, fds, n_fds);
}

void
peer_tell(struct peer *peer, const struct rpc_call *call, const void *event)
{
	rpc_server_tell(&peer->server, call, event);
}

void
peer_error(struct peer *peer, const struct rpc_call *call, uint32_t id,
    const struct err *err)
{
	rpc_server_error(&peer->server, call->number, id, err);
}
