// SPDX-License-Identifier: Apache-2.0
/*
 * The client's side of one channel, in place of libssh's: the linker puts these
 * functions in front of it (--wrap; gateway/ssh/CMakeLists.txt).
 */
#pragma once

#include <assert.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "gateway/ssh/turn.h"

/* The client's side of the channel. */
static struct {
	struct ssh_channel_callbacks_struct *callbacks;
	char sent[2][TURN_CHUNK_BYTES]; /* output, errors */
	size_t n_sent[2];
	uint32_t window_bytes;
	uint32_t takes_bytes; /* of each write; less = a key exchange */
	const char *unread;   /* what libssh keeps back */
	bool has_eof, has_close, is_freed, has_status;
	uint32_t status;
	char signal[16];
	int close_again; /* answers before a CLOSE goes out */
} client;

int __wrap_ssh_set_channel_callbacks(ssh_channel channel,
    ssh_channel_callbacks callbacks);
int __wrap_ssh_remove_channel_callbacks(ssh_channel channel,
    ssh_channel_callbacks callbacks);
void __wrap_ssh_channel_free(ssh_channel channel);
void __wrap_ssh_set_fd_towrite(ssh_session session);
int __wrap_ssh_channel_write(ssh_channel channel, const void *data,
    uint32_t size);
int __wrap_ssh_channel_write_stderr(ssh_channel channel, const void *data,
    uint32_t size);
uint32_t __wrap_ssh_channel_window_size(ssh_channel channel);
int __wrap_ssh_channel_read_timeout(ssh_channel channel, void *data,
    uint32_t size, int is_stderr, int timeout_ms);
int __wrap_ssh_channel_send_eof(ssh_channel channel);
int __wrap_ssh_channel_close(ssh_channel channel);
int __wrap_ssh_channel_request_send_exit_status(ssh_channel channel,
    int status);
int __wrap_ssh_channel_request_send_exit_signal(ssh_channel channel,
    const char *name, int has_core, const char *words, const char *language);

int
__wrap_ssh_set_channel_callbacks(ssh_channel channel,
    ssh_channel_callbacks callbacks)
{
	(void)channel;
	client.callbacks = callbacks;
	return SSH_OK;
}

int
__wrap_ssh_remove_channel_callbacks(ssh_channel channel,
    ssh_channel_callbacks callbacks)
{
	(void)channel;
	assert(client.callbacks == callbacks && !client.is_freed);
	client.callbacks = NULL;
	return SSH_OK;
}

void
__wrap_ssh_channel_free(ssh_channel channel)
{
	(void)channel;
	assert(client.callbacks == NULL);
	client.is_freed = true;
}

void
__wrap_ssh_set_fd_towrite(ssh_session session)
{
	(void)session;
}

static int
send_to_client(int way, const void *data, uint32_t size)
{
	if (size > client.takes_bytes)
		size = client.takes_bytes;
	assert(size <= client.window_bytes);
	assert(!client.has_eof && !client.has_close);
	assert(client.n_sent[way] + size <= sizeof client.sent[way]);
	memcpy(client.sent[way] + client.n_sent[way], data, size);
	client.n_sent[way] += size;
	client.window_bytes -= size;
	return (int)size;
}

int
__wrap_ssh_channel_write(ssh_channel channel, const void *data, uint32_t size)
{
	(void)channel;
	return send_to_client(0, data, size);
}

int
__wrap_ssh_channel_write_stderr(ssh_channel channel, const void *data,
    uint32_t size)
{
	(void)channel;
	return send_to_client(1, data, size);
}

uint32_t
__wrap_ssh_channel_window_size(ssh_channel channel)
{
	(void)channel;
	return client.window_bytes;
}

int
__wrap_ssh_channel_read_timeout(ssh_channel channel, void *data, uint32_t size,
    int is_stderr, int timeout_ms)
{
	(void)channel;
	assert(!is_stderr && timeout_ms == 0);
	assert(client.unread != NULL && strlen(client.unread) == size);
	memcpy(data, client.unread, size);
	client.unread = NULL;
	return (int)size;
}

int
__wrap_ssh_channel_send_eof(ssh_channel channel)
{
	(void)channel;
	assert(!client.has_eof);
	client.has_eof = true;
	return SSH_OK;
}

int
__wrap_ssh_channel_close(ssh_channel channel)
{
	(void)channel;
	if (client.close_again-- > 0)
		return SSH_AGAIN;
	client.has_close = true;
	return SSH_OK;
}

int
__wrap_ssh_channel_request_send_exit_status(ssh_channel channel, int status)
{
	(void)channel;
	assert(!client.has_status && !client.has_close);
	client.has_status = true;
	client.status = (uint32_t)status;
	return SSH_OK;
}

int
__wrap_ssh_channel_request_send_exit_signal(ssh_channel channel,
    const char *name, int has_core, const char *words, const char *language)
{
	(void)channel;
	(void)has_core;
	(void)words;
	(void)language;
	assert(!client.has_status && !client.has_close);
	assert(strlen(name) < sizeof client.signal);
	client.has_status = true;
	strcpy(client.signal, name);
	return SSH_OK;
}

ssh_channel __wrap_ssh_message_channel_request_open_reply_accept(
    ssh_message message);

ssh_channel
__wrap_ssh_message_channel_request_open_reply_accept(ssh_message message)
{
	static int any;

	(void)message;
	return (ssh_channel)(void *)&any;
}

/* A client that takes what it is sent. */
static inline void
client_begin(void)
{
	memset(&client, 0, sizeof client);
	client.window_bytes = client.takes_bytes = 1 << 20;
}
