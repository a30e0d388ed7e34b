// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/aliases.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static void
test_find(void)
{
	static const struct {
		const char *list, *name, *found;
	} rows[] = {
	    {"", "python", "python"},
	    {"python=base", "python", "base"},
	    {"node=js, python=base", "python", "base"},
	    {"node=js,\tpython=base", "node", "js"},
	    {"python3=base", "python", "python"},
	    {"pyth=base", "python", "python"},
	    {"a=python,python=b", "a", "python"},
	    {",, a=b ,", "a", "b"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char room[ALIAS_SIZE];

		assert(strcmp(alias_find(rows[i].list, rows[i].name, room),
		    rows[i].found) == 0);
	}
}

static void
test_of(void)
{
	static const struct {
		const char *list, *target, *found;
	} rows[] = {
	    {"", "base", "base"},
	    {"python=base", "base", "python"},
	    {"node=js, default=base,a=base", "base", "default"},
	    {"a=base2", "base", "base"},
	    {"a=bas", "base", "base"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char room[ALIAS_SIZE];

		assert(strcmp(alias_of(rows[i].list, rows[i].target, room),
		    rows[i].found) == 0);
	}
}

static void
test_check(void)
{
	static const struct {
		const char *list;
		int result;
	} rows[] = {
	    {"", 0}, {"a=b", 0}, {" a=b, c-1=d.e ", 0}, {"a", -22},
	    {"=b", -22}, {"a=", -22}, {"a=B", -22}, {"a=b c", -22},
	    {"a=b=c", -22},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_conf conf = {0};
		struct err err = {0};

		snprintf(conf.aliases_e2b, sizeof conf.aliases_e2b, "%s",
		    rows[i].list);
		assert(aliases_check(&conf, &err) == rows[i].result);
		assert(rows[i].result == 0 ||
		    strstr(err.text, "aliases_e2b") != NULL);
	}
}

int
main(void)
{
	test_find();
	test_of();
	test_check();
	return 0;
}
