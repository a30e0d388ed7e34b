// SPDX-License-Identifier: Apache-2.0
/*
 * Plays recordings. What a terminal showed is written as it was, escape
 * sequences and all: that is the nature of a replay, and the terminal it is
 * played on obeys them. Everything else is printed with escapes (plain.h).
 */
#pragma once

#include <stdio.h>

#include "common/err.h"

/* A line of a recording that is longer is refused. */
#define PLAYER_LINE_MAX (16 * 1024 * 1024)

struct player_options {
	double speed;	     /* 2 = twice as fast */
	double idle_limit_s; /* longest pause, before speed; < 0 = none */
};

/*
 * Plays an asciicast (v2) in its time, or prints JSON lines at once, to
 * `out`. SIGINT ends it: -EINTR. A terminal is left in its usual modes.
 * -EINVAL with the line for what is no recording; a last line that is not
 * whole, as of one still being written, is left out.
 */
int player_play(FILE *in, FILE *out, const struct player_options *options,
    struct err *err);
