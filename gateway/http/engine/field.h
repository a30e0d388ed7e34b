// SPDX-License-Identifier: Apache-2.0
/*
 * The fields of a JSON object as a table: what a request's body is checked by,
 * what a reply is made of, and what docs/openapi.yaml says of both.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/rpc.h"
#include "gateway/http/engine/failure.h"

#define FIELD_DEPTH_MAX		16 /* of nested arrays and objects */
#define FIELD_VARIABLES_MAX	256
#define FIELD_VARIABLES_SIZE	65536
#define FIELD_DIGITS_SIZE	24
#define FIELD_MAP_NAME_MAX	128
#define FIELD_STRINGS_SIZE	65536 /* of all strings of one field */

enum field_type {
	/* const char *, of at most max bytes, no control characters; absent:
	 * NULL. As output, "" is null where the field may be. */
	FIELD_STRING,
	/* const char *, of at most max bytes, all but zero ones allowed;
	 * absent: NULL. Input alone. */
	FIELD_TEXT,
	FIELD_NAME,    /* const char *, as name_is_valid has it; absent: "" */
	FIELD_U32,     /* uint32_t and uint64_t, from min to max; absent: 0 */
	FIELD_U64,
	/* uint64_t bytes: NAME_bytes, a number, or NAME, a string with K, M, G
	 * or T; output is NAME_bytes alone. */
	FIELD_SIZE,
	FIELD_MILLIS,  /* uint32_t thousandths of a number that may have a
			* fraction, from min to max */
	/* uint64_t seconds, a number or a string with s, m, h or d, up to max;
	 * absent: 0; 0: FIELD_NEVER. Output is a number, 0 is null. */
	FIELD_SECONDS,
	FIELD_BOOLEAN, /* uint32_t, an enum field_boolean */
	FIELD_TIME,    /* output: uint64_t Unix milliseconds; 0 is null */
	FIELD_VARIABLES, /* struct field_variables, an object of strings; as
			  * output names are at most 255 bytes */
	FIELD_DIGITS,  /* struct field_digits, a number or a string of digits */
	/* struct rpc_strv; input: from min to max strings, owned; absent: none.
	 * As output, none are null where the field may be. */
	FIELD_STRINGS,
	/* struct field_ranges, of at most max: numbers, and "8000-8010"; the
	 * same of none */
	FIELD_RANGES,
	/* struct field_objects of the field's table: one, or at most max */
	FIELD_OBJECT,
	FIELD_OBJECTS,
	/* char *, an object of strings as JSON of at most max bytes, its names
	 * sorted and not longer than FIELD_MAP_NAME_MAX; input: owned, absent:
	 * NULL; output: "" is {} */
	FIELD_MAP,
	FIELD_JSON, /* char *, any value, as JSON of at most max bytes; input:
		     * owned, absent: NULL; output: "" is null */
	FIELD_WORDS, /* input: struct field_variables, a list of strings, in
		      * all at most max bytes */
	N_FIELD_TYPE
};

#define FIELD_NEVER UINT64_MAX

enum field_boolean { FIELD_UNSAID, FIELD_FALSE, FIELD_TRUE };

/* Strings with their terminators, packed; of variables "NAME=value". */
struct field_variables {
	char *data; /* owned; field_fini */
	uint32_t size, count;
};

struct field_digits {
	const char *text; /* NULL where it is absent */
	char of_number[FIELD_DIGITS_SIZE];
};

struct field_range {
	uint32_t first, last;
};

struct field_ranges {
	struct field_range *items; /* owned; field_fini */
	uint32_t count;
};

struct field_objects {
	void *items; /* structs of a table; owned; field_fini */
	uint32_t count; /* 0: absent */
};

struct field_table;

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	uint64_t min, max;
	const char *text;     /* one line about it */
	const char *required; /* input: has to be given; what it looks like.
			       * As output, in openapi.yaml alone: of a table
			       * that has such, the others may be absent */
	const char *group;    /* output: of a nested object of this name */
	/* Output: "" is null. Of SECONDS as input: null is FIELD_NEVER, and
	 * not as if it were absent. */
	bool is_nullable;
	const char *const *words; /* of a U32: what each number is called;
				   * ends with NULL */
	const struct field_table *table; /* of OBJECT and OBJECTS */
};

struct field_table {
	const char *name; /* of the schema */
	const struct field *fields;
	size_t n_fields;
	size_t struct_size;
};

/* A row for the field `name` of a table called `table` of struct s. */
#define FIELD_TABLE(table, s, rows)                                            \
	const struct field_table table = {#table, rows,                        \
	    sizeof rows / sizeof *rows, sizeof(s)}

/*
 * Parses a body of at most `size` bytes into *ret, an object of the caller's;
 * an empty body is the empty object. 400 for anything else, for duplicate
 * names and for deep nesting.
 */
int field_parse(const char *text, size_t size, json_t **ret,
    struct failure *failure);

/*
 * Checks an object against a table: no other names, each value of its type and
 * within its limits. *ret has table->struct_size bytes, zeroed by the caller;
 * strings point into the object. Free with field_fini, also after a failure,
 * which names the field and what is allowed.
 */
int field_read(const struct field_table *table, const json_t *object,
    void *ret, struct failure *failure);
void field_fini(const struct field_table *table, void *data);

/* An object of what is in *data; NULL: out of memory, or not UTF-8. */
json_t *field_print(const struct field_table *table, const void *data);

/* A time as FIELD_TIME is printed: 0 is null. */
json_t *field_time(uint64_t unix_ms);

/* Whether the table has a field that requests call so; and that a path such as
 * "rules[0].ports" begins with. */
bool field_has(const struct field_table *table, const char *name);
bool field_has_path(const struct field_table *table, const char *path);
