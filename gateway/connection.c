// SPDX-License-Identifier: Apache-2.0
#include "gateway/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/broker.h"
#include "gateway/broker_auth.h"

#define DROPS_LOG_INTERVAL_MS 1000

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage storage;
};

static void
format_address(const union address *address, char ret[HANDOVER_ADDRESS_SIZE],
    uint16_t *ret_port)
{
	*ret = '\0';
	*ret_port = 0;
	if (address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->in.sin_addr, ret,
		    HANDOVER_ADDRESS_SIZE);
		*ret_port = ntohs(address->in.sin_port);
	} else if (address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address->in6.sin6_addr, ret,
		    HANDOVER_ADDRESS_SIZE);
		*ret_port = ntohs(address->in6.sin6_port);
	}
}

/* An IPv4 address, or an IPv6 /64; no global /64 begins with a zero byte. */
static void
source_of(const union address *address, uint8_t ret[8])
{
	memset(ret, 0, 8);
	if (address->any.sa_family == AF_INET)
		memcpy(ret + 4, &address->in.sin_addr, 4);
	else if (address->any.sa_family == AF_INET6)
		memcpy(ret, &address->in6.sin6_addr, 8);
}

/* Which limit forbids one more connection from this source; NULL = none. */
static const char *
find_limit(const struct broker *broker, const uint8_t source[8])
{
	const struct connection *connection;
	uint64_t n = 0;

	if (broker->n_connections >= broker->settings.max_connections)
		return "max_connections";
	if (startups_should_drop(&broker->settings.startups,
	    broker->n_startups, randombytes_random()))
		return "max_startups";
	TAILQ_FOREACH(connection, &broker->connections, link)
		n += memcmp(connection->source, source, 8) == 0;
	if (n >= broker->settings.max_connections_per_source)
		return "max_connections_per_source";
	return NULL;
}

/* At most a line a second: whoever is dropped chooses how often. */
static void
log_drop(struct broker *broker, const char *limit, const char *peer_address)
{
	uint64_t now_ms = (uint64_t)broker_now_ms();

	broker->n_dropped++;
	if (now_ms < broker->dropped_logged_ms + DROPS_LOG_INTERVAL_MS)
		return;
	log_warn("dropped connections: %u, last from=%s limit=%s",
	    broker->n_dropped, peer_address, limit);
	broker->n_dropped = 0;
	broker->dropped_logged_ms = now_ms;
}

static int
on_claim(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct connection *connection = arg;
	auto_rpc_message struct rpc_message message = {0};
	int r = rpc_receive(fd, &message, MSG_DONTWAIT);

	(void)source;
	(void)events;
	if (r == -EAGAIN)
		return 0;
	if (r > 0) {
		r = broker_auth_claim(connection, &message);
		if (r == 0)
			return 0;
		log_warn("session dropped: from=%s malformed or forbidden "
		    "claim number=%u", connection->peer_address,
		    message.header.number);
	}
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
	connection->claim_fd = pair[0];
	fd_refuse_passing(pair[0]);
	source_of(peer, connection->source);
	format_address(peer, connection->peer_address,
	    &connection->peer_port);
	TAILQ_INSERT_TAIL(&broker->connections, connection, link);
	broker->n_connections++;
	broker->n_startups++;
	r = sd_event_add_io(broker->event, &connection->io, pair[0], EPOLLIN,
	    on_claim, connection);
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
	uint8_t source[8];
	uint16_t port;
	const char *limit;
	int r;

	format_address(peer, peer_address, &port);
	source_of(peer, source);
	limit = find_limit(broker, source);
	if (limit != NULL) {
		log_drop(broker, limit, peer_address);
		return;
	}
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
		format_address(&local, handover->frame.local_address,
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
	broker_auth_abandon(connection);
	broker_notes_end(connection);
	TAILQ_REMOVE(&broker->connections, connection, link);
	broker->n_connections--;
	if (!connection->is_authenticated)
		broker->n_startups--;
	sd_event_source_disable_unref(connection->io);
	fd_close(&connection->claim_fd);
	free(connection);
}

void
connection_listen(struct connection *connection, bool should_listen)
{
	(void)sd_event_source_set_enabled(connection->io,
	    should_listen ? SD_EVENT_ON : SD_EVENT_OFF);
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
