// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway/ssh/activity.h"
#include "gateway/ssh/auth.h"
#include "gateway/ssh/channel.h"
#include "gateway/ssh/forward/forward.h"
#include "gateway/ssh/forward/forwards.h"
#include "gateway/ssh/forward/listener.h"
#include "gateway/ssh/host_proof.h"
#include "gateway/ssh/init_events.h"
#include "gateway/ssh/libssh/host_key_loan.h"
#include "gateway/ssh/libssh/packet_send.h"
#include "gateway/ssh/libssh/wire.h"
#include "gateway/ssh/news.h"
#include "gateway/ssh/request_table.h"
#include "gateway/ssh/session.h"
#include "gateway/ssh/silence.h"

/* Processor seconds one turn of the loop may take before it is stuck. */
#define WATCHDOG_S	  5
#define FAST_TURNS	  40 /* in which segments are acknowledged at once */
#define READ_TURNS	  64 /* of libssh, 4 096 bytes each, per turn */
#define FINAL_FLUSH_MS	  1000
#define FIXED_FDS	  4 /* client, capability, init, broker */

/* Counted by the loop, looked at by the watchdog's signal handler. */
static volatile sig_atomic_t turns;

static void __attribute__((noreturn))
on_login_grace(int number)
{
	(void)number;
	_exit(1);
}

static void
on_watchdog(int number)
{
	static sig_atomic_t last = -1;
	static const char words[] = "gateway-session: stuck in libssh\n";

	(void)number;
	if (last == turns) {
		(void)!write(STDERR_FILENO, words, sizeof words - 1);
		_exit(1);
	}
	last = turns;
}

/* Time on the processor, so that an idle session is never woken. */
static void
start_watchdog(void)
{
	struct itimerval timer = {.it_interval = {.tv_sec = WATCHDOG_S},
	    .it_value = {.tv_sec = WATCHDOG_S}};

	signal(SIGPROF, on_watchdog);
	(void)setitimer(ITIMER_PROF, &timer, NULL);
}

/* Whether it is the broker that has closed a connection without a login. */
static bool
is_evicted(const struct pollfd *claim)
{
	return (claim->revents & (POLLHUP | POLLERR)) != 0;
}

static void
wait_for_client(short events, int fd, int timeout_ms)
{
	struct pollfd pfd = {fd, events, 0};

	(void)poll(&pfd, 1, timeout_ms);
}

/*
 * Sends what there is. Of several packets that it makes while it reads, libssh
 * hands out the first, and may keep the others until something else happens.
 */
static int
flush(struct session *s)
{
	if (ssh_blocking_flush(s->turn.ssh, 0) == SSH_ERROR)
		return -EPIPE;
	return wire_flush();
}

/*
 * Until the client has read the last words and closed: a socket that is closed
 * with something unread resets the connection, and takes them from it (RFC
 * 1122, 4.2.2.13).
 */
static void
wait_until_read(int client_fd, uint64_t deadline_ms)
{
	char discarded[4096];
	uint64_t now_ms;
	ssize_t r;

	(void)shutdown(client_fd, SHUT_WR);
	while ((now_ms = clock_monotonic_ms()) < deadline_ms) {
		wait_for_client(POLLIN, client_fd, (int)(deadline_ms - now_ms));
		r = recv(client_fd, discarded, sizeof discarded, MSG_DONTWAIT);
		if (r == 0 || (r < 0 && errno != EAGAIN && errno != EINTR))
			return;
	}
}

static void __attribute__((noreturn))
leave(struct session *s, int client_fd)
{
	uint64_t deadline_ms = clock_monotonic_ms() + FINAL_FLUSH_MS;

	for (struct channel *c = s->channels; c != NULL; c = c->next)
		channel_end_recording(c);
	forwards_end_recording(&s->forwarding);

	if (s->turn.ending != NULL) {
		log_info("session ends user=%s from=%s:%u: %s", s->user,
		    s->peer.peer_address, s->peer.peer_port, s->turn.ending);
		(void)ssh_session_set_disconnect_message(s->turn.ssh,
		    s->turn.ending);
		ssh_set_fd_towrite(s->turn.ssh);
		ssh_disconnect(s->turn.ssh);
	}
	while (wire_flush() == -EAGAIN && clock_monotonic_ms() < deadline_ms)
		wait_for_client(POLLOUT, client_fd, 100);
	if (!s->is_authenticated)
		broker_client_tell_left(s->claim_fd);
	if (s->turn.ending != NULL)
		wait_until_read(client_fd, deadline_ms);
	/* The kernel closes the rest: terminals hang up, pipes end. */
	_exit(0);
}

/* One row a channel type: what a client may open. */
static const struct {
	const char *name;
	struct channel *(*open)(struct session *session, ssh_message message);
} channel_types[] = {
    {"session", channel_open},
};

/* With sshd's reason and words. */
static int
refuse_open(struct session *s)
{
	(void)packet_refuse(s->turn.ssh, s->watch.sender,
	    FORWARD_CONNECT_FAILED, "open failed");
	return 0;
}

/* 0 when it was answered; 1 = libssh is to refuse it. */
static int
open_channel(struct session *s, ssh_message message)
{
	struct channel *c = NULL;

	if (!s->is_authenticated)
		return 1;
	if (s->watch.refuses_sessions &&
	    strcmp(s->watch.name, "session") == 0)
		turn_end(&s->turn, "Possible attack: attempt to open a session "
		    "after additional sessions disabled");
	if (s->turn.ending != NULL ||
	    s->watch.max_packet_bytes < TURN_PACKET_MIN_BYTES ||
	    s->n_channels >= s->turn.options->max_sessions)
		return refuse_open(s);
	for (size_t i = 0; i < sizeof channel_types / sizeof *channel_types;
	    i++)
		if (strcmp(channel_types[i].name, s->watch.name) == 0)
			c = channel_types[i].open(s, message);
	if (c == NULL)
		return refuse_open(s);
	c->next = s->channels;
	s->channels = c;
	s->n_channels++;
	return 0;
}

/* Every request libssh has no callback for. 1 = libssh is to refuse it. */
static int
take_message(ssh_session ssh, ssh_message message, void *user)
{
	struct session *s = user;
	const char *service;

	(void)ssh;
	switch (ssh_message_type(message)) {
	case SSH_REQUEST_SERVICE:
		service = ssh_message_service_service(message);
		if (service == NULL || strcmp(service, "ssh-userauth") != 0)
			return 1;
		ssh_message_service_reply_success(message);
		return 0;
	case SSH_REQUEST_AUTH:
		return auth_message(s, message);
	case SSH_REQUEST_CHANNEL_OPEN:
		return packet_accepting(message) ? 0 :
		    open_channel(s, message);
	case SSH_REQUEST_CHANNEL:
		return channel_request_other(s, message);
	default:
		return 1;
	}
}

/* The packet watch's hooks, before libssh: nothing without a login. */
static bool
take_open(void *arg, const char *type, struct packet_reader *rest)
{
	struct session *s = arg;

	return s->is_authenticated &&
	    forward_take_open(&s->forwarding, type, rest);
}

static bool
take_global(void *arg, const char *name, bool wants_reply,
    struct packet_reader *rest)
{
	struct session *s = arg;

	return s->is_authenticated &&
	    request_table_take(&s->forwarding, name, wants_reply, rest);
}

/* Whether more of the client's may be taken: it reads what it is sent, and what
 * it sends is read. */
static bool
may_read(const struct session *s)
{
	return wire_unsent_bytes() < WIRE_FULL_BYTES &&
	    s->turn.unread_bytes < TURN_UNREAD_BYTES;
}

static void
take_input(struct session *s)
{
	wire_let_read(true);
	for (int i = 0; i < READ_TURNS && wire_has_input() &&
	    s->turn.ending == NULL && may_read(s); i++) {
		if (ssh_event_dopoll(s->event, 0) == SSH_ERROR)
			break;
		s->turn.is_stalled = false;
		wire_let_read(false);
		if (packet_watch_hand_on(&s->watch, s->turn.ssh) < 0)
			turn_end(&s->turn, "too much sent while keys are "
			    "exchanged");
		wire_let_read(true);
	}
	wire_let_read(false);
	if (s->watch.least_confirmed_bytes < TURN_PACKET_MIN_BYTES)
		turn_end(&s->turn, "maximum packet too small");
	/* What libssh dropped without an answer. */
	if (s->watch.auth_is_unanswered) {
		s->watch.auth_is_unanswered = false;
		auth_refuse_dropped(s);
	}
	if (s->is_authenticated)
		host_proof_announce(s->turn.ssh);
}

static void
turn_channels(struct session *s, int *timeout_ms)
{
	struct channel **link = &s->channels, *c;

	while ((c = *link) != NULL) {
		channel_turn(c, timeout_ms);
		if (c->state != CHANNEL_CLOSED) {
			link = &c->next;
			continue;
		}
		*link = c->next;
		s->n_channels--;
		channel_destroy(c);
	}
}

/* Whether init is to be watched for room, for what could not be sent to it. */
static bool
waits_for_init(const struct session *s)
{
	if (s->init.is_paused)
		return false;
	for (const struct channel *c = s->channels; c != NULL; c = c->next)
		if ((c->state == CHANNEL_WANTED && !channel_is_held(c) &&
		    !channel_waits(c)) || (c->state == CHANNEL_RUNNING &&
		    (c->wanted_signals != 0 || c->is_resized)))
			return true;
	return forwards_wait_for_init(&s->forwarding);
}

static void
wait_and_act(struct session *s, int client_fd, int timeout_ms,
    struct pollfd *fds, size_t *counts)
{
	const bool is_reading = may_read(s);
	size_t n = FIXED_FDS, i = 0;
	struct pollfd *forward_fds;
	struct channel *c;
	int r;

	fds[0] = (struct pollfd){client_fd, 0, 0};
	if (is_reading)
		fds[0].events |= POLLIN;
	if (wire_unsent_bytes() > 0)
		fds[0].events |= POLLOUT;
	fds[1] = (struct pollfd){s->init.capability_fd, POLLIN, 0};
	fds[2] = (struct pollfd){s->init.init_fd, POLLIN, 0};
	if (waits_for_init(s))
		fds[2].events |= POLLOUT;
	fds[3] = s->claim_fd >= 0 ? (struct pollfd){s->claim_fd, 0, 0} :
	    (struct pollfd){s->broker.fd,
	    broker_client_events(&s->broker), 0};
	for (c = s->channels; c != NULL; c = c->next) {
		counts[i] = relay_collect(&c->relay, fds + n);
		n += counts[i++];
	}
	forward_fds = fds + n;
	n += forwards_collect(&s->forwarding, forward_fds, &timeout_ms);
	if (wire_has_input() && is_reading)
		timeout_ms = 0;
	if (poll(fds, n, timeout_ms) < 0)
		return;
	s->turn.now_ms = clock_monotonic_ms();
	/* Nothing that is left could be read, and this would come again. */
	if ((s->claim_fd >= 0 && is_evicted(&fds[3])) ||
	    (!is_reading && fds[0].revents & (POLLHUP | POLLERR)))
		leave(s, client_fd);
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) {
		r = wire_fill();
		if (r <= 0 && r != -EAGAIN)
			leave(s, client_fd);
		s->heard_ms = s->turn.now_ms;
		s->alive_missed = 0;
	}
	/* Before new channels appear: counts[] is in the list's order. */
	n = FIXED_FDS;
	for (i = 0, c = s->channels; c != NULL; c = c->next) {
		relay_ready(&c->relay, fds + n, counts[i]);
		n += counts[i++];
	}
	forwards_ready(&s->forwarding, forward_fds);
	if (fds[1].revents != 0)
		init_events_take(s, init_client_receive_capability);
	if (fds[2].revents != 0)
		init_events_take(s, init_client_receive_init);
	if (fds[3].revents != 0)
		broker_client_receive(&s->broker);
	if (s->broker.ending[0] != '\0')
		turn_end(&s->turn, s->broker.ending);
	take_input(s);
}

static void __attribute__((noreturn))
serve(struct session *s, int client_fd)
{
	size_t max = s->turn.options->max_sessions;
	struct pollfd *fds = calloc(FIXED_FDS + RELAY_POLL_MAX * max +
	    forwards_poll_max(s->turn.options), sizeof *fds);
	size_t *counts = calloc(max, sizeof *counts);
	int fast_turns = FAST_TURNS, timeout_ms, r;

	if (fds == NULL || counts == NULL)
		fatal("out of memory");
	for (;;) {
		turns++;
		timeout_ms = -1;
		turn_channels(s, &timeout_ms);
		forwards_turn(&s->forwarding, &timeout_ms);
		silence_check(s, &timeout_ms);
		news_turn(s, &timeout_ms);
		activity_turn(s, &timeout_ms);
		if (s->turn.ending != NULL || !ssh_is_connected(s->turn.ssh) ||
		    (ssh_get_status(s->turn.ssh) &
		    (SSH_CLOSED | SSH_CLOSED_ERROR)))
			leave(s, client_fd);
		r = flush(s);
		if (r < 0 && r != -EAGAIN)
			leave(s, client_fd);
		if (fast_turns > 0) {
			fast_turns--;
			wire_acknowledge_fast();
		}
		wait_and_act(s, client_fd, timeout_ms, fds, counts);
	}
}

static void
wait_for_keys(struct session *s, short events, int client_fd)
{
	struct pollfd fds[2] = {{client_fd, events, 0}, {s->claim_fd, 0, 0}};

	(void)poll(fds, 2, -1);
	if (is_evicted(&fds[1]))
		leave(s, client_fd);
}

static void
exchange_keys(struct session *s, int client_fd)
{
	int r;

	ssh_set_blocking(s->turn.ssh, 0);
	wire_let_read(true);
	while ((r = ssh_handle_key_exchange(s->turn.ssh)) == SSH_AGAIN) {
		turns++;
		if (wire_has_input())
			continue;
		if (flush(s) == -EAGAIN) {
			wait_for_keys(s, POLLIN | POLLOUT, client_fd);
		} else {
			wire_acknowledge_fast();
			wait_for_keys(s, POLLIN, client_fd);
		}
		r = wire_fill();
		if ((r <= 0 && r != -EAGAIN) ||
		    (r > 0 && wire_refuse_stranger()))
			leave(s, client_fd);
	}
	wire_let_read(false);
	if (r != SSH_OK) {
		log_debug("key exchange from=%s: %s", s->peer.peer_address,
		    ssh_get_error(s->turn.ssh));
		leave(s, client_fd);
	}
}

/* What libssh takes of a session alone, not of a bind. */
static int
set_options(struct session *s)
{
	uint32_t interval_s = (uint32_t)s->turn.options->rekey_interval_s;
	const char *compression = s->turn.options->compression ?
	    "none,zlib@openssh.com" : "none";

	return ssh_options_set(s->turn.ssh, SSH_OPTIONS_REKEY_DATA,
	    &s->turn.options->rekey_limit_bytes) < 0 ||
	    ssh_options_set(s->turn.ssh, SSH_OPTIONS_REKEY_TIME,
	    &interval_s) < 0 ||
	    ssh_options_set(s->turn.ssh, SSH_OPTIONS_COMPRESSION_C_S,
	    compression) < 0 || ssh_options_set(s->turn.ssh,
	    SSH_OPTIONS_COMPRESSION_S_C, compression) < 0 ? -EINVAL : 0;
}

void
loop_run(ssh_bind bind, const struct ssh_conf *options,
    const struct handover_session *peer, int client_fd, int claim_fd)
{
	static struct session session;
	struct session *s = &session;
	struct err err;
	int library_fd;

	s->turn.options = options;
	s->peer = *peer;
	s->peer.peer_address[HANDOVER_ADDRESS_SIZE - 1] = '\0';
	s->peer.local_address[HANDOVER_ADDRESS_SIZE - 1] = '\0';
	s->claim_fd = claim_fd;
	s->turn.init = &s->init;
	s->turn.broker = &s->broker;
	s->turn.login = &s->login;
	s->turn.user = s->user;
	s->turn.peer_address = s->peer.peer_address;
	forwarding_init(&s->forwarding, &s->turn);
	init_client_init(&s->init, -1);
	broker_client_init(&s->broker, -1);
	signal(SIGALRM, on_login_grace);
	alarm((unsigned int)options->login_grace_s);
	start_watchdog();
	if (wire_open(client_fd, &library_fd, &err) < 0)
		fatal("%s", err.text);
	s->turn.ssh = ssh_new();
	if (s->turn.ssh == NULL ||
	    host_key_loan_accept(bind, s->turn.ssh, library_fd) != SSH_OK)
		fatal("libssh: %s", ssh_get_error(bind));
	if (set_options(s) < 0)
		fatal("libssh: %s", ssh_get_error(s->turn.ssh));
	ssh_set_message_callback(s->turn.ssh, take_message, s);
	auth_start(s);
	s->watch.take_open = take_open;
	s->watch.take_global = take_global;
	exchange_keys(s, client_fd);
	s->event = ssh_event_new();
	if (s->event == NULL || ssh_event_add_session(s->event, s->turn.ssh) !=
	    SSH_OK)
		fatal("libssh: %s", ssh_get_error(s->turn.ssh));
	s->turn.now_ms = s->heard_ms = clock_monotonic_ms();
	take_input(s);
	serve(s, client_fd);
}
