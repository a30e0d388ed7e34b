// SPDX-License-Identifier: Apache-2.0
/*
 * One emulator that looks at a screen: what it shows already, and the bytes
 * that bring it up to date. They are made only once the ones before are taken,
 * so a reader that is slow or stuck costs one frame, and sees the newest state
 * when it goes on. Lines that left the screen go into the emulator's own
 * scrollback, in their order.
 */
#pragma once

#include "sandboxd/init/terminal/screen.h"

/* Lines of history that a newly attached emulator is sent. */
#define VIEW_HISTORY_LINES 2000

struct view {
	struct screen *screen;
	int rows, columns;   /* of the emulator itself */
	struct buffer frame; /* due to it, from frame_start on */
	size_t frame_start;
	bool is_begun;	 /* the emulator is in a known state */
	bool is_flowing; /* in the midst of history */
	bool is_drawing; /* lines: without wrapping */
	uint64_t next_line; /* of history */
	uint64_t changes, resizes; /* of the screen, that are in frame */

	/* What it shows after frame. */
	int region_rows; /* scrolling region; 0 = its own size */
	uint64_t *hashes; /* of region_rows lines; NULL = unknown */
	bool is_alternate;
	struct screen_modes modes;
	VTermPos cursor;
	uint64_t title_changes, bells, clears;
};

/* Begins to look at a screen, from within its history. */
void view_init(struct view *view, struct screen *screen, int rows,
    int columns);
void view_fini(struct view *view);

/* The emulator has another size now; all is to be drawn again. */
void view_resize(struct view *view, int rows, int columns);

/* Whether the emulator lacks something. */
bool view_is_behind(const struct view *view);

/*
 * Makes the next frame where the last one was taken and something is lacking.
 * The screen must be settled. False: out of memory, the view is of no use.
 */
bool view_draw(struct view *view);

/* Adds to the frame what leaves the emulator as it was before, and words. */
bool view_end(struct view *view, const char *words);

/* Notes that size bytes of frame, from frame_start on, were taken. */
void view_take(struct view *view, size_t size);
