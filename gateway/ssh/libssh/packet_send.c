// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/libssh/packet_send.h"

#include <errno.h>
#include <libssh/server.h>
#include <stdarg.h>
#include <string.h>

#include "gateway/ssh/libssh/packet_fields.h"

enum {
	PACKET_CHANNEL_OPEN = 90,
	PACKET_CHANNEL_OPEN_FAILURE = 92,
	PACKET_CHANNEL_SUCCESS = 99,
	PACKET_CHANNEL_FAILURE = 100,
};

/* Inside libssh.a, and in none of its headers. */
int ssh_buffer_pack_va(ssh_buffer buffer, const char *format, size_t argc,
    va_list arguments);
int ssh_packet_send_unimplemented(ssh_session session, uint32_t number);
int ssh_packet_channel_open(ssh_session session, uint8_t type,
    ssh_buffer packet, void *user);
int __wrap__ssh_buffer_pack(ssh_buffer buffer, const char *format, size_t argc,
    ...);

/* One connection a process, so one of each. */
static struct {
	const char *format; /* of the call that is replaced; NULL = none is */
	const void *bytes;
	size_t size;
	const char *type; /* of a channel */
} substitute;

static struct {
	bool is_expected;
	ssh_channel channel;
} acceptance;

/* UNIMPLEMENTED, which libssh packs so, becomes our packet as a whole. */
#define FORMAT_UNIMPLEMENTED "bd"
/* And of CHANNEL_OPEN only the numbers libssh chose remain. */
#define FORMAT_CHANNEL_OPEN "bsddd"

static int
put_channel_open(ssh_buffer buffer, va_list arguments)
{
	struct packet_writer w = {.size = 0};

	packet_put_u8(&w, (uint8_t)va_arg(arguments, unsigned int));
	(void)va_arg(arguments, char *);
	packet_put_text(&w, substitute.type);
	for (int i = 0; i < 3; i++)
		packet_put_u32(&w, va_arg(arguments, uint32_t));
	if (w.is_full)
		return SSH_ERROR;
	return ssh_buffer_add_data(buffer, w.data, (uint32_t)w.size);
}

int
__wrap__ssh_buffer_pack(ssh_buffer buffer, const char *format, size_t argc,
    ...)
{
	bool is_ours = substitute.format != NULL &&
	    strcmp(format, substitute.format) == 0;
	va_list arguments;
	int r = SSH_OK;

	va_start(arguments, argc);
	if (!is_ours)
		r = ssh_buffer_pack_va(buffer, format, argc, arguments);
	else if (substitute.type != NULL)
		r = put_channel_open(buffer, arguments);
	va_end(arguments);
	if (!is_ours)
		return r;
	/* Before what a key exchange begun by this packet may pack. */
	substitute.format = NULL;
	if (r == SSH_OK && substitute.size > 0)
		r = ssh_buffer_add_data(buffer, substitute.bytes,
		    (uint32_t)substitute.size);
	return r;
}

int
packet_send(ssh_session session, const void *bytes, size_t size)
{
	int r;

	if (size == 0 || size > PACKET_WRITER_MAX)
		return -EIO;
	substitute.format = FORMAT_UNIMPLEMENTED;
	substitute.bytes = bytes;
	substitute.size = size;
	substitute.type = NULL;
	ssh_set_fd_towrite(session);
	r = ssh_packet_send_unimplemented(session, 0);
	substitute.format = NULL;
	return r == SSH_ERROR ? -EIO : 0;
}

int
packet_open(ssh_channel channel, const char *type, const void *payload,
    size_t size)
{
	int r;

	if (size > PACKET_WRITER_MAX)
		return -EIO;
	substitute.format = FORMAT_CHANNEL_OPEN;
	substitute.bytes = payload;
	substitute.size = size;
	substitute.type = type;
	ssh_set_fd_towrite(ssh_channel_get_session(channel));
	r = ssh_channel_open_auth_agent(channel);
	substitute.format = NULL;
	return r == SSH_ERROR ? -EIO : 0;
}

int
packet_opened(ssh_channel channel)
{
	/* Asks nothing again: a channel that is opening is only looked at. */
	switch (ssh_channel_open_auth_agent(channel)) {
	case SSH_OK:
		return 1;
	case SSH_AGAIN:
		return -EAGAIN;
	default:
		return -ECONNREFUSED;
	}
}

ssh_channel
packet_accept(ssh_session session, uint32_t sender, uint32_t window_bytes,
    uint32_t max_packet_bytes)
{
	struct packet_writer w = {.size = 0};
	ssh_buffer packet = ssh_buffer_new();

	if (packet == NULL)
		return NULL;
	packet_put_text(&w, "session");
	packet_put_u32(&w, sender);
	packet_put_u32(&w, window_bytes);
	packet_put_u32(&w, max_packet_bytes);
	acceptance.is_expected = true;
	acceptance.channel = NULL;
	ssh_set_fd_towrite(session);
	if (ssh_buffer_add_data(packet, w.data, (uint32_t)w.size) == SSH_OK)
		(void)ssh_packet_channel_open(session, PACKET_CHANNEL_OPEN,
		    packet, NULL);
	acceptance.is_expected = false;
	ssh_buffer_free(packet);
	return acceptance.channel;
}

bool
packet_accepting(ssh_message message)
{
	if (!acceptance.is_expected)
		return false;
	acceptance.is_expected = false;
	acceptance.channel =
	    ssh_message_channel_request_open_reply_accept(message);
	return true;
}

int
packet_refuse(ssh_session session, uint32_t sender, uint32_t reason,
    const char *words)
{
	struct packet_writer w = {.size = 0};

	packet_put_u8(&w, PACKET_CHANNEL_OPEN_FAILURE);
	packet_put_u32(&w, sender);
	packet_put_u32(&w, reason);
	packet_put_text(&w, words);
	packet_put_text(&w, "");
	return w.is_full ? -EIO : packet_send(session, w.data, w.size);
}

int
packet_answer_request(ssh_session session, uint32_t sender, bool is_granted)
{
	struct packet_writer w = {.size = 0};

	packet_put_u8(&w, is_granted ? PACKET_CHANNEL_SUCCESS :
	    PACKET_CHANNEL_FAILURE);
	packet_put_u32(&w, sender);
	return packet_send(session, w.data, w.size);
}
