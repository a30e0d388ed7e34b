// SPDX-License-Identifier: Apache-2.0
/*
 * All that is forwarded on one connection, as the session's loop sees it:
 * forwards (forward.h) and listeners (listener.h). Each function is
 * one step of a turn.
 */
#pragma once

#include <poll.h>

#include "gateway/ssh/forward/forwarding.h"
#include "gateway/ssh/init_client.h"

/* Entries of a pollfd array these forwards may need at most. */
size_t forwards_poll_max(const struct ssh_conf *options);

/* Moves all of them on as far as it goes without waiting. */
void forwards_turn(struct forwarding *all, int *timeout_ms);

/* What they wait for, into fds; returns how many. */
size_t forwards_collect(struct forwarding *all, struct pollfd *fds,
    int *timeout_ms);

/* What poll found for the entries forwards_collect had filled. */
void forwards_ready(struct forwarding *all, const struct pollfd *fds);

/* An answer of init's, or bad news; `words` is for the log. */
void forwards_answer(struct forwarding *all, struct init_event *event);
void forwards_fail(struct forwarding *all, bool is_init_lost,
    const char *words);

/* Whether it owes an answer to one of them. */
bool forwards_have_asked_init(const struct forwarding *all);

/* Whether init is to be watched for room, for what could not be sent to it. */
bool forwards_wait_for_init(const struct forwarding *all);

/* The connection ends, and with it what is open and recorded. */
void forwards_end_recording(struct forwarding *all);
