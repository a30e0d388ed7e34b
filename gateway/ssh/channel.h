// SPDX-License-Identifier: Apache-2.0
/*
 * Session channels: one process of the sandbox each, on a pty or on three
 * pipes whose other ends init passed out. As sshd does it: output is delivered
 * until the last writer closes, also after the exit; the exit is told at once.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gateway/ssh/record/recording.h"
#include "gateway/ssh/relay.h"
#include "gateway/ssh/session.h"

/* sshd's number. What is larger than a message to init has room for is E2BIG,
 * as it is to execve(2) a little later. */
#define CHANNEL_ENV_MAX	   129
#define CHANNEL_ENV_BYTES  186000
/* And for those that are ours to add. */
#define CHANNEL_ENV_OURS       8
#define CHANNEL_ENV_OURS_BYTES 2048
#define CHANNEL_TERM_BYTES 64

enum channel_state {
	CHANNEL_OPEN,	  /* nothing asked for yet */
	CHANNEL_WANTED,	  /* a process is to be spawned */
	CHANNEL_STARTING, /* init was asked */
	CHANNEL_RUNNING,
	CHANNEL_EXITED, /* wait_status is known */
	CHANNEL_CLOSED, /* our CLOSE is out: free it */
};

struct channel {
	struct relay relay; /* first: libssh's callbacks are given this */
	struct channel *next;
	struct session *session;
	enum channel_state state;
	uint32_t sender; /* the client's number for it */
	bool is_status_sent;
	bool is_idle; /* for too long: it is being closed */

	/* What to spawn; freed once init has answered. */
	uint32_t kind; /* enum init_spawn */
	char *command;
	char *env;
	uint32_t env_size, n_env;
	bool is_too_long; /* the variables do not fit */
	bool has_pty, is_resized; /* and the terminal does not know yet */
	char term[CHANNEL_TERM_BYTES];
	uint32_t rows, columns, width_pixels, height_pixels;
	uint8_t *modes;
	uint32_t modes_size;
	uint32_t spawn_id;
	struct forward_listener *x11; /* its display, or NULL */
	bool has_forwarded_env;	      /* SSH_AUTH_SOCK and DISPLAY */

	uint32_t handle;
	int wait_status;
	uint32_t wanted_signals; /* a bit each, that init is still to send */

	int status_fd; /* of a command of the lobby; -1 = none */

	uint64_t drained_ms; /* since when there is no more output; 0 = not */

	struct recording *recording; /* owned; NULL = none is to be made */

	uint32_t oom_kills; /* that its client knows of, or that were before */
	uint32_t limits_id; /* of a sandbox_get on its way, or 0 */
	uint64_t limits_deadline_ms;
};

/* Accepts a session channel. NULL when out of memory. */
struct channel *channel_open(struct session *session, ssh_message message);

/* Sets the callbacks of channel_requests.c. */
void channel_requests_install(struct channel *channel);

/*
 * Whether its shell is to be that of a terminal that stays (docs/SSH.md): then
 * the relay's descriptors are a socket to it, no pty.
 */
bool channel_is_terminal(const struct channel *channel);

/* Gives the terminal the channel's size, now or when it is there. */
void channel_resize(struct channel *channel);

/* Adds to its environment. 0, -E2BIG or -ENOMEM. */
int channel_add_env(struct channel *channel, const char *name,
    const char *value);

/* Whether it is not to start yet: its agent or display is being made, or a
 * forward that was asked for before, on which it may depend. */
bool channel_is_held(const struct channel *channel);

/* Answers a request no callback has (break, eow@openssh.com): 0, or 1 = no. */
int channel_request_other(struct session *session, ssh_message message);

/* The process is there, cannot be, or has ended. */
void channel_spawned(struct channel *channel, struct init_event *event);
void channel_failed(struct channel *channel, const char *words);
void channel_exited(struct channel *channel, int wait_status);

/* In the lobby, instead of spawning (lobby.c): asks the broker for the
 * command, and learns how it ended. */
void lobby_start(struct channel *channel);
void lobby_turn(struct channel *channel, int *timeout_ms);

/* What was to be started is not needed any more; and a deadline for the loop,
 * where it is the next one. */
void channel_forget_request(struct channel *channel);
void channel_lower(int *timeout_ms, uint64_t now_ms, uint64_t deadline_ms);
/* Whether it waits for the broker's answer about its recording. */
bool channel_waits(const struct channel *channel);

/* Ends what is recorded of it: the session ends, or the channel. */
void channel_end_recording(struct channel *channel);

/* The answer to "how often was this sandbox out of memory": its client is told
 * where that is more often than it knows of. */
void channel_limits(struct channel *channel, const struct init_event *event);

/*
 * Moves the channel on as far as it goes without waiting. Called once a turn;
 * *timeout_ms (-1 = none) is lowered to when it wants to be called again.
 */
void channel_turn(struct channel *channel, int *timeout_ms);

/* Frees the channel; with libssh, only after its CLOSE went out. */
void channel_destroy(struct channel *channel);
