// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/plain.h"
#include "common/timestamp.h"

#define COLUMN_GAP 2

struct table {
	size_t n_columns, n_rows, room; /* rows include the header */
	int widths[TABLE_COLUMNS_MAX];	/* in characters */
	char (*cells)[TABLE_CELL_SIZE];	/* n_rows * n_columns */
};

/* Characters of a UTF-8 text: bytes that do not continue one. */
static int
width_of(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

struct table *
table_new(const char *const *header, size_t n)
{
	struct table *table = calloc(1, sizeof *table);

	if (table == NULL)
		return NULL;
	table->n_columns = n;
	if (table_add(table, header) < 0) {
		table_free(table);
		return NULL;
	}
	return table;
}

void
table_free(struct table *table)
{
	if (table == NULL)
		return;
	free(table->cells);
	free(table);
}

static void
set_cell(char cell[TABLE_CELL_SIZE], const char *text)
{
	plain_copy(cell, TABLE_CELL_SIZE, *text != '\0' ? text : "-");
}

int
table_add(struct table *table, const char *const *cells)
{
	size_t n = table->n_columns;

	if (table->n_rows == table->room) {
		size_t room = table->room ? 2 * table->room : 16;
		void *grown = reallocarray(table->cells, room * n,
		    sizeof *table->cells);

		if (grown == NULL)
			return -ENOMEM;
		table->cells = grown;
		table->room = room;
	}
	for (size_t i = 0; i < n; i++) {
		char *cell = table->cells[table->n_rows * n + i];
		int width;

		set_cell(cell, cells[i]);
		width = width_of(cell);
		if (width > table->widths[i])
			table->widths[i] = width;
	}
	table->n_rows++;
	return 0;
}

void
table_print(const struct table *table, FILE *file)
{
	bool is_bold = isatty(fileno(file)) && getenv("NO_COLOR") == NULL;

	for (size_t row = 0; row < table->n_rows; row++) {
		if (row == 0 && is_bold)
			fputs("\033[1m", file);
		for (size_t i = 0; i < table->n_columns; i++) {
			const char *cell =
			    table->cells[row * table->n_columns + i];

			fputs(cell, file);
			if (i + 1 < table->n_columns)
				fprintf(file, "%*s", table->widths[i] -
				    width_of(cell) + COLUMN_GAP, "");
		}
		fputs(row == 0 && is_bold ? "\033[0m\n" : "\n", file);
	}
}

void
human_size(double bytes, char ret[HUMAN_SIZE])
{
	static const char units[] = "BKMGTP";
	size_t unit = 0;

	while (bytes >= 1024 && unit + 2 < sizeof units) {
		bytes /= 1024;
		unit++;
	}
	snprintf(ret, HUMAN_SIZE, "%.*f%c",
	    bytes < 10 && bytes != (double)(int)bytes ? 1 : 0, bytes,
	    units[unit]);
}

void
human_time(const char *rfc3339, uint64_t now_ms, char ret[HUMAN_SIZE])
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = {{"year", 31536000}, {"month", 2592000}, {"day", 86400},
	    {"hour", 3600}, {"minute", 60}, {"second", 1}};
	uint64_t then_ms, seconds, n;
	size_t i = 0;
	bool is_past;

	if (*rfc3339 == '\0' || timestamp_parse(rfc3339, &then_ms) < 0) {
		snprintf(ret, HUMAN_SIZE, "%s", *rfc3339 ? rfc3339 : "never");
		return;
	}
	is_past = then_ms <= now_ms;
	seconds = (is_past ? now_ms - then_ms : then_ms - now_ms) / 1000;
	if (seconds == 0) {
		snprintf(ret, HUMAN_SIZE, "now");
		return;
	}
	while (seconds < units[i].seconds)
		i++;
	n = seconds / units[i].seconds;
	snprintf(ret, HUMAN_SIZE, "%s%llu %s%s%s", is_past ? "" : "in ",
	    (unsigned long long)n, units[i].name, n == 1 ? "" : "s",
	    is_past ? " ago" : "");
}
