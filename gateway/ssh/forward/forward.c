// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/forward/forward.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/ssh/broker_client.h"
#include "gateway/ssh/libssh/packet_send.h"
#include "gateway/ssh/login.h"

#define HOST_SIZE 256
#define PATH_SIZE 4096

/* sshd's words where it has none. */
#define NO_WORDS "open failed"

static struct forward *
forward_new(struct forwarding *all)
{
	struct forward *f;

	if (all->n_forwards >= all->turn->options->max_forwards)
		return NULL;
	f = calloc(1, sizeof *f);
	if (f == NULL)
		return NULL;
	f->all = all;
	f->socket_fd = -1;
	f->next = all->forwards;
	all->forwards = f;
	all->n_forwards++;
	return f;
}

void
forward_free(struct forward *f)
{
	struct forwarding *all = f->all;
	struct forward **link = &all->forwards;

	while (*link != f)
		link = &(*link)->next;
	*link = f->next;
	all->n_forwards--;
	forward_recording_stop(&all->recording, &f->record);
	if (f->relay.ssh != NULL)
		relay_fini(&f->relay);
	fd_close(&f->socket_fd);
	free(f->record.target);
	free(f);
}

void
forward_note(struct forwarding *all, uint32_t kind, const char *target,
    uint32_t port)
{
	struct rpc_note_forward_event event = {.kind = kind, .target = target,
	    .port = port};

	forward_recording_note(&all->recording, kind, target, port);
	/* A broker that was restarted knows nothing of this connection, and
	 * one that does not read has enough to write. */
	broker_client_tell(all->turn->broker, &rpc_call_note_forward, &event);
}

static void
refuse(struct forward *f, enum forward_refusal reason, const char *words)
{
	if (packet_refuse(f->all->turn->ssh, f->sender, reason, words) < 0)
		turn_end(f->all->turn, "cannot answer");
	f->state = FORWARD_CLOSED;
}

/* sshd's words: of a path it says nothing, of a name getaddrinfo's. */
void
forward_fail(struct forward *f, int code)
{
	if (f->state != FORWARD_WANTED && f->state != FORWARD_DIALLING)
		return;
	forward_recording_fail(&f->all->recording, &f->record, strerror(code));
	if (code == EAGAIN)
		refuse(f, FORWARD_RESOURCE_SHORTAGE, NO_WORDS);
	else if (f->is_unix)
		refuse(f, FORWARD_CONNECT_FAILED, NO_WORDS);
	else if (code == ENOENT)
		refuse(f, FORWARD_CONNECT_FAILED,
		    "Name or service not known");
	else
		refuse(f, FORWARD_CONNECT_FAILED, strerror(code));
}

static bool
read_target(struct packet_reader *rest, bool is_unix, char target[PATH_SIZE],
    uint32_t *ret_port)
{
	*ret_port = 0;
	if (is_unix)
		return packet_read_text(rest, target, PATH_SIZE);
	return packet_read_text(rest, target, HOST_SIZE) &&
	    packet_read_u32(rest, ret_port);
}

bool
forward_take_open(struct forwarding *all, const char *type,
    struct packet_reader *rest)
{
	bool is_unix = strcmp(type, "direct-streamlocal@openssh.com") == 0;
	uint32_t sender, window_bytes, max_packet_bytes, port;
	char target[PATH_SIZE];
	struct forward *f = NULL;

	if ((!is_unix && strcmp(type, "direct-tcpip") != 0) ||
	    !packet_read_u32(rest, &sender))
		return false;
	if (!packet_read_u32(rest, &window_bytes) ||
	    !packet_read_u32(rest, &max_packet_bytes) ||
	    !read_target(rest, is_unix, target, &port) ||
	    max_packet_bytes < TURN_PACKET_MIN_BYTES ||
	    (all->turn->login->rights & RPC_RIGHT_FORWARD) == 0) {
		(void)packet_refuse(all->turn->ssh, sender, FORWARD_PROHIBITED,
		    NO_WORDS);
		return true;
	}
	f = forward_new(all);
	if (f != NULL)
		f->record.target = strdup(target);
	if (f == NULL || f->record.target == NULL) {
		(void)packet_refuse(all->turn->ssh, sender,
		    FORWARD_RESOURCE_SHORTAGE,
		    "too many forwarded connections");
		if (f != NULL)
			f->state = FORWARD_CLOSED;
		return true;
	}
	f->is_unix = is_unix;
	f->record.type = is_unix ? "direct-streamlocal" : "direct-tcpip";
	f->record.port = port;
	f->sender = sender;
	f->window_bytes = window_bytes;
	f->max_packet_bytes = max_packet_bytes;
	return true;
}

int
forward_open(struct forwarding *all, int socket_fd, const char *type,
    const void *payload, size_t size)
{
	struct forward *f = forward_new(all);
	ssh_channel ssh = f != NULL ? ssh_channel_new(all->turn->ssh) : NULL;

	if (f != NULL)
		f->socket_fd = socket_fd;
	else
		fd_close(&socket_fd);
	if (ssh == NULL) {
		if (f != NULL)
			f->state = FORWARD_CLOSED;
		return -ENOMEM;
	}
	f->record.type = type;
	/* Bytes may come with the client's answer. */
	relay_init(&f->relay, all->turn, ssh);
	relay_set_type(&f->relay, type);
	f->state = FORWARD_OPENING;
	if (packet_open(ssh, type, payload, size) < 0) {
		f->state = FORWARD_CLOSED;
		return -EIO;
	}
	return 0;
}

/* Gives the relay its socket, as two descriptors of it. */
static void
start(struct forward *f)
{
	int output_fd = fcntl(f->socket_fd, F_DUPFD_CLOEXEC, 0);

	f->state = FORWARD_OPEN;
	forward_recording_start(&f->all->recording, &f->record, &f->relay);
	if (output_fd < 0 || relay_start(&f->relay, take_fd(&f->socket_fd),
	    output_fd, -1) < 0)
		relay_refuse(&f->relay);
}

void
forward_answer(struct forward *f, struct init_event *event)
{
	if (event->err.code != 0 || event->n_fds != 1) {
		forward_fail(f, event->err.code != 0 ? event->err.code :
		    EBADMSG);
		return;
	}
	f->socket_fd = take_fd(&event->fds[0]);
	f->state = FORWARD_ACCEPTING;
	forward_note(f->all, f->is_unix ? BROKER_FORWARD_DIAL_UNIX :
	    BROKER_FORWARD_DIAL_TCP, f->record.target, f->record.port);
}

static void
ask(struct forward *f)
{
	struct forwarding *all = f->all;
	struct rpc_dial_tcp_req tcp = {.host = f->record.target,
	    .port = f->record.port};
	struct rpc_dial_unix_req path = {.user = all->turn->login->user,
	    .path = f->record.target};
	struct err err;
	int r;

	if (all->turn->init->init_fd < 0) {
		r = init_client_attach(all->turn->init, &err);
		if (r < 0)
			forward_fail(f, -r);
		return;
	}
	if (all->turn->init->is_paused) {
		r = init_client_resume(all->turn->init, &err);
		if (r < 0)
			forward_fail(f, -r);
		return;
	}
	r = f->is_unix ?
	    init_client_forward(all->turn->init, &rpc_call_dial_unix, &path,
	    &f->call_id) :
	    init_client_forward(all->turn->init, &rpc_call_dial_tcp, &tcp,
	    &f->call_id);
	if (r == 0)
		f->state = FORWARD_DIALLING;
	else if (r != -EAGAIN)
		forward_fail(f, -r);
}

static void
accept_channel(struct forward *f)
{
	ssh_channel ssh = packet_accept(f->all->turn->ssh, f->sender,
	    f->window_bytes, f->max_packet_bytes);

	if (ssh == NULL)
		return;
	relay_init(&f->relay, f->all->turn, ssh);
	relay_set_type(&f->relay, f->record.type);
	start(f);
}

static void
await_open(struct forward *f)
{
	switch (packet_opened(f->relay.ssh)) {
	case 1:
		start(f);
		break;
	case -EAGAIN:
		break;
	default:
		f->state = FORWARD_CLOSED;
	}
}

/* EOF when the inside has ended, CLOSE when both have, as in sshd. */
static void
carry(struct forward *f, int *timeout_ms)
{
	struct relay *r = &f->relay;

	relay_turn(r);
	if (relay_is_idle(r, timeout_ms))
		relay_refuse(r);
	if (!relay_is_drained(r))
		return;
	relay_send_eof(r);
	if (r->input_fd >= 0)
		return;
	if (r->is_eof_sent && relay_send_close(r))
		f->state = FORWARD_CLOSED;
	else
		*timeout_ms = 0;
}

void
forward_turn(struct forward *f, int *timeout_ms)
{
	if (f->state == FORWARD_WANTED)
		ask(f);
	if (f->state == FORWARD_ACCEPTING)
		accept_channel(f);
	else if (f->state == FORWARD_OPENING)
		await_open(f);
	if (f->state == FORWARD_OPEN)
		carry(f, timeout_ms);
}
