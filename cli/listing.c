// SPDX-License-Identifier: Apache-2.0
#include "cli/listing.h"

#include <stdio.h>

#include "common/clock.h"

/* The text of a cell; `room` is for what is not text already. */
static const char *
format_cell(const struct listing_column *column, const json_t *row,
    uint64_t now_ms, char room[HUMAN_SIZE])
{
	double number = api_number(row, column->member);

	switch (column->kind) {
	case LISTING_TEXT:
		return api_string(row, column->member);
	case LISTING_NUMBER:
		snprintf(room, HUMAN_SIZE, "%.0f", number);
		break;
	case LISTING_BYTES:
		human_size(number, room);
		break;
	case LISTING_SECONDS:
		snprintf(room, HUMAN_SIZE, "%.1f", number / 1000);
		break;
	case LISTING_TIME:
		human_time(api_string(row, column->member), now_ms, room);
		break;
	case LISTING_BOOLEAN:
		return api_is_true(row, column->member) ? "yes" : "no";
	}
	return room;
}

void
listing_print(const struct listing *listing, const json_t *array)
{
	const struct listing_column *columns = listing->columns;
	const char *cells[TABLE_COLUMNS_MAX];
	char rooms[TABLE_COLUMNS_MAX][HUMAN_SIZE];
	uint64_t now_ms = clock_unix_ms();
	struct table *table;
	const json_t *row;
	size_t i, n = 0;

	for (; columns[n].title != NULL; n++)
		cells[n] = columns[n].title;
	table = table_new(cells, n);
	if (table == NULL)
		return;
	json_array_foreach(array, i, row) {
		for (size_t c = 0; c < n; c++)
			cells[c] = format_cell(&columns[c], row, now_ms,
			    rooms[c]);
		(void)table_add(table, cells);
	}
	table_print(table, stdout);
	table_free(table);
}

void
listing_print_found(const json_t *array)
{
	const json_t *found;
	size_t i;

	json_array_foreach(array, i, found)
		if (api_number(found, "line") > 0)
			printf("%s:%.0f:%s\n", api_string(found, "path"),
			    api_number(found, "line"),
			    api_string(found, "text"));
		else
			printf("%s\n", api_string(found, "path"));
}

int
listing_show(const struct listing *listing, const struct cli *cli)
{
	auto_json json_t *answer = NULL;
	struct err err = {0};

	if (api_call(cli, "GET", listing->path, NULL, &answer, &err) < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	else
		listing_print(listing, json_object_get(answer,
		    listing->member));
	return CLI_OK;
}
