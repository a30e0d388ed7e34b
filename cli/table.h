// SPDX-License-Identifier: Apache-2.0
/* Plain aligned tables, and values as people read them. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 10
#define TABLE_CELL_SIZE	  256
#define HUMAN_SIZE	  32

struct table;

/* An empty table; the header's n strings are copied. NULL: out of memory. */
struct table *table_new(const char *const *header, size_t n);
void table_free(struct table *table);

/*
 * Adds a row of as many strings as there are columns, copied and cut at
 * TABLE_CELL_SIZE, with escapes for what a terminal would obey (plain.h). 0 or
 * -ENOMEM.
 */
int table_add(struct table *table, const char *const *cells);

/* Prints it, the header in bold where `file` is a terminal. */
void table_print(const struct table *table, FILE *file);

/* "512M", "1.5G". */
void human_size(double bytes, char ret[HUMAN_SIZE]);

/*
 * An RFC 3339 time as "3 minutes ago" or "in 5 days"; "never" for "", and the
 * text itself where it is no time.
 */
void human_time(const char *rfc3339, uint64_t now_ms, char ret[HUMAN_SIZE]);
