// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/terminal/view.h"

#include <stdlib.h>
#include <string.h>

/* History goes out in frames of about this size. */
#define FLOW_BYTES (64 * 1024)

/* What an emulator is in that nothing was sent to. */
static const struct screen_modes standard = {
    .shows_cursor = true,
    .blinks_cursor = true,
    .cursor_shape = VTERM_PROP_CURSORSHAPE_BLOCK,
};

void
view_init(struct view *v, struct screen *screen, int rows, int columns)
{
	uint64_t kept = screen->history.end - screen->history.first;

	*v = (struct view){.screen = screen, .rows = rows, .columns = columns,
	    .modes = standard, .clears = screen->clears};
	v->next_line = screen->history.end -
	    (kept < VIEW_HISTORY_LINES ? kept : VIEW_HISTORY_LINES);
}

void
view_fini(struct view *v)
{
	buffer_fini(&v->frame);
	free(v->hashes);
	v->hashes = NULL;
}

static void
forget_shown(struct view *v)
{
	free(v->hashes);
	v->hashes = NULL;
}

void
view_resize(struct view *v, int rows, int columns)
{
	v->rows = rows;
	v->columns = columns;
	v->region_rows = -1;
	v->changes = 0;
	forget_shown(v);
}

bool
view_is_behind(const struct view *v)
{
	return !v->is_begun || v->is_flowing ||
	    v->changes != v->screen->changes;
}

static void
put_cursor(struct view *v, int row, int column)
{
	buffer_add_format(&v->frame, "\033[%d;%dH", row + 1, column + 1);
}

/* While lines are drawn, no cursor is seen, and none of them may wrap: an
 * emulator may find a character wider than we do. */
static void
begin_lines(struct view *v)
{
	if (v->modes.shows_cursor)
		buffer_add_text(&v->frame, "\033[?25l");
	v->modes.shows_cursor = false;
	if (!v->is_drawing)
		buffer_add_text(&v->frame, "\033[?7l");
	v->is_drawing = true;
}

static void
end_lines(struct view *v)
{
	if (v->is_drawing)
		buffer_add_text(&v->frame, "\033[?7h");
	v->is_drawing = false;
}

/*
 * A known state: attributes, character set, insertion, origin, wrapping. What
 * was on the emulator's screen before stays above as far as it does so.
 */
static void
begin(struct view *v)
{
	buffer_add_text(&v->frame,
	    "\033[0m\033(B\017\033[4l\033[?6l\033[?7h\033[r\033[H\033[2J");
	v->is_begun = true;
	v->region_rows = 0;
	forget_shown(v);
}

/* Scrolling happens where the screen ends, also in a larger emulator. */
static void
set_region(struct view *v)
{
	int rows = v->rows > v->screen->rows ? v->screen->rows : 0;

	if (v->region_rows == rows)
		return;
	v->region_rows = rows;
	if (rows > 0)
		buffer_add_format(&v->frame, "\033[1;%dr", rows);
	else
		buffer_add_text(&v->frame, "\033[r");
}

/* After a change of size the emulator has moved its own lines about. */
static void
follow_resize(struct view *v)
{
	if (v->resizes == v->screen->resizes)
		return;
	v->resizes = v->screen->resizes;
	forget_shown(v);
	/* Lines pushed out by it are in its own scrollback already. */
	if (v->changes != 0 && !v->is_flowing)
		v->next_line = v->screen->history.end;
}

/*
 * Whether the lines that are owed are the upper ones of what is shown: then
 * the emulator scrolls them away itself.
 */
static bool
can_scroll(const struct view *v)
{
	const struct history *history = &v->screen->history;
	uint64_t owed = history->end - v->next_line;

	if (v->is_flowing || v->next_line < history->first ||
	    v->hashes == NULL || owed > (uint64_t)v->screen->rows)
		return false;
	for (uint64_t i = 0; i < owed; i++)
		if (history_line(history, v->next_line + i)->hash !=
		    v->hashes[i])
			return false;
	return true;
}

static void
scroll(struct view *v)
{
	size_t rows = (size_t)v->screen->rows;
	size_t owed = (size_t)(v->screen->history.end - v->next_line);

	put_cursor(v, v->screen->rows - 1, 0);
	for (size_t i = 0; i < owed; i++)
		buffer_add_text(&v->frame, "\n");
	memmove(v->hashes, v->hashes + owed,
	    (rows - owed) * sizeof *v->hashes);
	for (size_t i = rows - owed; i < rows; i++)
		v->hashes[i] = PAINT_BLANK;
	v->next_line = v->screen->history.end;
}

/*
 * Writes the lines that are owed from the top on, and then the screen's below
 * them: exactly those lines leave at the top. It may take several frames;
 * false: not through yet.
 */
static bool
flow(struct view *v)
{
	const struct history *history = &v->screen->history;

	if (!v->is_flowing)
		put_cursor(v, 0, 0);
	v->is_flowing = true;
	if (v->next_line < history->first)
		v->next_line = history->first;
	for (; v->next_line < history->end; v->next_line++) {
		const struct history_line *line = history_line(history,
		    v->next_line);

		if (v->frame.size >= FLOW_BYTES)
			return false;
		buffer_add_text(&v->frame, "\033[K");
		buffer_add(&v->frame, line->data, line->size);
		buffer_add_text(&v->frame, "\r\n");
	}
	for (int row = 0; row < v->screen->rows; row++) {
		const struct buffer *line = &v->screen->lines[row].painted;

		if (row > 0)
			buffer_add_text(&v->frame, "\r\n");
		buffer_add_text(&v->frame, "\033[K");
		/* The primary screen is out of reach behind the other. */
		if (!v->screen->is_alternate)
			buffer_add(&v->frame, line->data, line->size);
	}
	v->is_flowing = false;
	if (v->hashes == NULL || v->screen->is_alternate)
		forget_shown(v);
	else
		for (int row = 0; row < v->screen->rows; row++)
			v->hashes[row] = v->screen->lines[row].hash;
	return true;
}

/* Brings the lines that left the screen to the emulator; false: more to do. */
static bool
send_history(struct view *v)
{
	if (v->is_alternate)
		return true;
	if (v->clears != v->screen->clears)
		buffer_add_text(&v->frame, "\033[3J");
	v->clears = v->screen->clears;
	if (v->next_line == v->screen->history.end && !v->is_flowing)
		return true;
	begin_lines(v);
	if (!can_scroll(v))
		return flow(v);
	scroll(v);
	return true;
}

static void
switch_screens(struct view *v)
{
	if (v->is_alternate == v->screen->is_alternate)
		return;
	v->is_alternate = v->screen->is_alternate;
	buffer_add_text(&v->frame, v->is_alternate ? "\033[?1049h" :
	    "\033[?1049l");
	/* Some emulators keep a region for each, some one for both. */
	v->region_rows = -1;
	set_region(v);
	forget_shown(v);
}

static void
draw_rows(struct view *v)
{
	struct screen *s = v->screen;
	bool is_all = v->hashes == NULL;

	if (is_all) {
		v->hashes = calloc((size_t)s->rows, sizeof *v->hashes);
		if (v->hashes == NULL) {
			v->frame.is_failed = true;
			return;
		}
	}
	for (int row = 0; row < s->rows; row++) {
		const struct screen_row *line = &s->lines[row];

		if (!is_all && v->hashes[row] == line->hash)
			continue;
		begin_lines(v);
		put_cursor(v, row, 0);
		buffer_add_text(&v->frame, "\033[K");
		buffer_add(&v->frame, line->painted.data, line->painted.size);
		v->hashes[row] = line->hash;
	}
	if (is_all && v->rows > s->rows) {
		put_cursor(v, s->rows, 0);
		buffer_add_text(&v->frame, "\033[J");
	}
}

static void
set_mouse(struct view *v, const struct screen_modes *wanted)
{
	static const char *const modes[] = {"", "1000", "1002", "1003"};
	static const char *const codings[] = {"", "1005", "1006", "1015"};
	struct screen_modes *shown = &v->modes;

	if (shown->mouse == wanted->mouse && (wanted->mouse == 0 ||
	    shown->mouse_coding == wanted->mouse_coding))
		return;
	if (shown->mouse != 0)
		buffer_add_format(&v->frame, "\033[?%sl", modes[shown->mouse]);
	if (shown->mouse != 0 && shown->mouse_coding != SCREEN_MOUSE_X10)
		buffer_add_format(&v->frame, "\033[?%sl",
		    codings[shown->mouse_coding]);
	if (wanted->mouse != 0)
		buffer_add_format(&v->frame, "\033[?%sh", modes[wanted->mouse]);
	if (wanted->mouse != 0 && wanted->mouse_coding != SCREEN_MOUSE_X10)
		buffer_add_format(&v->frame, "\033[?%sh",
		    codings[wanted->mouse_coding]);
}

static void
set_flag(struct view *v, bool shown, bool wanted, const char *on,
    const char *off)
{
	if (shown != wanted)
		buffer_add_text(&v->frame, wanted ? on : off);
}

static void
set_modes(struct view *v, const struct screen_modes *wanted)
{
	const struct screen_modes *shown = &v->modes;
	int shape = 2 * wanted->cursor_shape - (wanted->blinks_cursor ? 1 : 0);

	set_flag(v, shown->has_application_cursor,
	    wanted->has_application_cursor, "\033[?1h", "\033[?1l");
	set_flag(v, shown->has_application_keypad,
	    wanted->has_application_keypad, "\033=", "\033>");
	set_flag(v, shown->has_bracketed_paste, wanted->has_bracketed_paste,
	    "\033[?2004h", "\033[?2004l");
	set_flag(v, shown->reports_focus, wanted->reports_focus,
	    "\033[?1004h", "\033[?1004l");
	set_mouse(v, wanted);
	/* 0 is what the emulator's user has chosen, 1 the blinking block. */
	if (shown->cursor_shape != wanted->cursor_shape ||
	    shown->blinks_cursor != wanted->blinks_cursor)
		buffer_add_format(&v->frame, "\033[%d q",
		    shape > 1 ? shape : 0);
	set_flag(v, shown->shows_cursor, wanted->shows_cursor, "\033[?25h",
	    "\033[?25l");
	v->modes = *wanted;
}

static void
announce(struct view *v)
{
	if (v->title_changes != v->screen->title_changes)
		buffer_add_format(&v->frame, "\033]2;%s\033\\",
		    v->screen->title);
	if (v->bells != v->screen->bells && v->changes != 0)
		buffer_add_text(&v->frame, "\007");
	v->title_changes = v->screen->title_changes;
	v->bells = v->screen->bells;
}

bool
view_draw(struct view *v)
{
	struct screen *s = v->screen;

	if (v->frame.size > 0 || !view_is_behind(v))
		return true;
	if (!v->is_begun)
		begin(v);
	follow_resize(v);
	set_region(v);
	if (!send_history(v))
		return !v->frame.is_failed;
	switch_screens(v);
	draw_rows(v);
	end_lines(v);
	v->cursor = screen_cursor(s);
	put_cursor(v, v->cursor.row, v->cursor.col);
	set_modes(v, &s->modes);
	announce(v);
	v->changes = s->changes;
	return !v->frame.is_failed;
}

bool
view_end(struct view *v, const char *words)
{
	if (!v->is_begun)
		begin(v);
	end_lines(v);
	set_modes(v, &standard);
	if (v->is_alternate)
		buffer_add_text(&v->frame, "\033[?1049l");
	v->is_alternate = false;
	buffer_add_text(&v->frame, "\033[r");
	put_cursor(v, v->cursor.row, v->cursor.col);
	buffer_add_text(&v->frame, words);
	return !v->frame.is_failed;
}

void
view_take(struct view *v, size_t size)
{
	v->frame_start += size;
	if (v->frame_start < v->frame.size)
		return;
	buffer_clear(&v->frame);
	v->frame_start = 0;
}
