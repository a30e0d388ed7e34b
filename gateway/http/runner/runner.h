// SPDX-License-Identifier: Apache-2.0
/*
 * Languages of contexts, and what each of them runs there: the files beside
 * this one, which are part of gateway-http and run in sandboxes alone.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct runner {
	const char *language;
	/* What starts it; NULL after the last. Where `text` is not among them
	 * it is the first that it reads. */
	const char *argv[6];
	const char *text;
	/* After each part of code, which is a line. */
	const char *after;
	const char *env; /* NAME=value, or NULL */
};

extern const struct runner runners[];
extern const size_t n_runners;

/* What keeps the talk with an agent; a program of sh (its first lines say how
 * it is used). */
extern const char runner_turns[];

/* What makes a sandbox an image (its first lines say how); of Python. */
extern const char runner_image[];

/* By the name of its language; NULL = there is none. */
const struct runner *runner_find(const char *language);
