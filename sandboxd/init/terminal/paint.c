// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/terminal/paint.h"

#include <string.h>

#define FNV_PRIME	 UINT64_C(1099511628211)
#define WIDE_CONTINUED	 ((uint32_t)-1) /* libvterm: the cell's left half */
#define REPLACEMENT	 0xfffd
#define FIRST_WIDE	 0x1100 /* below, emulators agree about widths */
#define N_NORMAL_COLOURS 8
#define N_BRIGHT_COLOURS 16

/* What SGR sets; the rest of a cell is its characters. */
struct pen {
	VTermScreenCellAttrs attrs;
	VTermColor fg, bg;
};

static bool
is_default(const VTermColor *colour)
{
	return VTERM_COLOR_IS_DEFAULT_FG(colour) ||
	    VTERM_COLOR_IS_DEFAULT_BG(colour);
}

static bool
is_same_colour(const VTermColor *a, const VTermColor *b)
{
	if (is_default(a) || is_default(b))
		return is_default(a) && is_default(b);
	return vterm_color_is_equal(a, b) != 0;
}

static bool
is_same_pen(const struct pen *a, const struct pen *b)
{
	return a->attrs.bold == b->attrs.bold &&
	    a->attrs.underline == b->attrs.underline &&
	    a->attrs.italic == b->attrs.italic &&
	    a->attrs.blink == b->attrs.blink &&
	    a->attrs.reverse == b->attrs.reverse &&
	    a->attrs.strike == b->attrs.strike &&
	    is_same_colour(&a->fg, &b->fg) && is_same_colour(&a->bg, &b->bg);
}

/*
 * base: 30 for the foreground, 40 for the background. A colour of five
 * parameters begins a sequence of its own: all together are more than the 16
 * that many emulators take.
 */
static void
add_colour(struct buffer *buffer, const VTermColor *colour, int base)
{
	int index = colour->indexed.idx;

	if (is_default(colour))
		return;
	if (VTERM_COLOR_IS_RGB(colour))
		buffer_add_format(buffer, "m\033[%d;2;%d;%d;%d", base + 8,
		    colour->rgb.red, colour->rgb.green, colour->rgb.blue);
	else if (index < N_NORMAL_COLOURS)
		buffer_add_format(buffer, ";%d", base + index);
	else if (index < N_BRIGHT_COLOURS)
		buffer_add_format(buffer, ";%d", base + 60 + index -
		    N_NORMAL_COLOURS);
	else
		buffer_add_format(buffer, ";%d;5;%d", base + 8, index);
}

static void
add_pen(struct buffer *buffer, const struct pen *pen)
{
	static const char *const underlines[] = {"", ";4", ";21", ";4:3"};

	buffer_add_text(buffer, "\033[0");
	if (pen->attrs.bold)
		buffer_add_text(buffer, ";1");
	if (pen->attrs.italic)
		buffer_add_text(buffer, ";3");
	buffer_add_text(buffer, underlines[pen->attrs.underline]);
	if (pen->attrs.blink)
		buffer_add_text(buffer, ";5");
	if (pen->attrs.reverse)
		buffer_add_text(buffer, ";7");
	if (pen->attrs.strike)
		buffer_add_text(buffer, ";9");
	add_colour(buffer, &pen->fg, 30);
	add_colour(buffer, &pen->bg, 40);
	buffer_add_text(buffer, "m");
}

/* Encodes a character; controls and what Unicode does not have is replaced. */
static void
add_character(struct buffer *buffer, uint32_t c)
{
	uint8_t bytes[4];
	size_t n;

	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c > 0x10ffff ||
	    (c >= 0xd800 && c < 0xe000))
		c = REPLACEMENT;
	if (c < 0x80) {
		bytes[0] = (uint8_t)c;
		buffer_add(buffer, bytes, 1);
		return;
	}
	n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--) {
		bytes[i] = (uint8_t)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	bytes[0] = (uint8_t)((0xf00 >> n) | c);
	buffer_add(buffer, bytes, n);
}

static bool
is_blank(const VTermScreenCell *cell)
{
	return cell->chars[0] == 0 && is_default(&cell->bg) &&
	    !cell->attrs.reverse && !cell->attrs.underline &&
	    !cell->attrs.strike;
}

/* Whether emulators may disagree how far the cursor moves for this cell. */
static bool
is_unsure(const VTermScreenCell *cell)
{
	return cell->chars[0] != 0 && cell->chars[0] != WIDE_CONTINUED &&
	    (cell->chars[0] >= FIRST_WIDE || cell->chars[1] != 0);
}

static void
add_cell(struct buffer *buffer, const VTermScreenCell *cell)
{
	/* Or the right half of one whose left half is gone. */
	if (cell->chars[0] == 0 || cell->chars[0] == WIDE_CONTINUED) {
		buffer_add_text(buffer, " ");
		return;
	}
	for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL &&
	    cell->chars[i] != 0; i++)
		add_character(buffer, cell->chars[i]);
}

void
paint_line(struct buffer *buffer, const VTermScreenCell *cells, int n_cells)
{
	const struct pen standard = {
	    .fg.type = VTERM_COLOR_DEFAULT_FG,
	    .bg.type = VTERM_COLOR_DEFAULT_BG,
	};
	struct pen pen = standard;
	int covered = 0; /* columns, by what was drawn */

	while (n_cells > 0 && is_blank(&cells[n_cells - 1]))
		n_cells--;
	for (int i = 0; i < n_cells; i++) {
		const VTermScreenCell *cell = &cells[i];
		const struct pen wanted = {cell->attrs, cell->fg, cell->bg};

		if (cell->chars[0] == WIDE_CONTINUED && i < covered)
			continue;
		covered = i + cell->width;
		if (!is_same_pen(&pen, &wanted))
			add_pen(buffer, &wanted);
		pen = wanted;
		add_cell(buffer, cell);
		if (is_unsure(cell) && covered < n_cells)
			buffer_add_format(buffer, "\033[%dG", covered + 1);
	}
	if (!is_same_pen(&pen, &standard))
		buffer_add_text(buffer, "\033[0m");
}

uint64_t
paint_hash(const struct buffer *buffer)
{
	uint64_t hash = PAINT_BLANK;

	for (size_t i = 0; i < buffer->size; i++)
		hash = (hash ^ buffer->data[i]) * FNV_PRIME;
	return hash;
}
