// SPDX-License-Identifier: Apache-2.0
/*
 * The bytes between one SSH channel and the descriptors behind it: a terminal,
 * three pipes, or a socket. EOF goes each way by itself, in sshd's order. No
 * queue grows: where the client's window or a pipe is full, the other side is
 * not read.
 */
#pragma once

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/ssh/turn.h"

/* Entries relay_collect fills for one relay, at most. */
#define RELAY_POLL_MAX 3

/* Bytes that were read and not written yet: of output at most one chunk, of
 * input at most what libssh lets a client send unasked. */
struct relay_held {
	uint8_t *data;
	size_t start, end;
};

/* Whose bytes pass: the client's, or what is behind's. */
enum relay_way { RELAY_INPUT, RELAY_OUTPUT, RELAY_ERROR, N_RELAY_WAY };

struct relay {
	struct turn *turn;
	ssh_channel ssh;
	struct ssh_channel_callbacks_struct callbacks;
	bool is_started;       /* the descriptors are there, or never will be */
	bool is_remote_closed; /* the client's CLOSE came */
	bool is_eof_sent;

	/* The client's bytes, inwards. */
	int input_fd;
	bool is_input_eof;	 /* the client's EOF came */
	bool keeps_input_at_eof; /* a terminal: only what is typed ends it */
	bool is_input_grown;
	uint32_t unread_bytes;	 /* that libssh still keeps */
	size_t counted_bytes;	 /* of these and input, in the turn's sum */
	struct relay_held input;

	/* And outwards. */
	int output_fd, error_fd;
	bool is_output_grown, held_is_error;
	struct relay_held output;

	/* Sees every byte that passes, once and in order; NULL = nobody.
	 * false: no more may pass, neither way. */
	bool (*tap)(void *arg, enum relay_way way, const uint8_t *data,
	    size_t size);
	void *tap_arg;
	bool is_output_ending;	/* relay_end_output was called */
	size_t ending_bytes;	/* that may still come */

	uint64_t idle_limit_ms; /* 0 = none */
	uint64_t used_ms;	/* when bytes last went either way */
};

/*
 * Binds the relay to an open channel. Further callbacks may be set in
 * relay->callbacks before, but for data, EOF and close; its userdata must be
 * the relay or what begins with it.
 */
void relay_init(struct relay *relay, struct turn *turn, ssh_channel ssh);

/* Frees all, the channel too: only after its CLOSE went out. */
void relay_fini(struct relay *relay);

/*
 * Lets bytes flow. Each descriptor becomes the relay's, also on failure, and
 * must be non-blocking-capable: a pipe, a terminal or a socket; -1 = none.
 * -EINVAL where one is something else. A socket is given as both input_fd and
 * output_fd by two descriptors of it.
 */
int relay_start(struct relay *relay, int input_fd, int output_fd,
    int error_fd);

/* There will be no descriptors: what the client sends is dropped. */
void relay_refuse(struct relay *relay);

/* No more input for what is behind, or no more output wanted from it. */
void relay_close_input(struct relay *relay);
void relay_close_output(struct relay *relay);

/*
 * Nobody is left whose output counts: what the terminal holds now is sent, and
 * what others may still write to it is not, as sshd does it.
 */
void relay_end_output(struct relay *relay);

/* Says what [ssh] channel_timeout calls the channel, and begins to count. */
void relay_set_type(struct relay *relay, const char *type);

/*
 * Whether it carried nothing for longer than it may; else *timeout_ms (-1 =
 * none) is lowered to when it will have.
 */
bool relay_is_idle(const struct relay *relay, int *timeout_ms);

/* Whether everything there was to send to the client is sent. */
bool relay_is_drained(const struct relay *relay);

/* Whether bytes read from inside still wait to be sent. */
bool relay_holds_output(const struct relay *relay);

/* Moves on what needs no descriptor; call once a turn. */
void relay_turn(struct relay *relay);

/* Sends EOF, once. */
void relay_send_eof(struct relay *relay);

/* Sends EOF and CLOSE: true when it went out, false: again next turn. */
bool relay_send_close(struct relay *relay);

/* A few bytes on the client's standard error, if there is room for them. */
void relay_say(struct relay *relay, const char *words);

/* What it waits for, into fds[RELAY_POLL_MAX]; returns how many. */
size_t relay_collect(const struct relay *relay, struct pollfd *fds);

/* Does what poll found for the entries relay_collect had filled. */
void relay_ready(struct relay *relay, const struct pollfd *fds, size_t n_fds);
