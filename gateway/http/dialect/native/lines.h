// SPDX-License-Identifier: Apache-2.0
/* A process as lines of JSON, each of them an event, told as they come; who
 * reads slowly is waited for. */
#pragma once

#include <sys/types.h>

#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/outbox.h"
#include "gateway/http/service/exec.h"

/* Zeroed, with both pointers set once they are known. */
struct lines {
	struct exchange *exchange;
	struct exec *exec;
	struct outbox out;
	int failed; /* -errno */
	bool is_open, is_ended;
	/* Says an event, which it takes over, in other words; NULL back:
	 * nothing is said of it. NULL: in these. */
	json_t *(*translate)(json_t *event);
};

void lines_fini(struct lines *lines);

/* The reply begins, so that a client that leaves is noticed, while there is
 * nothing to say yet. */
void lines_open(struct lines *lines);

/* The reply begins, where it has not, and the first event is this. */
void lines_begin(struct lines *lines, json_t *event);

/* An event; takes it over. NULL: out of memory. */
void lines_add(struct lines *lines, json_t *event);

/* Bytes of one of its streams: as base64 where they are no text. */
void lines_add_bytes(struct lines *lines, bool is_error, const void *data,
    size_t size, uint64_t position);
void lines_add_lost(struct lines *lines, uint64_t n_bytes);

/* The last event. */
void lines_end(struct lines *lines, json_t *event);
void lines_end_exit(struct lines *lines, const struct exec_exit *exit);

/* For exchange_stream: its arg is the lines. */
ssize_t lines_give(void *arg, void *data, size_t size);

/* The shell's status of an exit, and the signal's name or "". */
uint32_t lines_exit_code(const struct exec_exit *exit);
const char *lines_exit_signal(const struct exec_exit *exit);
