// SPDX-License-Identifier: Apache-2.0
/*
 * Output of programs, changes of size and slow readers, to the screen of a
 * terminal that stays. A second emulator is sent what a view of it draws, and
 * in the end must look the same; where all is ASCII, that is, for libvterm 0.1
 * itself does not draw combining characters in the last column twice alike.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandboxd/init/terminal/view.h"

#define ROWS	6
#define COLUMNS 16
#define ORDER	0xff /* in no UTF-8: the next byte is an order */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct screen screen, emulator;
	struct view view;
	size_t answered_bytes;
};

static void
take_answer(const char *data, size_t size, void *user)
{
	struct world *w = user;

	(void)data;
	w->answered_bytes += size;
}

/* Lets the emulator have the next frame; whether there may be more. */
static bool
bring(struct world *w)
{
	size_t n;

	screen_settle(&w->screen);
	assert(view_draw(&w->view));
	n = w->view.frame.size;
	screen_write(&w->emulator, w->view.frame.data, n);
	view_take(&w->view, n);
	return n > 0;
}

static void
resize(struct world *w, uint8_t order)
{
	int rows = 1 + (order & 15), columns = 1 + 2 * (order >> 4 & 7);

	assert(screen_resize(&w->screen, rows, columns) == 0);
	if ((order & 128) == 0) {
		assert(screen_resize(&w->emulator, w->screen.rows,
		    w->screen.columns) == 0);
	} else {
		assert(screen_resize(&w->emulator, w->screen.rows + 3,
		    w->screen.columns + 5) == 0);
	}
	view_resize(&w->view, w->emulator.rows, w->emulator.columns);
}

static void
feed(struct world *w, const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size, *order;

	while (data < end) {
		order = memchr(data, ORDER, (size_t)(end - data));
		if (order == NULL)
			order = end;
		screen_write(&w->screen, data, (size_t)(order - data));
		assert(w->screen.history.bytes <= HISTORY_BYTES_MAX);
		data = order;
		if (end - data < 2)
			return;
		if (data[1] < 128 || data[1] % 2 == 0)
			(void)bring(w);
		else
			resize(w, (uint8_t)(data[1] * 7 / 2));
		data += 2;
	}
}

static void
print_row(const char *who, const struct screen_row *row)
{
	fprintf(stderr, "%s: ", who);
	for (size_t i = 0; i < row->painted.size; i++)
		fprintf(stderr, "%02x ", row->painted.data[i]);
	fprintf(stderr, "\n");
}

static void
check_row(const struct screen_row *shown, const struct screen_row *drawn)
{
	if (shown->hash == drawn->hash)
		return;
	print_row("shown", shown);
	print_row("drawn", drawn);
	assert(shown->hash == drawn->hash);
}

static bool
is_comparable(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] == ORDER)
			i++;
		else if (data[i] >= 0x80)
			return false;
	return true;
}

static void
compare(struct world *w)
{
	screen_settle(&w->screen);
	screen_settle(&w->emulator);
	for (int row = 0; row < w->screen.rows; row++)
		check_row(&w->screen.lines[row], &w->emulator.lines[row]);
	assert(w->screen.is_alternate == w->emulator.is_alternate);
	assert(w->screen.modes.mouse == w->emulator.modes.mouse);
	assert(strcmp(w->screen.title, w->emulator.title) == 0);
	assert(w->screen.probe_size <= sizeof w->screen.probe);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;

	assert(screen_init(&w.screen, ROWS, COLUMNS) == 0);
	assert(screen_init(&w.emulator, ROWS, COLUMNS) == 0);
	w.screen.answer = take_answer;
	w.screen.user = &w;
	view_init(&w.view, &w.screen, ROWS, COLUMNS);
	feed(&w, data, size);
	while (bring(&w))
		;
	if (is_comparable(data, size))
		compare(&w);
	assert(view_end(&w.view, "bye"));
	view_fini(&w.view);
	screen_fini(&w.screen);
	screen_fini(&w.emulator);
	return 0;
}
