// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "gateway/http/engine/clients.h"
#include "gateway/http/engine/doorway.h"
#include "gateway/http/engine/exchange_of.h"

/* At the end, for replies that are made already. */
#define LINGER_MS 1000
#define TURN_MS	  50

struct server {
	struct server_options options;
	struct clients *clients;
	struct MHD_Daemon *daemon;
	struct doorway *doorway; /* NULL = no TLS: the library listens */
	struct loop_watch watch; /* of the library's own epoll */
	struct loop_timer timer; /* of what it waits for beside */
	struct exchange_turns turns;
	size_t n_exchanges;
	bool is_ending; /* no request begins any more */
};

static void
run(struct server *server)
{
	MHD_UNSIGNED_LONG_LONG in_ms;

	(void)MHD_run(server->daemon);
	if (MHD_get_timeout(server->daemon, &in_ms) == MHD_YES)
		loop_set_timer(server->options.loop, &server->timer, in_ms);
	else
		loop_stop_timer(server->options.loop, &server->timer);
}

static void
on_ready(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	run((struct server *)((char *)watch -
	    offsetof(struct server, watch)));
}

static void
on_due(struct loop_timer *timer)
{
	run((struct server *)((char *)timer -
	    offsetof(struct server, timer)));
}

/*
 * Without a thread of its own the library wakes nobody for a connection that
 * was resumed.
 */
static void
on_turn(struct loop_timer *timer)
{
	run((struct server *)((char *)timer -
	    offsetof(struct server, turns.due)));
}

static struct client *
client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

static void
set_timeout(struct MHD_Connection *connection, uint64_t within_s)
{
	struct client *client = client_of(connection);

	if (client != NULL)
		client_set_timeout(client, within_s * 1000);
}

/* How long the library lets it be when nothing comes or goes; not to be called
 * in on_completed(), where it holds its lock. */
static void
set_silence(struct MHD_Connection *connection, uint64_t within_s)
{
	MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
	    (unsigned int)within_s);
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data, size_t *size,
    void **ret_exchange)
{
	struct server *server = arg;
	const struct http_conf *conf = server->options.conf;
	struct exchange *exchange = *ret_exchange;
	int r;

	(void)version;
	if (exchange == NULL && server->is_ending)
		return MHD_NO;
	if (exchange == NULL) {
		set_timeout(connection, conf->request_timeout_s);
		set_silence(connection, conf->idle_timeout_s);
		/* Without one there was no memory: it keeps nothing either. */
		exchange = client_of(connection) == NULL ? NULL :
		    exchange_new(&server->options, connection,
		    &server->turns);
		if (exchange == NULL)
			return MHD_NO;
		*ret_exchange = exchange;
		server->n_exchanges++;
		r = exchange_begin(exchange, method, path);
	} else if (exchange->state == EXCHANGE_IDENTIFIED ||
	    exchange->state == EXCHANGE_OPENED) {
		r = exchange_go_on(exchange);
	} else if (*size > 0) {
		r = exchange_take_body(exchange, data, size);
	} else {
		set_timeout(connection, 0);
		r = exchange_end(exchange);
	}
	if (exchange_is_streaming(exchange))
		set_timeout(connection, exchange->is_suspended ? 0 :
		    conf->request_timeout_s);
	/* The library takes one who reads slowly for one that is silent. */
	if (exchange->reply.media_type != NULL)
		set_silence(connection, conf->stall_timeout_s);
	return r < 0 ? MHD_NO : MHD_YES;
}

static void
on_completed(void *arg, struct MHD_Connection *connection, void **exchange,
    enum MHD_RequestTerminationCode why)
{
	struct server *server = arg;
	const struct http_conf *conf = server->options.conf;

	(void)why;
	if (*exchange != NULL) {
		exchange_free(*exchange);
		server->n_exchanges--;
	}
	*exchange = NULL;
	set_timeout(connection,
	    conf->idle_timeout_s + conf->request_timeout_s);
}

static enum MHD_Result
on_accept(void *arg, const struct sockaddr *address, socklen_t size)
{
	const struct server *server = arg;

	(void)size;
	return clients_admit(server->clients, address) ? MHD_YES : MHD_NO;
}

/* The library tells of an end before it closes the socket. */
static void
on_connection(void *arg, struct MHD_Connection *connection, void **client,
    enum MHD_ConnectionNotificationCode what)
{
	const struct server *server = arg;
	const union MHD_ConnectionInfo *fd, *address;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*client != NULL) {
			server->options.forget(*client_kept(*client));
			client_free(*client);
		}
		*client = NULL;
		return;
	}
	fd = MHD_get_connection_info(connection,
	    MHD_CONNECTION_INFO_CONNECTION_FD);
	address = MHD_get_connection_info(connection,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	*client = client_new(server->clients, fd->connect_fd,
	    address != NULL ? address->client_addr : NULL);
	set_timeout(connection, server->options.conf->request_timeout_s);
}

static void __attribute__((format(printf, 2, 0)))
on_log(void *arg, const char *fmt, va_list ap)
{
	char words[256];

	(void)arg;
	vsnprintf(words, sizeof words, fmt, ap);
	words[strcspn(words, "\n")] = '\0';
	log_debug("%s", words);
}

/* Who is let in comes to the library only then, so this says so once more. */
static bool
on_admit(void *arg, const struct sockaddr *address)
{
	const struct server *server = arg;

	return clients_admit(server->clients, address);
}

static void
on_enter(void *arg, int fd, const struct sockaddr *address, socklen_t size)
{
	struct server *server = arg;

	/* Which closes it where it does not take it. */
	if (MHD_add_connection(server->daemon, fd, address, size) == MHD_YES)
		run(server);
}

static struct MHD_Daemon *
start(struct server *server)
{
	const struct http_conf *conf = server->options.conf;
	const bool has_tls = server->options.news_fd >= 0;

	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
	    MHD_ALLOW_UPGRADE | MHD_USE_ERROR_LOG |
	    (has_tls ? MHD_USE_NO_LISTEN_SOCKET : 0), 0, on_accept, server,
	    on_request, server,
	    MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned int)conf->max_connections,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)conf->idle_timeout_s,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)SERVER_CONNECTION_BYTES,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    has_tls ? MHD_OPTION_END : MHD_OPTION_LISTEN_SOCKET,
	    (MHD_socket)server->options.listen_fd,
	    MHD_OPTION_END);
}

/* The library does the rest inside its own epoll, which is one of ours. */
static int
watch(struct server *server, struct err *err)
{
	const struct server_options *options = &server->options;
	const struct doorway_options door = {.loop = options->loop,
	    .listen_fd = options->listen_fd, .news_fd = options->news_fd,
	    .max_connections = options->conf->max_connections,
	    .admit = on_admit, .enter = on_enter, .arg = server};
	const union MHD_DaemonInfo *info;
	int r;

	server->daemon = start(server);
	if (server->daemon == NULL)
		return err_set(err, EIO, "cannot serve HTTP on descriptor %d",
		    server->options.listen_fd);
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	server->watch = (struct loop_watch){info->epoll_fd, on_ready};
	server->timer.due = on_due;
	server->turns.due.due = on_turn;
	r = loop_add(server->options.loop, &server->watch, EPOLLIN);
	if (r < 0)
		return err_set(err, -r, "watch HTTP: %s", strerror(-r));
	run(server); /* which is when it begins to listen */
	return options->news_fd < 0 ? 0 :
	    doorway_new(&door, &server->doorway, err);
}

int
server_new(const struct server_options *options, struct server **ret,
    struct err *err)
{
	struct server *server = calloc(1, sizeof *server);
	int listen_fd = options->listen_fd, r;

	if (server == NULL) {
		fd_close(&listen_fd);
		return err_set(err, ENOMEM, "out of memory");
	}
	server->options = *options;
	LIST_INIT(&server->turns.all);
	r = clients_new(options->loop, options->is_unix ? 0 :
	    options->conf->max_connections_per_address, &server->clients,
	    err);
	if (r == 0)
		r = watch(server, err);
	if (r < 0) {
		if (server->daemon != NULL)
			MHD_stop_daemon(server->daemon);
		else
			fd_close(&listen_fd);
		clients_free(server->clients);
		free(server);
		return r;
	}
	*ret = server;
	return 0;
}

void
server_end_for_good(struct server *server, const void *who)
{
	struct exchange *exchange;

	LIST_FOREACH(exchange, &server->turns.all, link)
		if (exchange->who == who)
			exchange_end_for_good(exchange);
}

void
server_free(struct server *server)
{
	struct exchange *exchange;
	uint64_t until_ms;
	int listen_fd;

	if (server == NULL)
		return;
	listen_fd = server->doorway != NULL ? -1 :
	    MHD_quiesce_daemon(server->daemon);
	if (server->doorway != NULL)
		doorway_shut(server->doorway);
	server->is_ending = true;
	LIST_FOREACH(exchange, &server->turns.all, link)
		exchange_cut(exchange);
	run(server); /* which takes the listener out of its epoll */
	fd_close(&listen_fd);
	until_ms = clock_monotonic_ms() + LINGER_MS;
	/* Who is suspended is waited for: each call has its own time. */
	while (server->n_exchanges > 0 && (server->turns.n_suspended > 0 ||
	    clock_monotonic_ms() < until_ms))
		loop_turn(server->options.loop, TURN_MS);
	loop_remove(server->options.loop, &server->watch);
	MHD_stop_daemon(server->daemon);
	doorway_free(server->doorway);
	loop_stop_timer(server->options.loop, &server->timer);
	loop_stop_timer(server->options.loop, &server->turns.due);
	clients_free(server->clients);
	free(server);
}
