// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/terminal/screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
take_damage(VTermRect rectangle, void *user)
{
	struct screen *s = user;

	for (int row = rectangle.start_row; row < rectangle.end_row; row++)
		if (row >= 0 && row < s->rows)
			s->lines[row].is_stale = true;
	s->changes++;
	return 1;
}

static int
take_cursor(VTermPos position, VTermPos old, int visible, void *user)
{
	struct screen *s = user;

	(void)position;
	(void)old;
	(void)visible;
	s->changes++;
	return 1;
}

static int
take_bell(void *user)
{
	struct screen *s = user;

	s->bells++;
	s->changes++;
	return 1;
}

/* Keeps what can be shown of a title: it goes to emulators as it is. */
static void
set_title(struct screen *s, const uint8_t *title, size_t size)
{
	size_t n = 0, i;

	for (i = 0; i < size && n < sizeof s->title - 1; i++)
		if (title[i] >= 0x20 && title[i] != 0x7f)
			s->title[n++] = (char)title[i];
	/* Not half a character. */
	if (i < size && (title[i] & 0xc0) == 0x80) {
		while (n > 0 && ((uint8_t)s->title[n - 1] & 0xc0) == 0x80)
			n--;
		n -= n > 0;
	}
	s->title[n] = '\0';
	s->title_changes++;
}

static int
take_property(VTermProp property, VTermValue *value, void *user)
{
	struct screen *s = user;

	s->changes++;
	switch (property) {
	case VTERM_PROP_CURSORVISIBLE:
		s->modes.shows_cursor = value->boolean != 0;
		break;
	case VTERM_PROP_CURSORBLINK:
		s->modes.blinks_cursor = value->boolean != 0;
		break;
	case VTERM_PROP_CURSORSHAPE:
		s->modes.cursor_shape = value->number;
		break;
	case VTERM_PROP_MOUSE:
		s->modes.mouse = value->number;
		break;
	case VTERM_PROP_ALTSCREEN:
		s->is_alternate = value->boolean != 0;
		break;
	default:
		break;
	}
	return 1;
}

static int
take_pushed_line(int columns, const VTermScreenCell *cells, void *user)
{
	struct screen *s = user;
	auto_buffer struct buffer painted = {0};

	paint_line(&painted, cells, columns);
	history_add(&s->history, &painted, paint_hash(&painted));
	return 1;
}

static const VTermScreenCallbacks callbacks = {
    .damage = take_damage,
    .movecursor = take_cursor,
    .settermprop = take_property,
    .bell = take_bell,
    .sb_pushline = take_pushed_line,
};

static void
take_output(const char *data, size_t size, void *user)
{
	struct screen *s = user;
	size_t room = sizeof s->probe - s->probe_size;

	if (!s->is_probing) {
		if (s->answer != NULL)
			s->answer(data, size, s->user);
		return;
	}
	if (size > room)
		size = room;
	memcpy(s->probe + s->probe_size, data, size);
	s->probe_size += size;
}

static int
limit(int value, int min, int max)
{
	return value < min ? min : value > max ? max : value;
}

static void
lines_free(struct screen_row *lines, int rows)
{
	for (int row = 0; lines != NULL && row < rows; row++)
		buffer_fini(&lines[row].painted);
	free(lines);
}

/* Storage of our own for a size; the old one is freed on success. */
static int
make_lines(struct screen *s, int rows, int columns)
{
	struct screen_row *lines = calloc((size_t)rows, sizeof *lines);
	VTermScreenCell *scratch = calloc((size_t)columns, sizeof *scratch);

	if (lines == NULL || scratch == NULL) {
		free(lines);
		free(scratch);
		return -ENOMEM;
	}
	for (int row = 0; row < rows; row++)
		lines[row].is_stale = true;
	lines_free(s->lines, s->rows);
	free(s->scratch);
	s->lines = lines;
	s->scratch = scratch;
	s->rows = rows;
	s->columns = columns;
	s->resizes++;
	s->changes++;
	return 0;
}

int
screen_init(struct screen *s, int rows, int columns)
{
	*s = (struct screen){0};
	rows = limit(rows, SCREEN_ROWS_MIN, SCREEN_ROWS_MAX);
	columns = limit(columns, SCREEN_COLUMNS_MIN, SCREEN_COLUMNS_MAX);
	if (make_lines(s, rows, columns) < 0)
		return -ENOMEM;
	s->vt = vterm_new(rows, columns);
	if (s->vt == NULL) {
		screen_fini(s);
		return -ENOMEM;
	}
	vterm_set_utf8(s->vt, 1);
	vterm_output_set_callback(s->vt, take_output, s);
	s->state = vterm_obtain_state(s->vt);
	s->cells = vterm_obtain_screen(s->vt);
	vterm_screen_set_callbacks(s->cells, &callbacks, s);
	vterm_screen_enable_altscreen(s->cells, 1);
	vterm_screen_set_damage_merge(s->cells, VTERM_DAMAGE_ROW);
	vterm_screen_reset(s->cells, 1);
	return 0;
}

void
screen_fini(struct screen *s)
{
	if (s->vt != NULL)
		vterm_free(s->vt);
	lines_free(s->lines, s->rows);
	free(s->scratch);
	history_fini(&s->history);
	*s = (struct screen){0};
}

VTermPos
screen_cursor(const struct screen *s)
{
	VTermPos position;

	vterm_state_get_cursorpos(s->state, &position);
	position.row = limit(position.row, 0, s->rows - 1);
	position.col = limit(position.col, 0, s->columns - 1);
	return position;
}

static void
move_cursor(struct screen *s, VTermPos position)
{
	char text[32];
	int n = snprintf(text, sizeof text, "\033[%d;%dH", position.row + 1,
	    position.col + 1);

	(void)vterm_input_write(s->vt, text, (size_t)n);
}

static void
take_text(const uint8_t *data, size_t size, void *user)
{
	struct screen *s = user;
	const uint8_t *last = data + size - 1;

	(void)vterm_input_write(s->vt, (const char *)data, size);
	while (last > data && (*last & 0xc0) == 0x80)
		last--;
	s->last_size = (size_t)(data + size - last);
	memcpy(s->last, last, s->last_size);
}

/*
 * Writes the last character again (REP, ECMA-48 section 8.3.103), as often as
 * the line has room for: libvterm 0.1 never ends where there is none.
 */
static void
repeat(struct screen *s, const uint8_t *data, size_t size)
{
	long count = size > 3 ? strtol((const char *)data + 2, NULL, 10) : 1;
	long room = s->columns - screen_cursor(s).col;

	if (s->last_size == 0 || s->last[0] < 0x20)
		return;
	for (; count > 0 && room > 0; count--, room--)
		(void)vterm_input_write(s->vt, (const char *)s->last,
		    s->last_size);
}

/* Restored from before the screen shrank, the cursor may be outside of it. */
static void
catch_cursor(struct screen *s)
{
	VTermPos position;

	vterm_state_get_cursorpos(s->state, &position);
	if (position.row < 0 || position.row >= s->rows ||
	    position.col < 0 || position.col >= s->columns)
		move_cursor(s, screen_cursor(s));
}

static void
take_sequence(const uint8_t *data, size_t size, void *user)
{
	static const char clear[] = "\033[3J"; /* unknown to libvterm 0.1 */
	struct screen *s = user;

	if (size == sizeof clear - 1 && memcmp(data, clear, size) == 0) {
		history_clear(&s->history);
		s->clears++;
		return;
	}
	if (data[1] == '[' && data[size - 1] == 'b' &&
	    strspn((const char *)data + 2, "0123456789;:") == size - 3)
		repeat(s, data, size);
	else
		(void)vterm_input_write(s->vt, (const char *)data, size);
	s->last_size = 0;
	catch_cursor(s);
}

/* What programs ask about settings (DECRQSS): libvterm 0.1 reads somewhere
 * for those it does not know. */
static void
answer_setting(struct screen *s, const uint8_t *data, size_t size)
{
	static const char *const known[] = {"$qm", "$qr", "$qs", "$q q",
	    "$q\"q"};
	static const char unknown[] = "\033P0$r\033\\";
	char request[16];
	int n;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strlen(known[i]) != size ||
		    memcmp(known[i], data, size) != 0)
			continue;
		n = snprintf(request, sizeof request, "\033P%s\033\\",
		    known[i]);
		(void)vterm_input_write(s->vt, request, (size_t)n);
		return;
	}
	if (s->answer != NULL)
		s->answer(unknown, sizeof unknown - 1, s->user);
}

static void
take_string(char kind, const uint8_t *data, size_t size, void *user)
{
	struct screen *s = user;

	if (kind == ']' && size >= 2 && data[1] == ';' &&
	    (data[0] == '0' || data[0] == '2'))
		set_title(s, data + 2, size - 2);
	else if (kind == 'P' && size >= 2 && memcmp(data, "$q", 2) == 0)
		answer_setting(s, data, size);
	s->last_size = 0;
}

static const struct filter_sink sink = {
    .text = take_text,
    .sequence = take_sequence,
    .string = take_string,
};

void
screen_write(struct screen *s, const uint8_t *data, size_t size)
{
	/* Also for what has no callback: some modes are only probed. */
	s->changes++;
	filter_write(&s->filter, data, size, &sink, s);
	vterm_screen_flush_damage(s->cells);
}

int
screen_resize(struct screen *s, int rows, int columns)
{
	static const char margins[] = "\033[?69l\033[r";
	VTermPos position = screen_cursor(s);

	rows = limit(rows, SCREEN_ROWS_MIN, SCREEN_ROWS_MAX);
	columns = limit(columns, SCREEN_COLUMNS_MIN, SCREEN_COLUMNS_MAX);
	if (rows == s->rows && columns == s->columns)
		return 0;
	/* As xterm does: margins may not fit any more. */
	(void)vterm_input_write(s->vt, margins, sizeof margins - 1);
	move_cursor(s, position);
	vterm_screen_flush_damage(s->cells);
	if (make_lines(s, rows, columns) < 0)
		return -ENOMEM;
	vterm_set_size(s->vt, rows, columns);
	vterm_screen_flush_damage(s->cells);
	catch_cursor(s);
	return 0;
}

static bool
probe_has(const struct screen *s, const char *bytes)
{
	return memmem(s->probe, s->probe_size, bytes, strlen(bytes)) != NULL;
}

static void
probe_key(struct screen *s, VTermKey key)
{
	s->probe_size = 0;
	vterm_keyboard_key(s->vt, key, VTERM_MOD_NONE);
}

/* A button that is let go elsewhere; its report shows the coding. */
static void
probe_mouse(struct screen *s)
{
	s->probe_size = 0;
	vterm_mouse_move(s->vt, 0, 0, VTERM_MOD_NONE);
	s->probe_size = 0;
	vterm_mouse_button(s->vt, 1, true, VTERM_MOD_NONE);
	if (probe_has(s, "<"))
		s->modes.mouse_coding = SCREEN_MOUSE_SGR;
	else if (!probe_has(s, "M "))
		s->modes.mouse_coding = SCREEN_MOUSE_RXVT;
	else
		s->modes.mouse_coding = SCREEN_MOUSE_X10;
	vterm_mouse_button(s->vt, 1, false, VTERM_MOD_NONE);
}

/*
 * libvterm tells some modes only by how it codes what a user does; what it
 * says to that is ours and goes nowhere else.
 */
static void
probe_modes(struct screen *s)
{
	struct screen_modes *modes = &s->modes;

	s->is_probing = true;
	probe_key(s, VTERM_KEY_UP);
	modes->has_application_cursor = probe_has(s, "O") ||
	    probe_has(s, "\x8f");
	probe_key(s, VTERM_KEY_KP_0);
	modes->has_application_keypad = s->probe_size > 1;
	s->probe_size = 0;
	vterm_keyboard_start_paste(s->vt);
	modes->has_bracketed_paste = s->probe_size > 0;
	s->probe_size = 0;
	vterm_state_focus_in(s->state);
	modes->reports_focus = s->probe_size > 0;
	if (modes->mouse != VTERM_PROP_MOUSE_NONE)
		probe_mouse(s);
	s->is_probing = false;
}

void
screen_settle(struct screen *s)
{
	probe_modes(s);
	for (int row = 0; row < s->rows; row++) {
		struct screen_row *line = &s->lines[row];

		if (!line->is_stale)
			continue;
		line->is_stale = false;
		for (int column = 0; column < s->columns; column++)
			(void)vterm_screen_get_cell(s->cells,
			    (VTermPos){row, column}, &s->scratch[column]);
		buffer_clear(&line->painted);
		paint_line(&line->painted, s->scratch, s->columns);
		line->hash = paint_hash(&line->painted);
	}
}
