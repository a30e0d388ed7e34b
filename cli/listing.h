// SPDX-License-Identifier: Apache-2.0
/* Collections of the API as tables. */
#pragma once

#include "cli/api.h"
#include "cli/table.h"

enum listing_kind {
	LISTING_TEXT,
	LISTING_NUMBER,
	LISTING_BYTES,
	LISTING_SECONDS, /* of a number of milliseconds */
	LISTING_TIME,
	LISTING_BOOLEAN,
};

struct listing_column {
	const char *title; /* NULL after the last */
	const char *member; /* of a row; dotted, as in api.h */
	enum listing_kind kind;
};

struct listing {
	const char *path; /* of the API */
	const char *member; /* the array in its answer */
	struct listing_column columns[TABLE_COLUMNS_MAX + 1];
};

/* Prints an array of rows on stdout; where there is no memory, nothing. */
void listing_print(const struct listing *listing, const json_t *array);

/* Prints an array of what a search found, a line each, as grep does: "path",
 * and where "line" says that it is in it, that and "text". */
void listing_print_found(const json_t *array);

/*
 * Gets the collection and prints the answer: as it came under --json, else as
 * a table. Returns the verb's exit status.
 */
int listing_show(const struct listing *listing, const struct cli *cli);
