// SPDX-License-Identifier: Apache-2.0
/*
 * Between init and a sandbox-terminal: one struct a message, over a
 * SOCK_SEQPACKET socket. init owns the terminal's shell and its exit status,
 * and knows attachments by the handles it gave out; of what the terminal says
 * it believes only that one of them is gone.
 */
#pragma once

#include <stdint.h>

#define TERMINAL_NAME_SIZE	 33
#define TERMINAL_ATTACHMENTS_MAX 32
#define TERMINAL_ROWS		 24 /* where an emulator says 0 */
#define TERMINAL_COLUMNS	 80
#define TERMINAL_TERM		 "xterm-256color"

/* The descriptors sandbox-terminal is started with. */
enum { TERMINAL_CONTROL_FD, TERMINAL_MASTER_FD };

enum terminal_order_kind {
	TERMINAL_ATTACH,    /* with one descriptor: its stream socket */
	TERMINAL_TAKE_OVER, /* the same, and all others are detached */
	TERMINAL_RESIZE,
};

/* init to terminal. */
struct terminal_order {
	uint32_t kind; /* enum terminal_order_kind */
	uint32_t attachment;
	uint32_t rows, columns, width_pixels, height_pixels;
};

/* Terminal to init: this attachment is detached. */
struct terminal_notice {
	uint32_t attachment;
};
