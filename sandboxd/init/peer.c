// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "sandboxd/init/calls.h"
#include "sandboxd/init/forward/dial.h"
#include "sandboxd/init/process/deputy.h"
#include "sandboxd/init/process/process.h"

struct answer *
answer_new(const struct rpc_call *call, uint32_t id)
{
	struct answer *answer = calloc(1, sizeof *answer);

	if (answer != NULL) {
		answer->call = call;
		answer->id = id;
	}
	return answer;
}

void
answer_free(struct answer *answer)
{
	if (answer == NULL)
		return;
	for (size_t i = 0; i < answer->n_fds; i++)
		fd_close(&answer->fds[i]);
	free(answer);
}

static int
send_answer(const struct peer *peer, const struct answer *answer)
{
	const struct rpc_call *call = answer->call;

	if (call->kind == RPC_KIND_EVENT)
		return rpc_send_request(peer->watch.fd, call, 0,
		    &answer->spawn, NULL, 0, MSG_DONTWAIT);
	if (answer->err.code != 0)
		return rpc_send_error(peer->watch.fd, call->number, answer->id,
		    &answer->err, MSG_DONTWAIT);
	return rpc_send_reply(peer->watch.fd, call, answer->id, &answer->spawn,
	    answer->fds, answer->n_fds, MSG_DONTWAIT);
}

static void
update_events(struct peer *peer)
{
	uint32_t events = peer->queue != NULL ? EPOLLOUT :
	    peer->is_holding ? 0 : EPOLLIN;

	loop_change(&peer->init->loop, &peer->watch, events);
}

/* Sends what the socket takes; false where the peer is gone. */
static bool
flush(struct peer *peer)
{
	struct answer *answer;
	int r;

	while ((answer = peer->queue) != NULL) {
		r = send_answer(peer, answer);
		if (r == -EAGAIN)
			break;
		if (r < 0) {
			peer_drop(peer);
			return false;
		}
		peer->queue = answer->next;
		if (peer->queue == NULL)
			peer->queue_end = &peer->queue;
		answer_free(answer);
	}
	update_events(peer);
	return true;
}

bool
peer_answer(struct peer *peer, struct answer *answer)
{
	int r;

	if (peer->queue == NULL) {
		r = send_answer(peer, answer);
		if (r != -EAGAIN) {
			answer_free(answer);
			if (r < 0)
				peer_drop(peer);
			return r == 0;
		}
	}
	answer->next = NULL;
	*peer->queue_end = answer;
	peer->queue_end = &answer->next;
	update_events(peer);
	return true;
}

void
peer_drop(struct peer *peer)
{
	struct init *init = peer->init;
	struct peer **link = &init->peers;
	struct answer *answer;

	process_forget(peer);
	dial_forget(peer);
	deputy_forget(peer);
	while (*link != peer)
		link = &(*link)->next;
	*link = peer->next;
	init->n_peers--;
	while ((answer = peer->queue) != NULL) {
		peer->queue = answer->next;
		answer_free(answer);
	}
	rpc_message_free(&peer->held);
	free(peer->forced_command);
	loop_remove(&init->loop, &peer->watch);
	fd_close(&peer->watch.fd);
	free(peer);
}

/* Serves one message, which becomes the peer's where it must wait. */
static void
serve(struct peer *peer, struct rpc_message *message)
{
	switch (calls_serve(peer, message)) {
	case CALLS_SERVED:
		break;
	case CALLS_DROP:
		peer_drop(peer);
		break;
	case CALLS_HOLD:
		peer->held = *message;
		*message = (struct rpc_message){0};
		peer->is_holding = true;
		update_events(peer);
		break;
	}
}

static void
peer_ready(struct watch *watch, uint32_t events)
{
	struct peer *peer = (struct peer *)watch;
	auto_rpc_message struct rpc_message message = {0};
	int r;

	if ((events & EPOLLOUT) != 0) {
		(void)flush(peer);
		return;
	}
	if ((events & EPOLLIN) == 0) {
		peer_drop(peer);
		return;
	}
	r = rpc_receive(watch->fd, &message, MSG_DONTWAIT);
	if (r == -EAGAIN)
		return;
	if (r <= 0)
		peer_drop(peer);
	else
		serve(peer, &message);
}

void
peer_release_held(struct init *init)
{
	struct peer *peer = init->peers;

	while (peer != NULL) {
		auto_rpc_message struct rpc_message message = {0};

		if (!peer->is_holding) {
			peer = peer->next;
			continue;
		}
		message = peer->held;
		peer->held = (struct rpc_message){0};
		peer->is_holding = false;
		update_events(peer);
		serve(peer, &message);
		peer = init->peers; /* serving may have freed any of them */
	}
}

static bool
is_control(const struct peer *peer)
{
	return (peer->rights & RPC_RIGHT_CONTROL) != 0;
}

void
peer_tell_count(struct init *init)
{
	struct peer *peer, *next;
	uint32_t n = 0;

	for (peer = init->peers; peer != NULL; peer = peer->next)
		n += peer->is_ready && !is_control(peer);
	for (peer = init->peers; peer != NULL; peer = next) {
		struct answer *answer;

		next = peer->next;
		/* Who does not read is told the latest when it does. */
		if (!is_control(peer) || peer->n_others_told == n ||
		    peer->queue != NULL ||
		    (answer = answer_new(&rpc_call_peers, 0)) == NULL)
			continue;
		answer->peers.count = n;
		peer->n_others_told = n;
		(void)peer_answer(peer, answer);
	}
}

void
peer_accept(struct init *init, int fd)
{
	struct peer *peer = NULL;

	if (init->n_peers < INIT_PEERS_MAX)
		peer = calloc(1, sizeof *peer);
	if (peer == NULL) {
		fd_close(&fd);
		return;
	}
	peer->watch = (struct watch){fd, peer_ready};
	peer->init = init;
	peer->queue_end = &peer->queue;
	peer->hello_deadline_ms = loop_now_ms() + INIT_HELLO_TIMEOUT_MS;
	if (loop_add(&init->loop, &peer->watch, EPOLLIN) < 0) {
		fd_close(&fd);
		free(peer);
		return;
	}
	peer->next = init->peers;
	init->peers = peer;
	init->n_peers++;
}
