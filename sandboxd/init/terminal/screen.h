// SPDX-License-Identifier: Apache-2.0
/*
 * What a terminal shows: libvterm's emulation of it, the history above it, and
 * the modes that an attached emulator has to be in for its keys to mean the
 * same. Knows nothing of who looks at it.
 */
#pragma once

#include <vterm.h>

#include "sandboxd/init/terminal/filter.h"
#include "sandboxd/init/terminal/history.h"
#include "sandboxd/init/terminal/paint.h"

/* libvterm keeps two screens of 40 bytes a cell. */
#define SCREEN_ROWS_MIN	   2
#define SCREEN_ROWS_MAX	   512
#define SCREEN_COLUMNS_MIN 2
#define SCREEN_COLUMNS_MAX 1024
#define SCREEN_TITLE_SIZE  256

enum screen_mouse_coding {
	SCREEN_MOUSE_X10,
	SCREEN_MOUSE_UTF8,
	SCREEN_MOUSE_SGR,
	SCREEN_MOUSE_RXVT,
};

struct screen_modes {
	bool has_application_cursor, has_application_keypad;
	bool has_bracketed_paste, reports_focus;
	bool shows_cursor, blinks_cursor;
	int cursor_shape; /* VTERM_PROP_CURSORSHAPE_... */
	int mouse;	  /* VTERM_PROP_MOUSE_... */
	enum screen_mouse_coding mouse_coding; /* where there is a mouse */
};

struct screen_row {
	struct buffer painted;
	uint64_t hash;
	bool is_stale;
};

struct screen {
	VTerm *vt;
	VTermState *state;
	VTermScreen *cells;
	struct filter filter;
	uint8_t last[4]; /* the last character, unless a sequence came */
	size_t last_size;
	int rows, columns;
	struct screen_row *lines;
	VTermScreenCell *scratch; /* one row */
	struct history history;
	bool is_alternate;
	struct screen_modes modes; /* current after screen_settle */
	char title[SCREEN_TITLE_SIZE];
	uint64_t changes; /* of anything */
	uint64_t title_changes, bells, resizes, clears; /* of history */

	/* Answers to programs that ask their terminal; NULL = none wanted. */
	void (*answer)(const char *data, size_t size, void *user);
	void *user;

	char probe[64]; /* what libvterm says while its modes are asked for */
	size_t probe_size;
	bool is_probing;
};

/*
 * Makes an empty screen; rows and columns are brought into their limits. 0 or
 * -ENOMEM. The struct must not move until screen_fini.
 */
int screen_init(struct screen *screen, int rows, int columns);
void screen_fini(struct screen *screen);

/* Takes what programs wrote, in any pieces. */
void screen_write(struct screen *screen, const uint8_t *data, size_t size);

/* Changes the size, within the limits; 0 or -ENOMEM: as it was. */
int screen_resize(struct screen *screen, int rows, int columns);

/* Brings screen->modes and the painted rows up to date. */
void screen_settle(struct screen *screen);

/* Where the cursor is, from 0; never outside. */
VTermPos screen_cursor(const struct screen *screen);
