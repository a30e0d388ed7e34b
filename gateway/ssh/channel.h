// SPDX-License-Identifier: Apache-2.0
/*
 * Session channels: one process of the sandbox each, on a pty or on three
 * pipes whose other ends init passed out. As sshd does it: output is delivered
 * until the last writer closes, also after the exit; the exit is told at once;
 * EOF goes each way by itself. No queue grows: where the client's window or a
 * pipe is full, the other side is not read.
 */
#pragma once

#include <libssh/callbacks.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/ssh/session.h"

/* Entries channel_collect fills for one channel, at most. */
#define CHANNEL_POLL_MAX   3
#define CHANNEL_ENV_MAX	   128
#define CHANNEL_ENV_BYTES  32768
#define CHANNEL_TERM_BYTES 64

enum channel_state {
	CHANNEL_OPEN,	  /* nothing asked for yet */
	CHANNEL_WANTED,	  /* a process is to be spawned */
	CHANNEL_STARTING, /* init was asked */
	CHANNEL_RUNNING,
	CHANNEL_EXITED, /* wait_status is known */
	CHANNEL_CLOSED, /* our CLOSE is out: free it */
};

/* Bytes that were read and not written yet: of output at most one chunk, of
 * input at most what libssh lets a client send unasked. */
struct channel_held {
	uint8_t *data;
	size_t start, end;
};

struct channel {
	struct channel *next;
	struct session *session;
	ssh_channel ssh;
	struct ssh_channel_callbacks_struct callbacks;
	enum channel_state state;
	bool is_remote_closed, is_status_sent, is_eof_sent;

	/* What to spawn; freed once init has answered. */
	uint32_t kind; /* enum init_spawn */
	char *command;
	char *env;
	uint32_t env_size, n_env;
	bool has_pty, is_resized; /* since init was asked */
	char term[CHANNEL_TERM_BYTES];
	uint32_t rows, columns, width_pixels, height_pixels;
	uint8_t *modes;
	uint32_t modes_size;
	uint32_t spawn_id;

	uint32_t handle;
	int wait_status;
	int wanted_signal; /* 0, or what init has not been told yet */

	/* The client's bytes, towards the process. */
	int input_fd;
	bool is_input_eof;
	uint32_t unread_bytes; /* that libssh still keeps */
	struct channel_held input;

	/* The process's, towards the client. */
	int output_fd, error_fd;
	bool is_pipe_grown, held_is_error;
	struct channel_held output;
	uint64_t drained_ms; /* since when there is no more output; 0 = not */

	uint32_t limits_id; /* of a sandbox_get on its way, or 0 */
	uint64_t limits_deadline_ms;
};

/* Accepts a session channel. NULL when out of memory. */
struct channel *channel_open(struct session *session, ssh_message message);

/* Sets the callbacks of channel_requests.c. */
void channel_requests_install(struct channel *channel);

/* Gives the terminal the channel's size, now or when it is there. */
void channel_resize(struct channel *channel);

/* Answers a request no callback has (break, eow@openssh.com): 0, or 1 = no. */
int channel_request_other(struct session *session, ssh_message message);

/* The process is there, cannot be, or has ended. */
void channel_spawned(struct channel *channel, struct init_event *event);
void channel_failed(struct channel *channel, const char *words);
void channel_exited(struct channel *channel, int wait_status);

/* The answer to "how often was this sandbox out of memory". */
void channel_limits(struct channel *channel, const struct init_event *event);

/*
 * Moves the channel on as far as it goes without waiting. Called once a turn;
 * *timeout_ms (-1 = none) is lowered to when it wants to be called again.
 */
void channel_turn(struct channel *channel, int *timeout_ms);

/* What it waits for, into fds[CHANNEL_POLL_MAX]; returns how many. */
size_t channel_collect(const struct channel *channel, struct pollfd *fds);

/* Does what poll found for the entries channel_collect had filled. */
void channel_ready(struct channel *channel, const struct pollfd *fds,
    size_t n_fds);

/* Frees the channel; with libssh, only after its CLOSE went out. */
void channel_destroy(struct channel *channel);

/* No more input for the process, or no more output wanted from it. */
void channel_close_input(struct channel *channel);
void channel_close_output(struct channel *channel);
