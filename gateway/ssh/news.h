// SPDX-License-Identifier: Apache-2.0
/* What whoever is connected is told of the sandbox: that it was paused,
 * resumed, suspended or destroyed, and by whom. */
#pragma once

#include "gateway/ssh/session.h"

/* A line at most. */
#define NEWS_SIZE 640

/* Says a line to everybody who is connected: on standard error, never among the
 * bytes of a command's output. */
void news_say(struct session *session, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes note of an INIT_MOVED, and says it on each channel's standard error. */
void news_take(struct session *session, const struct init_event *event);

/* Ends the connection once its sandbox has been destroyed and its streams have
 * had a moment to end by themselves; lowers *timeout_ms to when. */
void news_turn(struct session *session, int *timeout_ms);
