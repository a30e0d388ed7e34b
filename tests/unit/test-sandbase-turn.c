// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/sandbase/turn.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the lines come to: an array, or NULL. */
static json_t *
events_of(const char *lines, bool *ret_has_more)
{
	char *text = strdup(lines), *at = text;
	json_t *list = json_array();
	struct turn turn;
	int r;

	while ((r = turn_next(&at, &turn, ret_has_more)) > 0)
		if ((r = turn_events(&turn, "sb-1", list)) < 0)
			break;
	free(text);
	if (r == 0)
		return list;
	assert(r == -EBADMSG);
	json_decref(list);
	return NULL;
}

static void
is(const char *lines, const char *wanted)
{
	bool has_more;
	json_t *list = events_of(lines, &has_more);
	char *text = json_dumps(list, JSON_COMPACT);

	if (text == NULL || strcmp(text, wanted) != 0)
		fprintf(stderr, "%s\nis     %s\nwanted %s\n", lines,
		    text != NULL ? text : "nothing", wanted);
	assert(text != NULL && strcmp(text, wanted) == 0);
	free(text);
	json_decref(list);
}

#define SAID                                                                   \
	"{\"type\":\"message\",\"role\":\"user\",\"content\":\"a\","           \
	"\"id\":\"1.0\",\"session_id\":\"sb-1\","                              \
	"\"created_at\":\"1970-01-01T00:00:01.000Z\"}"
#define AT(id)                                                                 \
	",\"id\":\"" id "\",\"session_id\":\"sb-1\","                          \
	"\"created_at\":\"1970-01-01T00:00:02.000Z\"}"

static void
test_events(void)
{
	is("", "[]");
	/* Not answered yet. */
	is("turn 1 1 - - 3 YQ== Yg== -\n", "[" SAID "]");
	/* A text; its last ends of lines are none of it. */
	is("turn 1 1 2 0 4 YQ== YgpjCg== -\n", "[" SAID
	    ",{\"type\":\"message\",\"role\":\"assistant\","
	    "\"content\":\"b\\nc\"" AT("1.1") "]");
	/* {"type":"x"}\n{"type":"y","id":"z"}: events of its own. */
	is("turn 1 1 2 0 4 YQ== eyJ0eXBlIjoieCJ9CnsidHlwZSI6InkifQo= -\n",
	    "[" SAID ",{\"type\":\"x\"" AT("1.1") ",{\"type\":\"y\""
	    AT("1.2") "]");
	/* An object without a type is a text. */
	is("turn 1 1 2 0 4 YQ== e30= -\n", "[" SAID
	    ",{\"type\":\"message\",\"role\":\"assistant\","
	    "\"content\":\"{}\"" AT("1.1") "]");
	is("turn 1 1 2 3 0 YQ== - Yg==\n", "[" SAID
	    ",{\"type\":\"error\",\"message\":\"b\",\"exit_code\":3"
	    AT("1.1") "]");
	/* Bytes that are no UTF-8. */
	is("turn 1 1 2 0 1 YQ== /w== -\n", "[" SAID
	    ",{\"type\":\"message\",\"role\":\"assistant\","
	    "\"content\":\"\xef\xbf\xbd\"" AT("1.1") "]");
}

static void
test_more(void)
{
	bool has_more = false;
	json_t *list = events_of("turn 1 1 - - 3 YQ== - -\nmore\n", &has_more);

	assert(has_more && json_array_size(list) == 1);
	json_decref(list);
}

static void
test_malformed(void)
{
	static const char *const lines[] = {"turn\n", "turn 1 1 2 0 4 YQ== -\n",
	    "turn 1 1 2 0 4 YQ== - - -\n", "turn x 1 2 0 4 YQ== - -\n",
	    "turn 1 1 2 0 4 Y - -\n", "turn 1 1 2 -1 4 YQ== - -\n",
	    "turns 1 1 2 0 4 YQ== - -\n", "turn 1 1 2 99999999999 4 YQ== - -",
	    "ls: cannot\n"};
	bool has_more;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert(events_of(lines[i], &has_more) == NULL);
}

int
main(void)
{
	test_events();
	test_more();
	test_malformed();
	return 0;
}
