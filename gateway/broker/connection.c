// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/connection.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/prefix.h"
#include "gateway/broker/audit.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/ending.h"
#include "gateway/broker/eviction.h"
#include "gateway/broker/lobby/lobby.h"
#include "gateway/broker/login/claim.h"
#include "gateway/broker/session_calls.h"
#include "gateway/protocol/broker_calls.h"

#define DROPS_LOG_INTERVAL_MS 1000
#define LIMIT_PENALTY	      "penalty"

static uint64_t
monotonic_ms(const struct broker *broker)
{
	uint64_t now_us = 0;

	(void)sd_event_now(broker->event, CLOCK_MONOTONIC, &now_us);
	return now_us / 1000;
}

static bool
is_exempt(const struct broker *broker, const char *peer_address)
{
	const struct gateway_conf *settings = &broker->settings;
	struct prefix address;

	if (prefix_parse(peer_address, &address) < 0)
		return false;
	for (size_t i = 0; i < settings->n_exempt; i++)
		if (prefix_has(&settings->exempt[i], &address))
			return true;
	return false;
}

/* What a connection that ends without a login costs its source. */
static int
find_penalty(const struct connection *connection, enum penalty *ret)
{
	uint64_t age_ms = monotonic_ms(connection->broker) -
	    connection->since_ms;

	if (connection_is_authenticated(connection) || connection->is_exempt ||
	    connection->is_excused)
		return -ENOENT;
	if (age_ms >= connection->broker->settings.login_grace_s * 1000)
		*ret = PENALTY_GRACE;
	else if (connection->has_hung_up && !connection->has_left)
		*ret = PENALTY_CRASH;
	else if (connection->n_failures > 0)
		*ret = PENALTY_AUTH_FAILURE;
	else if (connection->has_left)
		*ret = PENALTY_NO_AUTH;
	else
		return -ENOENT;
	return 0;
}

static void
penalise(const struct connection *connection)
{
	struct broker *broker = connection->broker;
	enum penalty penalty;
	uint64_t refused_ms;
	char seconds[24];

	if (find_penalty(connection, &penalty) < 0)
		return;
	refused_ms = penalties_add(&broker->penalties, connection->source,
	    penalty, monotonic_ms(broker));
	if (refused_ms == 0)
		return;
	snprintf(seconds, sizeof seconds, "%llu",
	    (unsigned long long)refused_ms / 1000);
	log_warn("source refused for %s s: from=%s, last for %s", seconds,
	    connection->peer_address, penalty_name(penalty));
	audit_note(&broker->audit, "source_refused", "from",
	    connection->peer_address, "reason", penalty_name(penalty),
	    "seconds", seconds, NULL);
}

/* Which limit forbids one more connection from this source; NULL = none. */
static const char *
find_limit(const struct broker *broker,
    const uint8_t source[ADDRESS_SOURCE_SIZE], const char *peer_address)
{
	const struct connection *connection;
	bool has_limits = !is_exempt(broker, peer_address);
	uint64_t n = 0, n_startups = 0;

	if (has_limits && penalties_has(&broker->penalties, source,
	    monotonic_ms(broker)))
		return LIMIT_PENALTY;
	if (broker->n_connections >= broker->settings.max_connections)
		return "max_connections";
	TAILQ_FOREACH(connection, &broker->connections, link)
		if (memcmp(connection->source, source,
		    ADDRESS_SOURCE_SIZE) == 0) {
			n++;
			n_startups += !connection_is_authenticated(connection);
		}
	if (has_limits &&
	    n_startups >= broker->settings.max_startups_per_source)
		return "max_startups_per_source";
	if (n >= broker->settings.max_connections_per_source)
		return "max_connections_per_source";
	return NULL;
}

/* sshd's words; a client shows them with -v. */
static void
say_dropped(int client_fd, const char *limit)
{
	const char *words = strcmp(limit, LIMIT_PENALTY) == 0 ?
	    "Not allowed at this time\r\n" : "Exceeded MaxStartups\r\n";

	(void)send(client_fd, words, strlen(words),
	    MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* At most a line a second: whoever is dropped chooses how often. */
static void
log_drop(struct broker *broker, const char *limit, const char *peer_address)
{
	uint64_t now_ms = clock_unix_ms();

	broker->n_dropped++;
	if (now_ms < broker->dropped_logged_ms + DROPS_LOG_INTERVAL_MS)
		return;
	log_warn("dropped connections: %u, last from=%s limit=%s",
	    broker->n_dropped, peer_address, limit);
	broker->n_dropped = 0;
	broker->dropped_logged_ms = now_ms;
}

/* As sshd's MaxStartups, but that it hits who waits longest, not who comes. */
static void
make_room(struct broker *broker)
{
	struct connection *victim;

	if (!startups_should_drop(&broker->settings.startups,
	    broker->n_startups, randombytes_random()))
		return;
	victim = eviction_find(&broker->connections, broker->n_startups);
	if (victim == NULL)
		return;
	log_drop(broker, "max_startups", victim->peer_address);
	connection_free(victim);
}

static int
on_claim(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct connection *connection = arg;

	(void)source;
	(void)fd;
	rpc_server_ready(&connection->server, events);
	return 0;
}

void
connection_drop(void *arg, const char *why)
{
	struct connection *connection = arg;

	if (why != NULL)
		log_warn("session dropped: from=%s %s",
		    connection->peer_address, why);
	connection->has_hung_up = true;
	connection_free(connection);
}

void
connection_watch(void *arg, uint32_t events)
{
	const struct connection *connection = arg;

	(void)sd_event_source_set_io_events(connection->io, events);
	/* Not even its end is looked at while a claim is being decided. */
	(void)sd_event_source_set_enabled(connection->io,
	    events != 0 ? SD_EVENT_ON : SD_EVENT_OFF);
}

/* Its session should have ended by itself; it can claim no more. */
static int
on_deadline(sd_event_source *source, uint64_t usec, void *arg)
{
	struct connection *connection = arg;

	(void)source;
	(void)usec;
	log_warn("session dropped: from=%s outlived login_grace",
	    connection->peer_address);
	connection_free(connection);
	return 0;
}

/* Counts it and watches our end of a fresh claim socket. */
static int
make_connection(struct broker *broker, const union address *peer,
    int *ret_session_fd, struct connection **ret)
{
	struct connection *connection = calloc(1, sizeof *connection);
	int pair[2], r;

	if (connection == NULL)
		return -ENOMEM;
	r = fd_seqpacket_pair(pair);
	if (r < 0) {
		free(connection);
		return r;
	}
	connection->broker = broker;
	fd_refuse_passing(pair[0]);
	rpc_server_init(&connection->server, &broker_session_table, pair[0],
	    BROKER_PEER_CLAIMANT, connection);
	(void)address_source(&peer->any, connection->source);
	address_format(peer, connection->peer_address,
	    &connection->peer_port);
	TAILQ_INSERT_TAIL(&broker->connections, connection, link);
	broker->n_connections++;
	broker->n_startups++;
	connection->since_ms = monotonic_ms(broker);
	connection->is_exempt = is_exempt(broker, connection->peer_address);
	r = sd_event_add_io(broker->event, &connection->io, pair[0], EPOLLIN,
	    on_claim, connection);
	if (r >= 0)
		r = sd_event_add_time_relative(broker->event,
		    &connection->deadline, CLOCK_MONOTONIC,
		    (broker->settings.login_grace_s +
		    CONNECTION_GRACE_SLACK_S) * 1000000, 0, on_deadline,
		    connection);
	if (r < 0) {
		fd_close(&pair[1]);
		connection_free(connection);
		return r;
	}
	*ret_session_fd = pair[1];
	*ret = connection;
	return 0;
}

/* Takes over *client_fd; what fails is the client's connection alone. */
static void
admit(struct broker *broker, int *client_fd, const union address *peer)
{
	struct broker_handover *handover = &broker->handover;
	union address local = {0};
	socklen_t size = sizeof local;
	char peer_address[HANDOVER_ADDRESS_SIZE];
	uint8_t source[ADDRESS_SOURCE_SIZE];
	uint16_t port;
	const char *limit;
	int r;

	address_format(peer, peer_address, &port);
	(void)address_source(&peer->any, source);
	limit = find_limit(broker, source, peer_address);
	if (limit != NULL) {
		say_dropped(*client_fd, limit);
		log_drop(broker, limit, peer_address);
		return;
	}
	make_room(broker);
	r = make_connection(broker, peer, &handover->session_fd,
	    &handover->connection);
	if (r < 0) {
		log_error("connection from=%s: %s", peer_address,
		    strerror(-r));
		return;
	}
	handover->client_fd = take_fd(client_fd);
	handover->frame = (struct handover_session){.peer_port = port};
	memcpy(handover->frame.peer_address, peer_address,
	    sizeof peer_address);
	if (getsockname(handover->client_fd, &local.any, &size) == 0)
		address_format(&local, handover->frame.local_address,
		    &handover->frame.local_port);
	connection_hand_over(broker);
}

static int
on_pause_end(sd_event_source *source, uint64_t usec, void *arg)
{
	struct broker *broker = arg;

	(void)source;
	(void)usec;
	broker->pause_timer = sd_event_source_unref(broker->pause_timer);
	connection_update_listeners(broker);
	return 0;
}

void
connection_accept(struct broker *broker, int listen_fd)
{
	for (int i = 0; i < CONNECTION_ACCEPT_BURST; i++) {
		union address peer = {0};
		socklen_t size = sizeof peer;
		auto_close int fd = -1;

		if (broker->handover.connection != NULL)
			return;
		fd = accept4(listen_fd, &peer.any, &size, SOCK_CLOEXEC);
		if (fd >= 0) {
			admit(broker, &fd, &peer);
			continue;
		}
		if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS &&
		    errno != ENOMEM)
			return; /* nobody there, or gone already */
		log_error("accept: %s", strerror(errno));
		if (sd_event_add_time_relative(broker->event,
		    &broker->pause_timer, CLOCK_MONOTONIC,
		    CONNECTION_ACCEPT_PAUSE_MS * 1000, 0, on_pause_end,
		    broker) >= 0)
			connection_update_listeners(broker);
		return;
	}
}

static void
clear_handover(struct broker_handover *handover)
{
	handover->connection = NULL;
	fd_close(&handover->client_fd);
	fd_close(&handover->session_fd);
}

void
connection_hand_over(struct broker *broker)
{
	struct broker_handover *handover = &broker->handover;
	int fds[2] = {handover->client_fd, handover->session_fd};
	int r = 0;

	if (handover->connection != NULL && broker->zygote_fd >= 0) {
		r = fd_send(broker->zygote_fd, &handover->frame,
		    sizeof handover->frame, fds, 2, MSG_DONTWAIT);
		if (r == 0)
			clear_handover(handover);
		else if (r != -EAGAIN)
			log_warn("zygote: %s", strerror(-r));
	}
	if (broker->zygote_io != NULL)
		(void)sd_event_source_set_io_events(broker->zygote_io,
		    r == -EAGAIN ? EPOLLIN | EPOLLOUT : EPOLLIN);
	connection_update_listeners(broker);
}

void
connection_free(struct connection *connection)
{
	struct broker *broker = connection->broker;

	if (broker->handover.connection == connection)
		clear_handover(&broker->handover);
	claim_abandon(connection);
	broker_lobby_close(connection);
	broker_notes_end(connection);
	TAILQ_REMOVE(&broker->connections, connection, link);
	broker->n_connections--;
	if (!connection_is_authenticated(connection))
		broker->n_startups--;
	penalise(connection);
	sd_event_source_disable_unref(connection->deadline);
	sd_event_source_disable_unref(connection->io);
	rpc_server_fini(&connection->server);
	free(connection);
}

void
connection_note_login(struct connection *connection,
    const struct identity *who, const struct username *name)
{
	struct connection_login *login = &connection->login;

	snprintf(login->org, sizeof login->org, "%s", who->org);
	snprintf(login->user, sizeof login->user, "%s", who->user);
	snprintf(login->login_user, sizeof login->login_user, "%s",
	    name->login_user);
	snprintf(login->sandbox_id, sizeof login->sandbox_id, "%s",
	    name->sandbox_id);
	login->user_id = who->user_id;
	login->credential = who->credential;
	login->credential_id = who->credential_id;
	if (login->tag == 0)
		login->tag = broker_ending_login_tag(who);
	login->is_recorded = who->is_recorded;
}

void
connection_authenticated(struct connection *connection)
{
	connection->server.who = BROKER_PEER_SESSION;
	connection->broker->n_startups--;
	connection->deadline =
	    sd_event_source_disable_unref(connection->deadline);
}

void
connection_listen(struct connection *connection, bool should_listen)
{
	rpc_server_pause(&connection->server, !should_listen);
}

int
connection_refuse(struct connection *connection, uint16_t number, uint32_t id)
{
	struct err err = {0};

	err_set(&err, EACCES, "permission denied");
	rpc_server_error(&connection->server, number, id, &err);
	connection->n_failures++;
	return connection->n_failures >=
	    connection->broker->settings.max_auth_tries ? -EACCES : 0;
}

void
connection_update_listeners(struct broker *broker)
{
	bool is_on = broker->zygote_fd >= 0 && broker->pause_timer == NULL &&
	    broker->handover.connection == NULL;

	for (size_t i = 0; i < broker->n_listeners; i++)
		(void)sd_event_source_set_enabled(broker->listeners[i].io,
		    is_on ? SD_EVENT_ON : SD_EVENT_OFF);
}
