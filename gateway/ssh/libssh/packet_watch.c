// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/packet_watch.h"

#include <errno.h>
#include <string.h>

#include "gateway/ssh/libssh/packet_fields.h"
#include "gateway/ssh/libssh/packet_hold.h"
#include "gateway/ssh/libssh/packet_text.h"

/* libssh.a has it; the shared library does not export it. */
void ssh_packet_set_callbacks(ssh_session session,
    ssh_packet_callbacks callbacks);
ssh_channel ssh_channel_from_local(ssh_session session, uint32_t id);

/* And what it does with a packet that nobody else has taken. */
#define LIBSSH_HANDLER(name)                                                 \
	int name(ssh_session session, uint8_t type, ssh_buffer packet,       \
	    void *user)
LIBSSH_HANDLER(ssh_packet_global_request);
LIBSSH_HANDLER(ssh_request_success);
LIBSSH_HANDLER(ssh_request_denied);
LIBSSH_HANDLER(ssh_packet_channel_open);
LIBSSH_HANDLER(ssh_packet_channel_open_conf);
LIBSSH_HANDLER(ssh_packet_channel_open_fail);
LIBSSH_HANDLER(channel_rcv_change_window);
LIBSSH_HANDLER(channel_rcv_data);
LIBSSH_HANDLER(channel_rcv_eof);
LIBSSH_HANDLER(channel_rcv_close);
LIBSSH_HANDLER(channel_rcv_request);
LIBSSH_HANDLER(ssh_packet_channel_success);
LIBSSH_HANDLER(ssh_packet_channel_failure);

enum {
	PACKET_SERVICE_REQUEST = 5,
	PACKET_USERAUTH_REQUEST = 50,
	PACKET_USERAUTH_INFO_RESPONSE = 61,
	PACKET_GLOBAL_REQUEST = 80,
	PACKET_CHANNEL_OPEN = 90,
	PACKET_CHANNEL_OPEN_CONFIRMATION = 91,
	PACKET_CHANNEL_DATA = 94,
	PACKET_CHANNEL_EXTENDED_DATA = 95,
	PACKET_CHANNEL_REQUEST = 98,
	N_WATCHED = PACKET_CHANNEL_REQUEST - PACKET_SERVICE_REQUEST + 1
};

static struct packet_reader
reader_of(ssh_buffer packet)
{
	return (struct packet_reader){ssh_buffer_get(packet),
	    ssh_buffer_get_len(packet)};
}

static bool
read_name(struct packet_reader *r, char name[PACKET_WATCH_NAME_SIZE])
{
	return packet_read_text(r, name, PACKET_WATCH_NAME_SIZE);
}

/* Text with a NUL in it ends the connection, before anybody reads it. */
static bool
is_refused(struct packet_watch *watch, uint8_t type, ssh_buffer packet)
{
	if (packet_text_is_clean(type, reader_of(packet)))
		return false;
	watch->refuse_text(watch->user);
	return true;
}

static void
answer_overdue(struct packet_watch *watch)
{
	if (!watch->auth_is_unanswered)
		return;
	watch->auth_is_unanswered = false;
	watch->refuse_auth(watch->user);
}

static int
watch_auth(ssh_session session, uint8_t type, ssh_buffer packet, void *user)
{
	struct packet_watch *watch = user;
	struct packet_reader r = reader_of(packet);
	const uint8_t *ignored;
	uint32_t size;
	char method[PACKET_WATCH_NAME_SIZE];

	(void)session;
	if (is_refused(watch, type, packet))
		return SSH_PACKET_USED;
	answer_overdue(watch);
	watch->auth_is_unanswered = true;
	if (packet_read_string(&r, &ignored, &size) &&
	    packet_read_string(&r, &ignored, &size) && read_name(&r, method) &&
	    strcmp(method, "gssapi-with-mic") == 0) {
		answer_overdue(watch);
		return SSH_PACKET_USED;
	}
	return SSH_PACKET_NOT_USED;
}

static int
watch_text(ssh_session session, uint8_t type, ssh_buffer packet, void *user)
{
	(void)session;
	return is_refused(user, type, packet) ? SSH_PACKET_USED :
	    SSH_PACKET_NOT_USED;
}

static int
watch_global(ssh_session session, uint8_t type, ssh_buffer packet, void *user)
{
	struct packet_watch *watch = user;
	struct packet_reader r = reader_of(packet);
	bool wants_reply;

	(void)session;
	if (is_refused(watch, type, packet))
		return SSH_PACKET_USED;
	if (!read_name(&r, watch->name))
		return SSH_PACKET_NOT_USED;
	if (strcmp(watch->name, "no-more-sessions@openssh.com") == 0)
		watch->refuses_sessions = true;
	return watch->take_global != NULL &&
	    packet_read_bool(&r, &wants_reply) &&
	    watch->take_global(watch->user, watch->name, wants_reply, &r) ?
	    SSH_PACKET_USED : SSH_PACKET_NOT_USED;
}

static int
watch_open(ssh_session session, uint8_t type, ssh_buffer packet, void *user)
{
	struct packet_watch *watch = user;
	struct packet_reader r = reader_of(packet);
	struct packet_reader rest;
	uint32_t window;

	(void)session;
	if (is_refused(watch, type, packet))
		return SSH_PACKET_USED;
	watch->max_packet_bytes = 0;
	if (!read_name(&r, watch->name))
		return SSH_PACKET_NOT_USED;
	rest = r;
	if (watch->take_open != NULL &&
	    watch->take_open(watch->user, watch->name, &rest))
		return SSH_PACKET_USED;
	if (!packet_read_u32(&r, &watch->sender) ||
	    !packet_read_u32(&r, &window) ||
	    !packet_read_u32(&r, &watch->max_packet_bytes))
		watch->max_packet_bytes = 0;
	return SSH_PACKET_NOT_USED;
}

/* The client's answer to a channel of ours. */
static int
watch_confirmation(ssh_session session, uint8_t type, ssh_buffer packet,
    void *user)
{
	struct packet_watch *watch = user;
	struct packet_reader r = reader_of(packet);
	uint32_t max_packet_bytes;

	(void)session;
	(void)type;
	if (packet_skip(&r, 3 * sizeof(uint32_t)) &&
	    packet_read_u32(&r, &max_packet_bytes) &&
	    max_packet_bytes < watch->least_confirmed_bytes)
		watch->least_confirmed_bytes = max_packet_bytes;
	return SSH_PACKET_NOT_USED;
}

/*
 * Whether the packet is for a channel that is closed, as far as we are
 * concerned. libssh would keep its data for ever, open the window for more and
 * answer requests: nothing may follow a CLOSE, and some clients then end the
 * connection.
 */
static bool
is_too_late(ssh_session session, struct packet_reader r)
{
	uint32_t number;
	ssh_channel channel;

	if (!packet_read_u32(&r, &number))
		return false;
	channel = ssh_channel_from_local(session, number);
	return channel != NULL && ssh_channel_is_closed(channel);
}

static int
watch_data(ssh_session session, uint8_t type, ssh_buffer packet, void *user)
{
	(void)type;
	(void)user;
	return is_too_late(session, reader_of(packet)) ? SSH_PACKET_USED :
	    SSH_PACKET_NOT_USED;
}

static int
watch_request(ssh_session session, uint8_t type, ssh_buffer packet, void *user)
{
	struct packet_watch *watch = user;
	struct packet_reader r = reader_of(packet);
	uint32_t channel, size;
	const uint8_t *data;

	watch->modes_size = 0;
	watch->name[0] = '\0';
	watch->wants_reply = false;
	if (is_too_late(session, r) || is_refused(watch, type, packet))
		return SSH_PACKET_USED;
	if (!packet_read_u32(&r, &channel) || !read_name(&r, watch->name) ||
	    !packet_read_bool(&r, &watch->wants_reply) ||
	    strcmp(watch->name, "pty-req") != 0)
		return SSH_PACKET_NOT_USED;
	if (packet_read_string(&r, &data, &size) &&
	    packet_skip(&r, 4 * sizeof(uint32_t)) &&
	    packet_read_string(&r, &data, &size) &&
	    size <= sizeof watch->modes) {
		memcpy(watch->modes, data, size);
		watch->modes_size = size;
	}
	return SSH_PACKET_NOT_USED;
}

/* The place of a type in what is watched. */
#define WATCHED(type) ((size_t)((type) - PACKET_SERVICE_REQUEST))

static ssh_packet_callback watched[N_WATCHED] = {
    [WATCHED(PACKET_SERVICE_REQUEST)] = watch_text,
    [WATCHED(PACKET_USERAUTH_REQUEST)] = watch_auth,
    [WATCHED(PACKET_USERAUTH_INFO_RESPONSE)] = watch_text,
    [WATCHED(PACKET_GLOBAL_REQUEST)] = watch_global,
    [WATCHED(PACKET_CHANNEL_OPEN)] = watch_open,
    [WATCHED(PACKET_CHANNEL_OPEN_CONFIRMATION)] = watch_confirmation,
    [WATCHED(PACKET_CHANNEL_DATA)] = watch_data,
    [WATCHED(PACKET_CHANNEL_EXTENDED_DATA)] = watch_data,
    [WATCHED(PACKET_CHANNEL_REQUEST)] = watch_request,
};

void
packet_watch_start(struct packet_watch *watch, ssh_session session,
    void (*refuse_auth)(void *user), void (*refuse_text)(void *user),
    void *user)
{
	packet_hold_init();
	*watch = (struct packet_watch){.refuse_auth = refuse_auth,
	    .refuse_text = refuse_text, .user = user,
	    .least_confirmed_bytes = UINT32_MAX};
	watch->callbacks = (struct ssh_packet_callbacks_struct){
	    .start = PACKET_SERVICE_REQUEST,
	    .n_callbacks = N_WATCHED,
	    .callbacks = watched,
	    .user = watch,
	};
	ssh_packet_set_callbacks(session, &watch->callbacks);
}

/* From 80 on, in the order of their numbers (RFC 4250). */
static const ssh_packet_callback handlers[] = {
    ssh_packet_global_request,
    ssh_request_success,
    ssh_request_denied,
    [PACKET_CHANNEL_OPEN - PACKET_GLOBAL_REQUEST] = ssh_packet_channel_open,
    ssh_packet_channel_open_conf,
    ssh_packet_channel_open_fail,
    channel_rcv_change_window,
    channel_rcv_data,
    channel_rcv_data,
    channel_rcv_eof,
    channel_rcv_close,
    channel_rcv_request,
    ssh_packet_channel_success,
    ssh_packet_channel_failure,
};

static void
hand_on(struct packet_watch *watch, ssh_session session, uint8_t type,
    ssh_buffer packet)
{
	size_t i = WATCHED(type);

	if (i < N_WATCHED && watched[i] != NULL &&
	    watched[i](session, type, packet, watch) == SSH_PACKET_USED)
		return;
	i = (size_t)(type - PACKET_GLOBAL_REQUEST);
	if (i < sizeof handlers / sizeof *handlers && handlers[i] != NULL)
		(void)handlers[i](session, type, packet, NULL);
}

int
packet_watch_hand_on(struct packet_watch *watch, ssh_session session)
{
	ssh_buffer packet;
	uint8_t type;

	while (packet_hold_take(&type, &packet)) {
		hand_on(watch, session, type, packet);
		ssh_buffer_free(packet);
	}
	return packet_hold_is_full() ? -ENOBUFS : 0;
}
