// SPDX-License-Identifier: Apache-2.0
/*
 * What a view sends must make another emulator look like the screen: libvterm
 * is both, and a table of awkward output is what is shown.
 */
#include "sandboxd/init/terminal/view.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ROWS	8
#define COLUMNS 20

static void
write_text(struct screen *screen, const char *text)
{
	screen_write(screen, (const uint8_t *)text, strlen(text));
}

/* Lets the emulator have all that the view owes it, `step` bytes at a time. */
static void
bring(struct view *view, struct screen *emulator, size_t step)
{
	for (;;) {
		size_t n = view->frame.size - view->frame_start;

		if (n == 0) {
			screen_settle(view->screen);
			assert(view_draw(view));
			n = view->frame.size;
		}
		if (n == 0)
			return;
		if (n > step)
			n = step;
		screen_write(emulator, view->frame.data + view->frame_start,
		    n);
		view_take(view, n);
	}
}

static void
print_row(const char *who, int row, const struct screen *screen)
{
	fprintf(stderr, "%s row %d: '%.*s'\n", who, row,
	    (int)screen->lines[row].painted.size,
	    (const char *)screen->lines[row].painted.data);
}

static bool
is_same_row(const struct screen *a, const struct screen *b, int row)
{
	return a->lines[row].hash == b->lines[row].hash;
}

static void
print_modes(const char *who, const struct screen_modes *m)
{
	fprintf(stderr, "%s: cursor keys %d, keypad %d, paste %d, focus %d, "
	    "cursor %d %d %d, mouse %d %d\n", who, m->has_application_cursor,
	    m->has_application_keypad, m->has_bracketed_paste,
	    m->reports_focus, m->shows_cursor, m->blinks_cursor,
	    m->cursor_shape, m->mouse, (int)m->mouse_coding);
}

static bool
is_same_modes(const struct screen_modes *a, const struct screen_modes *b)
{
	return a->has_application_cursor == b->has_application_cursor &&
	    a->has_application_keypad == b->has_application_keypad &&
	    a->has_bracketed_paste == b->has_bracketed_paste &&
	    a->reports_focus == b->reports_focus &&
	    a->shows_cursor == b->shows_cursor &&
	    a->blinks_cursor == b->blinks_cursor &&
	    a->cursor_shape == b->cursor_shape && a->mouse == b->mouse &&
	    (a->mouse == 0 || a->mouse_coding == b->mouse_coding);
}

static void
assert_same(const char *what, struct screen *shown, struct screen *emulator)
{
	VTermPos a = screen_cursor(shown), b = screen_cursor(emulator);

	screen_settle(shown);
	screen_settle(emulator);
	for (int row = 0; row < shown->rows; row++) {
		if (is_same_row(shown, emulator, row))
			continue;
		fprintf(stderr, "%s:\n", what);
		print_row("screen", row, shown);
		print_row("emulator", row, emulator);
		assert(false);
	}
	for (int row = shown->rows; row < emulator->rows; row++)
		assert(emulator->lines[row].hash == PAINT_BLANK);
	if (a.row != b.row || a.col != b.col)
		fprintf(stderr, "%s: cursor %d,%d and %d,%d\n", what, a.row,
		    a.col, b.row, b.col);
	assert(a.row == b.row && a.col == b.col);
	assert(shown->is_alternate == emulator->is_alternate);
	if (strcmp(shown->title, emulator->title) != 0)
		fprintf(stderr, "%s: title '%s' and '%s'\n", what,
		    shown->title, emulator->title);
	assert(strcmp(shown->title, emulator->title) == 0);
	if (!is_same_modes(&shown->modes, &emulator->modes)) {
		print_modes(what, &shown->modes);
		print_modes("emulator", &emulator->modes);
		assert(false);
	}
}

static const struct {
	const char *name;
	const char *parts[4]; /* each is brought to the emulator by itself */
} outputs[] = {
    {"nothing", {""}},
    {"text", {"hello", "\r\nworld", "\r\n\n\n!"}},
    {"a full line", {"01234567890123456789", "x"}},
    {"scrolling", {"1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8", "\r\n9",
	"\r\n10\r\n11", "\033[3A\rX"}},
    {"much at once", {"a\r\nb\r\n", "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9"
	"\r\n10\r\n11\r\n12\r\n13\r\n14\r\n15\r\n16\r\n17\r\n18\r\n19"}},
    {"colours", {"\033[31mred\033[1;44mbold\033[38;5;123;48;2;1;2;3mrgb",
	"\033[0m\033[95;103mbright\033[K", "\033[7mreverse\033[0m."}},
    {"attributes", {"\033[1ma\033[3mb\033[4mc\033[5md\033[9me\033[21mf",
	"\033[4:3mg\033[22mh\033[0m \033[4m   \033[0m"}},
    {"coloured blanks", {"\033[41m\033[2J\033[0m", "\033[H\033[K"}},
    {"wide", {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9ex",
	"\r\033[18C\xe6\x97\xa5", "\r\033[19C\xe8\xaa\x9e"}},
    {"half of a wide one", {"\xe6\x97\xa5\xe6\x9c\xac", "\033[2Gx"}},
    {"combining", {"e\xcc\x81", "o\xcc\x88\xcc\xb2x", "\xcc\x81"}},
    {"emoji", {"\xf0\x9f\x98\x80 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"
	"x"}},
    {"not UTF-8", {"\xff\xfe\x80z", "\xc3", "\xa9"}},
    {"line drawing", {"\033(0lqqk\033(B", "\016x\017"}},
    {"alternate", {"shell\r\n$ ", "\033[?1049h\033[2J\033[Hvi\r\n~",
	"\033[5;5H*", "\033[?1049lback"}},
    {"straight to alternate", {"1\r\n2\r\n3\r\n\033[?1049h\033[Htop"}},
    {"scrolled and alternate", {"x", "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9"
	"\r\n10\033[?1049h\033[Hless", "\033[?1049l"}},
    {"region", {"\033[2;5r\033[5;1Ha\r\nb\r\nc\r\nd\r\ne",
	"\033[r\033[8;1H\n"}},
    {"origin and insertion", {"\033[3;6r\033[?6h\033[Hx", "\033[4hy\033[H<"}},
    {"keys", {"\033[?1h\033=", "\033[?1l", "\033>"}},
    {"paste and focus", {"\033[?2004h\033[?1004h", "\033[?2004l"}},
    {"mouse", {"\033[?1000h", "\033[?1006h", "\033[?1003h",
	"\033[?1003l\033[?1006l"}},
    {"mouse, codings first", {"\033[?1015h", "\033[?1002h", "\033[?1002l"}},
    {"cursor", {"\033[?25l", "\033[?25h\033[5 q", "\033[2 q"}},
    {"title", {"\033]2;a title\007", "\033]0;b \xc3\xa4\033\\"}},
    {"reverse screen", {"abc\033[?5h", "def", "\033[?5l"}},
    {"reset", {"\033[?1049h\033[31mX\033[?1h\033[?1002h", "\033c", "y"}},
    {"tabs and erasing", {"a\tb\tc\033[1K", "\033[2;3H\033[1Jx\033[3P\033[2@"}},
    {"deleted lines", {"1\r\n2\r\n3\r\n4", "\033[2;1H\033[M", "\033[L"}},
    {"repeated", {"\033[7b\xe2\x94", "\x80", "\033[5b\r\nx\033[b\033[b",
	"y\033[300b"}},
    {"cut sequences", {"\033[3", "1mred\033", "[0m\033]2;ti", "tle\007"}},
};

/* From the start, in pieces, in a larger emulator, and attached at the end. */
static void
check_output(const char *name, const char *const parts[4], int more_rows,
    int more_columns, size_t step)
{
	struct screen screen, emulator, late;
	struct view view, late_view;

	assert(screen_init(&screen, ROWS, COLUMNS) == 0);
	assert(screen_init(&emulator, ROWS + more_rows,
	    COLUMNS + more_columns) == 0);
	assert(screen_init(&late, ROWS + more_rows, COLUMNS + more_columns) ==
	    0);
	write_text(&emulator, "what was there\r\nbefore\033[3;4H");
	view_init(&view, &screen, ROWS + more_rows, COLUMNS + more_columns);
	bring(&view, &emulator, step);
	for (int i = 0; i < 4 && parts[i] != NULL; i++) {
		write_text(&screen, parts[i]);
		bring(&view, &emulator, step);
		assert_same(name, &screen, &emulator);
	}
	view_init(&late_view, &screen, ROWS + more_rows,
	    COLUMNS + more_columns);
	bring(&late_view, &late, step);
	assert_same(name, &screen, &late);
	view_fini(&view);
	view_fini(&late_view);
	screen_fini(&screen);
	screen_fini(&emulator);
	screen_fini(&late);
}

static void
write_lines(struct screen *screen, int from, int to)
{
	char line[32];

	for (int i = from; i <= to; i++) {
		snprintf(line, sizeof line, "line %d\r\n", i);
		write_text(screen, line);
	}
}

/* The last lines of an emulator's own scrollback are these, in this order. */
static void
assert_scrollback(struct screen *emulator, int from, int to)
{
	struct history *history = &emulator->history;
	char wanted[32];

	assert(history->end - history->first >= (uint64_t)(to - from + 1));
	for (int i = from; i <= to; i++) {
		const struct history_line *line = history_line(history,
		    history->end - (uint64_t)(to - i + 1));

		snprintf(wanted, sizeof wanted, "line %d", i);
		if (line->size != strlen(wanted) ||
		    memcmp(line->data, wanted, line->size) != 0)
			fprintf(stderr, "'%.*s' is not '%s'\n",
			    (int)line->size, (const char *)line->data, wanted);
		assert(line->size == strlen(wanted) &&
		    memcmp(line->data, wanted, line->size) == 0);
	}
}

/* Each line that leaves the screen comes by the emulator's scrollback once. */
static void
test_scrollback(int more_rows)
{
	struct screen screen, emulator, late;
	struct view view, late_view;

	assert(screen_init(&screen, ROWS, COLUMNS) == 0);
	assert(screen_init(&emulator, ROWS + more_rows, COLUMNS) == 0);
	assert(screen_init(&late, ROWS + more_rows, COLUMNS) == 0);
	view_init(&view, &screen, ROWS + more_rows, COLUMNS);
	bring(&view, &emulator, SIZE_MAX);
	for (int i = 1; i <= 300; i += 1 + i % 13) {
		write_lines(&screen, i, i + i % 13);
		bring(&view, &emulator, SIZE_MAX);
	}
	assert_same("scrollback", &screen, &emulator);
	assert(emulator.history.end == screen.history.end);
	assert_scrollback(&emulator, 1, (int)screen.history.end);
	view_init(&late_view, &screen, ROWS + more_rows, COLUMNS);
	bring(&late_view, &late, SIZE_MAX);
	assert_scrollback(&late, 1, (int)screen.history.end);
	/* Attached while another program has the screen. */
	view_fini(&late_view);
	screen_fini(&late);
	write_text(&screen, "\033[?1049h\033[Hvi");
	assert(screen_init(&late, ROWS + more_rows, COLUMNS) == 0);
	view_init(&late_view, &screen, ROWS + more_rows, COLUMNS);
	bring(&late_view, &late, SIZE_MAX);
	assert_scrollback(&late, 1, (int)screen.history.end);
	view_fini(&view);
	view_fini(&late_view);
	screen_fini(&screen);
	screen_fini(&emulator);
	screen_fini(&late);
}

/* A reader that is stuck costs one frame, and then sees the newest state. */
static void
test_slow_reader(void)
{
	struct screen screen, emulator;
	struct view view;
	size_t size;

	assert(screen_init(&screen, ROWS, COLUMNS) == 0);
	assert(screen_init(&emulator, ROWS, COLUMNS) == 0);
	view_init(&view, &screen, ROWS, COLUMNS);
	screen_settle(&screen);
	assert(view_draw(&view));
	size = view.frame.size;
	for (int i = 0; i < 30; i++) {
		write_lines(&screen, i * 1000 + 1, (i + 1) * 1000);
		screen_settle(&screen);
		assert(view_draw(&view) && view.frame.size == size);
	}
	assert(screen.history.end - screen.history.first ==
	    HISTORY_LINES_MAX);
	bring(&view, &emulator, 1000);
	assert_same("slow", &screen, &emulator);
	assert_scrollback(&emulator, 20001, (int)screen.history.end);
	view_fini(&view);
	screen_fini(&screen);
	screen_fini(&emulator);
}

static void
test_resize(void)
{
	static const int sizes[][2] = {{8, 20}, {3, 40}, {24, 80}, {2, 2},
	    {24, 10}, {24, 80}};
	struct screen screen, emulator;
	struct view view;

	assert(screen_init(&screen, ROWS, COLUMNS) == 0);
	assert(screen_init(&emulator, ROWS, COLUMNS) == 0);
	view_init(&view, &screen, ROWS, COLUMNS);
	write_lines(&screen, 1, 20);
	bring(&view, &emulator, SIZE_MAX);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert(screen_resize(&emulator, sizes[i][0], sizes[i][1]) == 0);
		assert(screen_resize(&screen, sizes[i][0], sizes[i][1]) == 0);
		view_resize(&view, sizes[i][0], sizes[i][1]);
		bring(&view, &emulator, 7);
		assert_same("resized", &screen, &emulator);
		write_lines(&screen, 21, 23);
		bring(&view, &emulator, 7);
		assert_same("after it", &screen, &emulator);
	}
	/* Another attachment became smaller: the rest is blank. */
	assert(screen_resize(&screen, 10, 30) == 0);
	bring(&view, &emulator, 7);
	assert_same("smaller", &screen, &emulator);
	assert(screen_resize(&screen, 1, 100000) == 0);
	assert(screen.rows == SCREEN_ROWS_MIN &&
	    screen.columns == SCREEN_COLUMNS_MAX);
	view_fini(&view);
	screen_fini(&screen);
	screen_fini(&emulator);
}

static void
test_end(void)
{
	struct screen screen, emulator;
	struct view view;

	assert(screen_init(&screen, ROWS, COLUMNS) == 0);
	assert(screen_init(&emulator, ROWS + 4, COLUMNS) == 0);
	view_init(&view, &screen, ROWS + 4, COLUMNS);
	write_text(&screen, "$ \033[?1049h\033[?1h\033=\033[?1002h\033[?1006h"
	    "\033[?2004h\033[?25l\033[6 q\033[31mX");
	bring(&view, &emulator, 1);
	assert(view_end(&view, "gone"));
	bring(&view, &emulator, SIZE_MAX);
	screen_settle(&emulator);
	assert(!emulator.is_alternate && emulator.modes.shows_cursor &&
	    emulator.modes.mouse == 0 &&
	    !emulator.modes.has_application_cursor &&
	    !emulator.modes.has_application_keypad &&
	    !emulator.modes.has_bracketed_paste);
	view_fini(&view);
	screen_fini(&screen);
	screen_fini(&emulator);
}

/* Nothing that programs put into cells or titles is a control sequence. */
static void
test_no_controls(void)
{
	struct screen screen;
	struct view view;

	assert(screen_init(&screen, ROWS, COLUMNS) == 0);
	view_init(&view, &screen, ROWS, COLUMNS);
	write_text(&screen, "\xc2\x9b" "31m\xc2\x9d" "0;x\xc2\x9c"
	    "\033]2;a\x01\x1f" "b\007");
	screen_settle(&screen);
	assert(view_draw(&view));
	for (size_t i = 0; i + 1 < view.frame.size; i++)
		assert(view.frame.data[i] != 0xc2 ||
		    view.frame.data[i + 1] >= 0xa0);
	assert(memchr(view.frame.data, 1, view.frame.size) == NULL);
	view_fini(&view);
	screen_fini(&screen);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
		for (int more = 0; more < 3; more += 2)
			for (size_t step = 3; step < 2000; step *= 500)
				check_output(outputs[i].name,
				    outputs[i].parts, more, more, step);
	test_scrollback(0);
	test_scrollback(5);
	test_slow_reader();
	test_resize();
	test_end();
	test_no_controls();
	return 0;
}
