// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/aliases.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"

#define SEPARATORS ", \t"

const char *
alias_find(const char *list, const char *name, char room[ALIAS_SIZE])
{
	const size_t size = strlen(name);

	for (const char *p = list; *(p += strspn(p, SEPARATORS)) != '\0';
	    p += strcspn(p, SEPARATORS)) {
		size_t n = strcspn(p, "=" SEPARATORS);

		if (n != size || p[n] != '=' || strncmp(p, name, n) != 0)
			continue;
		snprintf(room, ALIAS_SIZE, "%.*s",
		    (int)strcspn(p + n + 1, SEPARATORS), p + n + 1);
		return room;
	}
	return name;
}

const char *
alias_of(const char *list, const char *target, char room[ALIAS_SIZE])
{
	const size_t size = strlen(target);

	for (const char *p = list; *(p += strspn(p, SEPARATORS)) != '\0';
	    p += strcspn(p, SEPARATORS)) {
		const size_t n = strcspn(p, "=" SEPARATORS);

		if (p[n] != '=' || strcspn(p + n + 1, SEPARATORS) != size ||
		    strncmp(p + n + 1, target, size) != 0)
			continue;
		snprintf(room, ALIAS_SIZE, "%.*s", (int)n, p);
		return room;
	}
	return target;
}

static int
check(const char *key, const char *list, struct err *err)
{
	for (const char *p = list; *(p += strspn(p, SEPARATORS)) != '\0';) {
		const size_t n = strcspn(p, SEPARATORS);
		const char *equals = memchr(p, '=', n);
		char target[ALIAS_SIZE] = "";

		if (equals != NULL)
			snprintf(target, sizeof target, "%.*s",
			    (int)(p + n - equals - 1), equals + 1);
		if (equals == NULL || equals == p || !name_is_valid(target))
			return err_set(err, EINVAL,
			    "[http] %s: \"%.*s\" is not NAME=TEMPLATE", key,
			    (int)(n < 60 ? n : 60), p);
		p += n;
	}
	return 0;
}

int
aliases_check(const struct http_conf *conf, struct err *err)
{
	const struct {
		const char *key, *list;
	} rows[] = {
	    {"aliases_zwrm", conf->aliases_zwrm},
	    {"aliases_sandbase", conf->aliases_sandbase},
	    {"aliases_e2b", conf->aliases_e2b},
	    {"aliases_sandbox0", conf->aliases_sandbox0},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof rows / sizeof *rows; i++)
		r = check(rows[i].key, rows[i].list, err);
	return r;
}
