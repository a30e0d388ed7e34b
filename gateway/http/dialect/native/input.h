// SPDX-License-Identifier: Apache-2.0
/* Text for a process's standard input, given as it has room for it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct exec;

/* Zeroed: there is none. */
struct input {
	const char *text;
	size_t used; /* bytes of it that were taken */
	/* A line at a time, each of EXEC_INPUT_MAX at most, so that no
	 * other's comes between. */
	bool is_by_line;
	bool is_all;  /* its end is that of the process's input */
	bool is_over; /* and was told */
};

/* At the beginning, and whenever there is room again. */
void input_give(struct input *input, struct exec *exec);
