// SPDX-License-Identifier: Apache-2.0
/*
 * All that is forwarded on one connection, as the session's loop sees it:
 * forwards (forward.h) and listeners (listener.h). Each function is
 * one step of a turn.
 */
#pragma once

#include <poll.h>

#include "gateway/ssh/session.h"

/* Entries of a pollfd array these forwards may need at most. */
size_t forwards_poll_max(const struct ssh_conf *options);

/* Moves all of them on as far as it goes without waiting. */
void forwards_turn(struct session *session, int *timeout_ms);

/* What they wait for, into fds; returns how many. */
size_t forwards_collect(struct session *session, struct pollfd *fds,
    int *timeout_ms);

/* What poll found for the entries forwards_collect had filled. */
void forwards_ready(struct session *session, const struct pollfd *fds);

/* An answer of init's, or bad news; `words` is for the log. */
void forwards_answer(struct session *session, struct init_event *event);
void forwards_fail(struct session *session, bool is_init_lost,
    const char *words);

/* Whether init is to be watched for room, for what could not be sent to it. */
bool forwards_wait_for_init(const struct session *session);
