// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/broker.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/address.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "gateway/broker/api/api.h"
#include "gateway/broker/api/depot.h"
#include "gateway/broker/api/org_removal.h"
#include "gateway/broker/audit.h"
#include "gateway/broker/connection.h"
#include "gateway/broker/lobby/command.h"
#include "gateway/broker/login/claim.h"
#include "gateway/broker/proxy/proxy.h"
#include "gateway/broker/outbox/outbox.h"
#include "gateway/broker/recording/recording.h"
#include "keys/access.h"

static int
on_listener(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	(void)source;
	(void)events;
	connection_accept(arg, fd);
	return 0;
}

static uint16_t
local_port(int fd)
{
	union address address = {0};
	socklen_t size = sizeof address;
	char text[ADDRESS_TEXT_SIZE];
	uint16_t port;

	(void)getsockname(fd, &address.any, &size);
	address_format(&address, text, &port);
	return port;
}

static int
add_listener(struct broker *broker, int *fd)
{
	struct broker_listener *listener;
	int r;

	if (broker->n_listeners == BROKER_LISTENERS_MAX)
		return -E2BIG;
	r = fd_set_nonblocking(*fd);
	if (r < 0)
		return r;
	listener = &broker->listeners[broker->n_listeners];
	r = sd_event_add_io(broker->event, &listener->io, *fd, EPOLLIN,
	    on_listener, broker);
	if (r < 0)
		return r;
	listener->fd = take_fd(fd);
	if (broker->n_listeners++ == 0)
		broker->ssh_port = local_port(listener->fd);
	connection_update_listeners(broker);
	return 0;
}

static void
drop_zygote(struct broker *broker)
{
	broker->zygote_io = sd_event_source_disable_unref(broker->zygote_io);
	fd_close(&broker->zygote_fd);
	connection_update_listeners(broker);
}

/* The zygote says nothing: readable means that it is gone. */
static int
on_zygote(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct broker *broker = arg;

	(void)source;
	(void)fd;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		drop_zygote(broker);
	else
		connection_hand_over(broker);
	return 0;
}

static int
set_zygote(struct broker *broker, int *fd)
{
	int r;

	drop_zygote(broker);
	r = sd_event_add_io(broker->event, &broker->zygote_io, *fd, EPOLLIN,
	    on_zygote, broker);
	if (r < 0)
		return r;
	broker->zygote_fd = take_fd(fd);
	connection_hand_over(broker);
	return 0;
}

/* Keeps "algorithm base64" of the line, without its comment. */
static int
add_host_key(struct broker *broker, int fd)
{
	char line[BROKER_HOST_KEYS_SIZE];
	ssize_t n = pread(fd, line, sizeof line - 1, 0);
	size_t size;

	if (n < 0)
		return -errno;
	line[n] = '\0';
	size = strcspn(line, " ");
	if (line[size] == ' ')
		size += 1 + strcspn(line + size + 1, " \r\n");
	line[size++] = '\0';
	if (size > sizeof broker->host_keys - broker->host_keys_size)
		return -E2BIG;
	memcpy(broker->host_keys + broker->host_keys_size, line, size);
	broker->host_keys_size += (uint32_t)size;
	broker->n_host_keys++;
	return 0;
}

static int
take_control(struct broker *broker, uint32_t kind, int *fd)
{
	switch (kind) {
	case HANDOVER_SSH_LISTENER:
		return add_listener(broker, fd);
	case HANDOVER_ZYGOTE:
		return set_zygote(broker, fd);
	case HANDOVER_HTTP:
		return broker_api_connect(broker, fd);
	case HANDOVER_HOST_PUBLIC_KEY:
		return add_host_key(broker, *fd);
	case HANDOVER_PROXY:
		return broker_proxy_connect(broker, fd);
	case HANDOVER_LOBBY:
		return lobby_command_set_zygote(broker, fd);
	case HANDOVER_WEBHOOK:
		return outbox_set_zygote(broker->outbox, fd);
	case HANDOVER_DEPOT:
		return broker_depot_connect(broker, fd);
	}
	return -EBADMSG;
}

static int
on_control(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct broker *broker = arg;
	struct handover_control control;
	int fds[FD_PASS_MAX], r;
	size_t n_fds;
	ssize_t n = fd_receive(fd, &control, sizeof control, fds, &n_fds,
	    MSG_DONTWAIT);

	(void)source;
	(void)events;
	if (n == -EAGAIN)
		return 0;
	if (n == 0)
		return sd_event_exit(broker->event, 0);
	if (n < 0) /* deaf to the supervisor: be started anew */
		return sd_event_exit(broker->event, (int)n);
	r = n != sizeof control || n_fds != 1 ? -EBADMSG :
	    take_control(broker, control.kind, &fds[0]);
	if (r < 0)
		log_error("control frame kind=%u: %s", control.kind,
		    strerror(-r));
	for (size_t i = 0; i < n_fds; i++)
		fd_close(&fds[i]);
	return 0;
}

/* Now and then: what need not be written at once, and what has expired. */
static int
on_flush(sd_event_source *source, uint64_t usec, void *arg)
{
	struct broker *broker = arg;
	struct err err = {0};

	(void)usec;
	if (store_flush(broker->store, &err) < 0 ||
	    access_expire(broker->store, clock_unix_ms(), &err) < 0)
		log_error("keys: %s", err.text);
	outbox_flush(broker->outbox);
	broker_recording_expire(broker);
	broker_proxy_sweep(broker);
	(void)sd_event_source_set_time_relative(source,
	    BROKER_FLUSH_INTERVAL_MS * 1000);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void
on_index_current(void *arg)
{
	claims_resume(arg);
	org_removals_resume(arg);
}

static int
open_files(struct broker *broker, struct err *err)
{
	const struct paths *paths = &broker->settings.paths;
	char path[PATH_MAX];
	int r = path_join(path, sizeof path, paths->state_dir, "keys", err);

	if (r == 0)
		r = store_open(path, clock_unix_ms(), &broker->store, err);
	if (r == 0)
		r = path_join(path, sizeof path, paths->log_dir, "audit.log",
		    err);
	if (r == 0)
		r = audit_open(&broker->audit, path, err);
	if (r == 0)
		r = path_join(broker->api_path, sizeof broker->api_path,
		    paths->run_dir, "api.sock", err);
	if (r == 0)
		r = path_join(path, sizeof path, paths->run_dir,
		    "sandboxd.sock", err);
	if (r == 0)
		r = sandboxd_client_new(broker->event, path,
		    &broker->sandboxd, err);
	if (r == 0)
		r = sandbox_index_new(broker->event, path, on_index_current,
		    broker, &broker->sandboxes, err);
	if (r == 0)
		r = outbox_new(broker->event, broker->store, path,
		    &broker->outbox, err);
	return r;
}

static int
add_sources(struct broker *broker, int control_fd)
{
	static const int signals[] = {SIGTERM, SIGINT};
	int r = sd_event_add_io(broker->event, NULL, control_fd, EPOLLIN,
	    on_control, broker);

	if (r >= 0)
		r = sd_event_add_time_relative(broker->event, NULL,
		    CLOCK_MONOTONIC, BROKER_FLUSH_INTERVAL_MS * 1000, 0,
		    on_flush, broker);
	for (size_t i = 0; r >= 0 && i < 2; i++) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, signals[i]);
		sigprocmask(SIG_BLOCK, &set, NULL);
		r = sd_event_add_signal(broker->event, NULL, signals[i], NULL,
		    NULL);
	}
	return r;
}

static int
make_penalties(struct broker *broker, struct err *err)
{
	const struct gateway_conf *settings = &broker->settings;
	const struct penalty_policy policy = {
	    .costs_ms = {
		[PENALTY_NO_AUTH] = settings->penalty_no_auth_s * 1000,
		[PENALTY_AUTH_FAILURE] =
		    settings->penalty_auth_failure_s * 1000,
		[PENALTY_GRACE] = settings->penalty_grace_s * 1000,
		[PENALTY_CRASH] = settings->penalty_crash_s * 1000,
	    },
	    .min_ms = settings->penalty_min_s * 1000,
	    .max_ms = settings->penalty_max_s * 1000,
	    .sources_max = settings->penalty_sources};

	return penalties_init(&broker->penalties, &policy, err);
}

static void
close_all(struct broker *broker)
{
	/* Who is cut off by our own end is not to blame. */
	penalties_fini(&broker->penalties);
	while (!TAILQ_EMPTY(&broker->connections))
		connection_free(TAILQ_FIRST(&broker->connections));
	drop_zygote(broker);
	broker_api_disconnect(broker);
	broker_proxy_disconnect(broker);
	lobby_command_drop_zygote(broker);
	broker_depot_disconnect(broker);
	for (size_t i = 0; i < broker->n_listeners; i++) {
		sd_event_source_disable_unref(broker->listeners[i].io);
		fd_close(&broker->listeners[i].fd);
	}
	broker->pause_timer =
	    sd_event_source_disable_unref(broker->pause_timer);
	while (!LIST_EMPTY(&broker->unwanted))
		creation_free(LIST_FIRST(&broker->unwanted));
	org_removals_free(broker);
	outbox_free(broker->outbox);
	sandbox_index_free(broker->sandboxes);
	sandboxd_client_free(broker->sandboxd);
	api_identities_free(&broker->identities);
	store_close(broker->store);
	audit_close(&broker->audit);
	sd_event_unref(broker->event);
}

int
broker_run(struct broker *broker, int control_fd, struct err *err)
{
	int r;

	broker->audit.fd = broker->zygote_fd = broker->http.fd = -1;
	broker->proxy.fd = -1;
	broker->lobby_fd = broker->depot_fd = -1;
	broker->handover.client_fd = broker->handover.session_fd = -1;
	broker->started_ms = clock_unix_ms();
	TAILQ_INIT(&broker->connections);
	TAILQ_INIT(&broker->lobby_waiting);
	r = sd_event_new(&broker->event);
	if (r < 0)
		return err_set(err, -r, "event loop: %s", strerror(-r));
	if (!broker->settings.audit_required)
		log_warn("audit_required = no: logins are let in that cannot "
		    "be recorded");
	r = open_files(broker, err);
	if (r == 0)
		r = make_penalties(broker, err);
	if (r == 0) {
		r = add_sources(broker, control_fd);
		if (r >= 0)
			r = sd_event_loop(broker->event);
		if (r < 0)
			err_set(err, -r, "event loop: %s", strerror(-r));
	}
	close_all(broker);
	return r;
}
