// SPDX-License-Identifier: Apache-2.0
/*
 * A session's two connections behind it: the capability (to sandboxd,
 * common/rpc.def) and, through it, the sandbox's init (common/init.def). Calls
 * are sent without waiting and answered as events. What init says is believed
 * only about its own sandbox: frames are length-checked by common/rpc.c, and
 * anything malformed is a lost connection.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/event.h"
#include "common/rpc_calls.h"
#include "common/rpc_client.h"

struct init_client {
	struct rpc_client *capability, *init; /* NULL = there never was one */
	int capability_fd; /* to watch; -1 = gone */
	int init_fd;	   /* to watch; -1 = not attached */
	bool is_attaching, is_resuming;
	bool is_paused; /* init will not hear, or will not soon */
	struct init_event *event; /* that is being filled in */
};

#define INIT_EVENT_TEXT_SIZE 128

enum init_event_kind {
	INIT_NOTHING,	    /* no message waits */
	INIT_IGNORED,	    /* a message that changes nothing */
	INIT_ATTACHED,	    /* init_fd is there */
	INIT_ATTACH_FAILED, /* err says why */
	INIT_SPAWNED,	    /* id, handle, fds (the caller's to close) */
	INIT_SPAWN_FAILED,  /* id, err */
	INIT_EXITED,	    /* handle, wait_status */
	INIT_OOM,	    /* something inside was killed for memory */
	INIT_LIMITS,	    /* id, oom_kills, memory_limit_bytes */
	INIT_MOVED,	    /* text is its state now, err.text the reason */
	INIT_DENIED,	    /* cause: it was refused something */
	INIT_FORWARDED,	    /* id, err (code 0: fds, port, text) */
	INIT_CAPABILITY_LOST,
	INIT_LOST,
};

struct init_event {
	enum init_event_kind kind;
	uint32_t id;
	uint32_t handle;
	int wait_status;
	int fds[3];
	size_t n_fds;
	uint32_t oom_kills;
	uint64_t memory_limit_bytes;
	uint32_t port;
	char text[INIT_EVENT_TEXT_SIZE]; /* a path or a display */
	char cause[EVENT_CAUSE_SIZE];
	struct err err;
};

/* Takes the capability (-1 = none). The client must stay where it is. */
void init_client_init(struct init_client *client, int capability_fd);
void init_client_fini(struct init_client *client);

/* Takes a connection to init; for init_client.c, and for tests. */
void init_client_attached(struct init_client *client, int init_fd);

/*
 * Asks for a connection to init, unless there is one or it has been asked for.
 * 0, or -errno with words.
 */
int init_client_attach(struct init_client *client, struct err *err);

/*
 * Has a paused sandbox resumed, as an attach would: what came of it is
 * INIT_MOVED, or INIT_ATTACH_FAILED. 0, also where that has been asked for, or
 * -errno with words.
 */
int init_client_resume(struct init_client *client, struct err *err);

/* Tells sandboxd that the sandbox is used, and is_held: will be until told
 * otherwise. 0, or -errno: again later. */
int init_client_tell_use(struct init_client *client, const char *kind,
    bool is_held);

/* Asks sandboxd to tell what the sandbox is refused from now on: that is
 * INIT_DENIED. */
void init_client_ask_why(struct init_client *client);

/* Tells sandboxd for the sandbox's log that something was begun. */
void init_client_tell_exec(struct init_client *client, const char *what);

/*
 * These send one request and return its id (never 0) in *ret_id: 0, -EAGAIN
 * when the other side does not read just now, -ENOTCONN, another -errno. A
 * terminal comes as INIT_SPAWNED does, with one descriptor.
 */
int init_client_spawn(struct init_client *client,
    const struct rpc_spawn_req *request, uint32_t *ret_id);
int init_client_attach_terminal(struct init_client *client,
    const struct rpc_terminal_attach_req *request, uint32_t *ret_id);
int init_client_resize_terminal(struct init_client *client,
    const struct rpc_terminal_resize_req *request);
int init_client_ask_limits(struct init_client *client, uint32_t *ret_id);
int init_client_signal(struct init_client *client, uint32_t handle,
    int number);

/* Asks for one of init.def's forwards: rpc_call_dial_tcp and its like. */
int init_client_forward(struct init_client *client,
    const struct rpc_call *call, const void *request, uint32_t *ret_id);

/* The next event of either connection; never waits. */
void init_client_receive_capability(struct init_client *client,
    struct init_event *ret);
void init_client_receive_init(struct init_client *client,
    struct init_event *ret);
