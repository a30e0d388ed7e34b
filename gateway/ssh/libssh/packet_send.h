// SPDX-License-Identifier: Apache-2.0
/*
 * Packets libssh has no function for. It encrypts and sends them; only the
 * payload is ours: the linker puts packet_send.c in front of libssh's
 * _ssh_buffer_pack (--wrap), which for one call writes our bytes in place of
 * its own. See docs/libssh.md.
 */
#pragma once

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sends one packet: `bytes` begins with the message number. During a key
 * exchange libssh keeps it in order and sends it afterwards. Reads nothing and
 * calls nothing back, so that it may be called from callbacks too. 0 or -EIO.
 */
int packet_send(ssh_session session, const void *bytes, size_t size);

/*
 * Sends CHANNEL_OPEN of any type (RFC 4254 section 5.1) for a channel that is
 * new; `payload` is what follows the maximum packet size. Not to be called
 * from a callback. 0 = on its way, or -EIO. packet_opened tells the answer:
 * 1 = open, -EAGAIN = none yet, -ECONNREFUSED.
 */
int packet_open(ssh_channel channel, const char *type, const void *payload,
    size_t size);
int packet_opened(ssh_channel channel);

/*
 * Confirms a channel the client asked to open, whenever that is decided: the
 * three numbers are those of its CHANNEL_OPEN, which libssh must not have
 * seen. libssh hands it to the message callback as type "session", where
 * packet_accepting tells it from others. NULL when out of memory.
 */
ssh_channel packet_accept(ssh_session session, uint32_t sender,
    uint32_t window_bytes, uint32_t max_packet_bytes);

/* Called first in the message callback: true where it was packet_accept's. */
bool packet_accepting(ssh_message message);

/* Refuses it: reason is an enum ssh_channel_open_failure of RFC 4254. */
int packet_refuse(ssh_session session, uint32_t sender, uint32_t reason,
    const char *words);

/* Answers a channel's request; `sender` is the client's number for it. */
int packet_answer_request(ssh_session session, uint32_t sender,
    bool is_granted);
