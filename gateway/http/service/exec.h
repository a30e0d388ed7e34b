// SPDX-License-Identifier: Apache-2.0
/*
 * A process in a sandbox that somebody looks at from its beginning to its end
 * (docs/PROCESSES.md). What it writes waits for him; it belongs to the sandbox,
 * and goes on when he is gone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/rpc_calls.h"

struct exec;
struct identity;

/* Most bytes of one exec_input. */
#define EXEC_INPUT_MAX 16384

/* Most that output is told of at once. */
#define EXEC_OUTPUT_MAX 32768

struct exec_exit {
	bool is_signal;
	int code; /* the exit status, or the signal's number */
	bool is_timed_out;
	bool is_oom; /* by the memory limit of the sandbox */
};

/* What is told; any may close it. Of a view those that are NULL are passed
 * over. */
struct exec_client {
	/* Of exec_attach: the sandbox is reached. */
	void (*attached)(void *arg);
	/* Of exec_open: it runs. */
	void (*started)(void *arg, uint32_t id, uint32_t pid);
	/* Of exec_view: it is looked at. */
	void (*viewed)(void *arg, const struct rpc_process_info *process);
	/* Bytes of its standard output or error; position counts both. */
	void (*output)(void *arg, bool is_error, const void *data,
	    size_t size, uint64_t position);
	/* Bytes of its channel; may be NULL. */
	void (*channel)(void *arg, const void *data, size_t size);
	/* The time of exec_set_due has come; may be NULL. */
	void (*due)(void *arg);
	/* n_bytes more were written before these, and are lost. */
	void (*lost)(void *arg, uint64_t n_bytes);
	/* Of a quiet view: n_bytes of its input have been written by now; or
	 * that is all there ever will be. */
	void (*taken)(void *arg, uint64_t n_bytes, bool is_refused);
	/* Of a view that ends at what there was: it goes on from position. */
	void (*stopped)(void *arg, uint64_t position);
	/* exec_input may go on. */
	void (*room)(void *arg);
	/* The end: how, or where that is NULL, why nobody knows. */
	void (*ended)(void *arg, const struct exec_exit *exit,
	    const struct err *err);
	void *arg;
};

/*
 * Starts one; the request, as process_start has it, lives until exec_close. 0
 * or -errno with words; *ret is the caller's to exec_close.
 */
int exec_open(struct identity *who, const char *sandbox_id,
    const struct rpc_process_start_req *request,
    const struct exec_client *client, struct exec **ret, struct err *err);

/* The same of one that is there; nothing but `ended` comes before `viewed`. */
int exec_view(struct identity *who, const char *sandbox_id,
    const struct rpc_process_view_req *request,
    const struct exec_client *client, struct exec **ret, struct err *err);

/* exec_open in two steps: reaches the sandbox, as may be refused, and starts
 * what is asked for then. */
int exec_attach(struct identity *who, const char *sandbox_id,
    const struct exec_client *client, struct exec **ret, struct err *err);
void exec_start(struct exec *exec, struct identity *who,
    const char *sandbox_id, const struct rpc_process_start_req *request);

/* Tells sandboxd for the sandbox's log that a process was begun, as exec_open
 * and exec_start do; one that there is no room for is not kept. */
void exec_tell_begun(struct identity *who, const char *sandbox_id);

/* Sends a signal to its process group, once it has started; nobody is told the
 * answer. */
void exec_signal(struct exec *exec, int signal);

/* Has it end with ETIMEDOUT where nothing is told within timeout_ms. */
void exec_set_patience(struct exec *exec, uint64_t timeout_ms);

/* Has due called once, in_ms from now; in place of what was set. */
void exec_set_due(struct exec *exec, uint64_t in_ms);

/* Looks away. NULL does nothing. */
void exec_close(struct exec *exec);

/* Bytes for its standard input: how many were taken; fewer: room follows. */
size_t exec_input(struct exec *exec, const void *data, size_t size);

/* There are no more. False: not now, room follows. */
bool exec_input_end(struct exec *exec);

/* Its terminal has another size; forgotten where there is no room. */
void exec_resize(struct exec *exec, uint32_t rows, uint32_t columns);

/* While it is held, nothing is told of it, and it waits. */
void exec_hold(struct exec *exec, bool is_held);
