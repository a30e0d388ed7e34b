// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/peer.h"

#include <stdlib.h>
#include <sys/epoll.h>

#include "sandboxd/init/calls.h"
#include "sandboxd/init/forward/dial.h"
#include "sandboxd/init/process/deputy.h"
#include "sandboxd/init/process/process.h"
#include "sandboxd/init/task/ending.h"

struct answer *
answer_new(const struct rpc_call *call, uint32_t id)
{
	struct answer *answer = calloc(1, sizeof *answer);

	if (answer != NULL) {
		answer->call = call;
		answer->id = id;
		answer->given_fd = -1;
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
	free(answer->records);
	fd_close(&answer->given_fd);
	free(answer);
}

void
peer_answer(struct peer *peer, struct answer *answer)
{
	if (answer->err.code != 0)
		rpc_server_error(&peer->server, answer->call->number,
		    answer->id, &answer->err);
	else
		rpc_server_reply(&peer->server, answer->call, answer->id,
		    &answer->spawn, answer->fds, answer->n_fds);
	answer_free(answer);
}

void
peer_drop(struct peer *peer)
{
	struct init *init = peer->init;
	struct peer **link = &init->peers;

	process_forget(peer);
	dial_forget(peer);
	deputy_forget(peer);
	ending_forget(peer);
	while (*link != peer)
		link = &(*link)->next;
	*link = peer->next;
	if (peer->is_refused)
		init->n_refused--;
	else
		init->n_peers--;
	rpc_message_free(&peer->held);
	free(peer->forced_command);
	loop_remove(&init->loop, &peer->watch);
	rpc_server_fini(&peer->server);
	free(peer);
}

void
peer_refuse(struct peer *peer)
{
	struct init *init = peer->init;

	if (peer->is_refused)
		return;
	if (init->n_refused >= INIT_REFUSED_MAX) {
		peer_drop(peer);
		return;
	}
	peer->is_refused = true;
	peer->hello_deadline_ms = loop_now_ms() + INIT_HELLO_TIMEOUT_MS;
	init->n_refused++;
	init->n_peers--;
}

void
peer_hold(struct peer *peer, struct rpc_message *message)
{
	peer->held = *message;
	*message = (struct rpc_message){0};
	peer->is_holding = true;
	rpc_server_pause(&peer->server, true);
}

static void
peer_ready(struct watch *watch, uint32_t events)
{
	rpc_server_ready(&((struct peer *)watch)->server, events);
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
		rpc_server_pause(&peer->server, false);
		(void)rpc_server_serve(&peer->server, &message);
		peer = init->peers; /* serving may have freed any of them */
	}
}

static bool
is_control(const struct peer *peer)
{
	return (peer->server.rights & RPC_RIGHT_CONTROL) != 0;
}

void
peer_tell_count(struct init *init)
{
	struct rpc_peers_event event = {0};
	struct peer *peer;

	for (peer = init->peers; peer != NULL; peer = peer->next)
		event.count += peer->server.who == RPC_PEER_READY &&
		    !peer->is_refused && !is_control(peer);
	for (peer = init->peers; peer != NULL; peer = peer->next) {
		/* Who does not read is told the latest when it does. */
		if (!is_control(peer) || peer->n_others_told == event.count ||
		    rpc_server_is_waiting(&peer->server))
			continue;
		peer->n_others_told = event.count;
		rpc_server_tell(&peer->server, &rpc_call_peers, &event);
	}
}

void
peer_accept(struct init *init, int fd)
{
	const bool is_full = init->n_peers >= INIT_PEERS_MAX;
	struct peer *peer = NULL;

	if (!is_full || init->n_refused < INIT_REFUSED_MAX)
		peer = calloc(1, sizeof *peer);
	if (peer == NULL) {
		fd_close(&fd);
		return;
	}
	peer->watch = (struct watch){fd, peer_ready};
	peer->init = init;
	peer->hello_deadline_ms = loop_now_ms() + INIT_HELLO_TIMEOUT_MS;
	rpc_server_init(&peer->server, &calls_table, fd, RPC_PEER_NEW, peer);
	if (loop_add(&init->loop, &peer->watch, EPOLLIN) < 0) {
		rpc_server_fini(&peer->server);
		free(peer);
		return;
	}
	peer->next = init->peers;
	init->peers = peer;
	init->n_peers++;
	if (is_full)
		peer_refuse(peer);
}
