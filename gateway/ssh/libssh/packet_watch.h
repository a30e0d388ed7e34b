// SPDX-License-Identifier: Apache-2.0
/*
 * Looks at packets before libssh does, for what libssh parses but does not
 * tell: names of requests and channel types, terminal modes, the client's
 * maximum packet. It changes nothing and hands every packet on, but for
 * gssapi-with-mic, which it refuses, what its hooks take, data and requests of
 * a channel that is closed, which it drops as sshd does, and text with a NUL in
 * it, which ends the session.
 */
#pragma once

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>

struct packet_reader;

#define PACKET_WATCH_NAME_SIZE 64
#define PACKET_WATCH_MODES_MAX 1024

struct packet_watch {
	/* The packet being handled; valid inside libssh's callbacks. */
	char name[PACKET_WATCH_NAME_SIZE]; /* of a request or channel type */
	bool wants_reply;		   /* of a channel's request */
	uint32_t sender;		   /* of a channel-open: its number */
	uint32_t max_packet_bytes;	   /* and this */
	uint32_t least_confirmed_bytes;	   /* and of all its confirmations */
	uint8_t modes[PACKET_WATCH_MODES_MAX];
	uint32_t modes_size; /* of a pty-req */

	/* An authentication request that no callback has been told of yet:
	 * libssh drops what it cannot parse or verify without an answer. */
	bool auth_is_unanswered;
	bool refuses_sessions; /* no-more-sessions@openssh.com came */

	/* Answers a refused authentication request. */
	void (*refuse_auth)(void *user);
	/* Text in a packet holds a NUL (packet_text.h): ends the session. */
	void (*refuse_text)(void *user);
	/* Channels and global requests that libssh is not to see: true = it
	 * was taken. `rest` follows the type, or want_reply. Or NULL. */
	bool (*take_open)(void *user, const char *type,
	    struct packet_reader *rest);
	bool (*take_global)(void *user, const char *name, bool wants_reply,
	    struct packet_reader *rest);
	void *user;

	struct ssh_packet_callbacks_struct callbacks;
};

/* Begins to watch; before the key exchange, and *watch must outlive it. */
void packet_watch_start(struct packet_watch *watch, ssh_session session,
    void (*refuse_auth)(void *user), void (*refuse_text)(void *user),
    void *user);

/*
 * Hands on what was held while keys were exchanged (packet_hold.h), as if it
 * had come now; libssh must not read meanwhile. -ENOBUFS where some is lost.
 */
int packet_watch_hand_on(struct packet_watch *watch, ssh_session session);
